// Package tenant holds the operator's settings of each customer: it parses tenants.yaml and seals credentials.
//
// Parse reads the file and reports all problems at once, by line. Its result has two parts. The settings contain no
// secret; the store keeps them and each run reads them. Only a Keeper encodes the Credentials, and it encrypts them.
package tenant

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/roster"
)

const defaultRetention = 720 * time.Hour

// RetentionOf returns the retention in a tenant's stored settings. A dropped tenant has no settings; its retention is
// the default. It fails if the settings can't be decoded.
func RetentionOf(settings []byte) (time.Duration, error) {
	if len(settings) == 0 {
		return defaultRetention, nil
	}
	t, err := FromSettings(settings)
	if err != nil {
		return 0, err
	}
	return cmp.Or(t.Retention.Duration, defaultRetention), nil
}

// Tenant holds one customer's settings. Parse fills in every default, so a zero value means zero.
type Tenant struct {
	ID       string   `json:"id"`               // [a-z0-9-], 1 to 40
	Name     string   `json:"name"`             // display name; default the id
	Paused   bool     `json:"paused,omitempty"` // the tenant starts paused when `apply` creates it
	Schedule Schedule `json:"schedule"`

	// Exactly one of the two.
	Workday *Workday `json:"workday,omitempty"`
	WorkOS  *WorkOS  `json:"workos,omitempty"`

	// Fields maps a report column to the fields that it fills. An empty list means that the column is not used.
	Fields roster.FieldMap `json:"fields,omitempty"`
	// Primary is the column that `fields` maps to primary: it says which of several rows of a worker counts.
	Primary string `json:"primary,omitempty"`
	// Custom has the report column of each custom field. Fields has roster.Custom for each of these columns.
	Custom roster.CustomFields `json:"custom,omitempty"`
	// GroupColumns are the group report's columns that `fields` maps to group_name, sorted.
	GroupColumns []string `json:"group_columns,omitempty"`

	// Levels maps a management level, as written in the directory, to a role.
	Levels map[string]string `json:"levels,omitempty"`
	// Statuses and Locales map words of these columns, without case, to one of roster.Statuses and roster.Locales. The
	// word "*" stands for all others.
	Statuses roster.Words `json:"statuses,omitempty"`
	Locales  roster.Words `json:"locales,omitempty"`

	// Scope says which rows count.
	Scope roster.Scope `json:"scope,omitempty"`
	// Dates say when the start and the end dates of people take effect.
	Dates Dates `json:"dates,omitzero"`

	Guard   Guard    `json:"guard"`
	Grace   Duration `json:"grace"`   // how long a departed member is kept; default 720h; 0: deleted at once
	Stall   Duration `json:"stall"`   // a read without progress for this long fails; default 30m, 1m to 24h
	Compare Duration `json:"compare"` // longest time between full compares; default 168h; 0: in every sync
	// Retention is how long rows, issues and plans of runs, audit values and requesters' names are kept. The default is
	// 720h, the minimum 24h.
	Retention Duration `json:"retention"`

	Protected []Protected `json:"protected,omitempty"` // no sync deactivates or deletes them
	Sentinels []Person    `json:"sentinels,omitempty"` // a snapshot without one of them is incomplete

	// Maintenance windows are times in which failures neither alert nor count. The default is Workday's own window for
	// a Workday tenant, otherwise none.
	Maintenance []maintenance.Window `json:"maintenance,omitempty"`
	// Alerts receive changes of the tenant's condition. The default is the file's list.
	Alerts []Alert `json:"alerts,omitempty"`

	Credentials Credentials `json:"-"` // filled in by Parse only
}

// Schedule is when a tenant is synced.
type Schedule struct {
	Cron     string   `json:"cron"`     // five fields, or @hourly, @daily, @weekly, @monthly, @yearly
	Timezone string   `json:"timezone"` // IANA name; default UTC
	Jitter   Duration `json:"jitter"`   // largest random delay of a start; default 1m; 0: none; at most 1h
	// Catchup is how late Temporal may make up for a start that it missed while it was down. The default is 10m, the
	// range 10s to 168h.
	Catchup Duration `json:"catchup"`
}

