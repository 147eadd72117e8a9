// Package tenant is what an operator says of each customer: tenants.yaml, its checks, and credentials sealed at rest.
//
// Parse reads the file and says everything that is wrong with it at once, by line. What comes out goes two ways:
// Settings, without any secret, as the store keeps them and a run reads them; and Credentials, which only a Keeper
// turns into bytes.
package tenant

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/roster"
)

// defaultRetention is how long rows, issues and plans of runs, values of the audit and who asked are kept.
const defaultRetention = 720 * time.Hour

// RetentionOf is how long that is by a tenant's settings as they are kept. Of a dropped tenant there are none: what is left
// of it is kept as long as others' is. The error says what can't be read.
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

// Tenant is one customer's settings. Each field has its default filled in; zero means zero.
type Tenant struct {
	ID       string   `json:"id"`   // [a-z0-9-], 1 to 40
	Name     string   `json:"name"` // as people call it; default the id
	Schedule Schedule `json:"schedule"`

	// Exactly one of the two.
	Workday *Workday `json:"workday,omitempty"`
	WorkOS  *WorkOS  `json:"workos,omitempty"`

	Fields roster.FieldMap `json:"fields,omitempty"` // report column to the fields it fills; none: the column is not used
	// GroupColumns are the group report's columns that `fields` maps to group_name, sorted.
	GroupColumns []string `json:"group_columns,omitempty"`

	Levels map[string]string `json:"levels,omitempty"` // management level as written to role segment

	Guard     Guard    `json:"guard"`
	Grace     Duration `json:"grace"`     // how long a departed member is kept; default 720h; 0: deleted at once
	Stall     Duration `json:"stall"`     // a read without progress for so long fails; default 30m, 1m to 24h
	Compare   Duration `json:"compare"`   // at least so often members are compared in full; default 168h; 0: in every sync
	Retention Duration `json:"retention"` // how long rows, issues and plans of runs, values of the audit and who asked are kept; default 720h, at least 24h

	Protected []Protected `json:"protected,omitempty"` // no sync deactivates or deletes them
	Sentinels []Person    `json:"sentinels,omitempty"` // a snapshot that lacks one of them isn't complete

	// Maintenance are the hours in which failures neither alarm nor count; default Workday's own for a tenant on Workday, else none.
	Maintenance []maintenance.Window `json:"maintenance,omitempty"`
	// Alerts are told of changes of the tenant's condition; default those of the file.
	Alerts []Alert `json:"alerts,omitempty"`

	Credentials Credentials `json:"-"` // filled in by Parse only
}

// Schedule says when a tenant is synced.
type Schedule struct {
	Cron     string   `json:"cron"`     // five fields, or @hourly, @daily, @weekly, @monthly, @yearly
	Timezone string   `json:"timezone"` // IANA name; default UTC
	Jitter   Duration `json:"jitter"`   // each start is put off by up to so much; default 1m; 0: none; at most 1h
	Catchup  Duration `json:"catchup"`  // a start missed while Temporal was down is made up for so long; default 10m, 10s to 168h
}

// Workday is a directory read by RaaS.
type Workday struct {
	Users  string `json:"users"`            // URL of the report of people
	Groups string `json:"groups,omitempty"` // URL of the report of groups; empty: there is none
}

// WorkOS is a directory read through WorkOS Directory Sync.
type WorkOS struct {
	Directory string `json:"directory"` // its id, directory_…
}

// Guard limits what one day's syncs may remove without a person's consent: the larger of the two numbers.
type Guard struct {
	Removals int      `json:"removals"` // default 10; 0: only Percent counts
	Percent  int      `json:"percent"`  // of the active members, 0 to 100; default 5; 0: only Removals counts
	Hold     Duration `json:"hold"`     // how long a held plan waits for a person; default 72h, 1m to 720h
}

// Duration is a time.Duration that is written as text, as in "720h".
type Duration struct{ time.Duration }

// MarshalText writes it as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// Kind names the directory's source, "workday" or "workos".
func (t Tenant) Kind() string {
	if t.WorkOS != nil {
		return "workos"
	}
	return "workday"
}

// Settings is what the store keeps: JSON without secrets. Equal settings give equal bytes.
func (t Tenant) Settings() ([]byte, error) {
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("settings of tenant %s: %w", t.ID, err)
	}
	return settings, nil
}

// FromSettings reads what Settings wrote; the credentials are not in it.
func FromSettings(settings []byte) (Tenant, error) {
	var t Tenant
	if err := json.Unmarshal(settings, &t); err != nil {
		return Tenant{}, fmt.Errorf("settings of a tenant: %w", err)
	}
	return t, nil
}