// Workday is a directory read by RaaS.
type Workday struct {
	Users  string `json:"users"`            // URL of the user report
	Groups string `json:"groups,omitempty"` // URL of the group report; "": there is none

	OAuth *OAuth `json:"oauth,omitempty"` // nil: the reports are read with user name and password
}

// OAuth is an API client for integrations in Workday. Its secrets are among the Credentials.
type OAuth struct {
	TokenURL string `json:"token_url"`
	ClientID string `json:"client_id"`
	Subject  string `json:"subject,omitempty"` // the integration system user, for a private key; "": a refresh token is used
}

// WorkOS is a directory read through WorkOS Directory Sync.
type WorkOS struct {
	Directory string `json:"directory"` // id, such as "directory_01ECAZ4NV9QMV47GW873HDCX74"
}

// Guard limits what one day's syncs may do without approval. Of removals, the larger of Removals and Percent applies.
type Guard struct {
	Removals int      `json:"removals"` // default 10; 0: only Percent counts
	Percent  int      `json:"percent"`  // of the active members, 0 to 100; default 5; 0: only Removals counts
	Hold     Duration `json:"hold"`     // how long a held plan waits for a decision; default 72h, 1m to 720h

	// Limits on additions, and on changes of identities and lost values. The larger number of each counts. An earlier
	// release stored none: nil.
	Additions *GuardLimit `json:"additions_limit,omitempty"`
	Changes   *GuardLimit `json:"changes_limit,omitempty"`
	HoldFirst bool        `json:"hold_first,omitempty"` // the additions of a first load are held
}

// GuardLimit is a number and a share of the active members.
type GuardLimit struct {
	Count   int `json:"count"`
	Percent int `json:"percent"`
}

// Limits returns the limits as the guard takes them.
func (g Guard) Limits() guard.Limits {
	limits := guard.DefaultLimits
	limits.Removals, limits.Percent, limits.HoldFirst = g.Removals, float64(g.Percent), g.HoldFirst
	if of := g.Additions; of != nil {
		limits.Additions = &guard.Limit{Count: of.Count, Percent: float64(of.Percent)}
	}
	if of := g.Changes; of != nil {
		limits.Changes = &guard.Limit{Count: of.Count, Percent: float64(of.Percent)}
	}
	return limits
}

// Mappings returns the settings that say what the directory's columns and words mean.
func (t Tenant) Mappings() roster.Mappings {
	return roster.Mappings{
		Fields: t.Fields, Custom: t.Custom, Levels: t.Levels, Statuses: t.Statuses, Locales: t.Locales,
		Scope: t.Scope, Primary: t.Primary,
		Dates: roster.Dates{Lead: t.Dates.Lead, Zone: cmp.Or(t.Dates.Timezone, t.Schedule.Timezone)},
	}
}

// Kind returns the directory's source, "workday" or "workos".
func (t Tenant) Kind() string {
	if t.WorkOS != nil {
		return "workos"
	}
	return "workday"
}

// Settings encodes the tenant as JSON for the store, without secrets. Equal settings give equal bytes.
func (t Tenant) Settings() ([]byte, error) {
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("settings of tenant %s: %w", t.ID, err)
	}
	return settings, nil
}

// FromSettings decodes the result of Settings. The tenant has no credentials.
func FromSettings(settings []byte) (Tenant, error) {
	var t Tenant
	if err := json.Unmarshal(settings, &t); err != nil {
		return Tenant{}, fmt.Errorf("settings of a tenant: %w", err)
	}
	return t, nil
}

// Dates are a tenant's rules for start and end dates.
type Dates struct {
	Lead     int    `json:"lead,omitempty"`     // calendar days before the start date; default 0
	Timezone string `json:"timezone,omitempty"` // IANA name; default the Schedule's
}
