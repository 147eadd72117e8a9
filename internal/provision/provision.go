// Package provision applies tenants.yaml to an installation. It writes tenants and their encrypted credentials to the
// store, and search attributes and Schedules to Temporal. Applying the same file again changes nothing.
//
// The order of steps must not change: every tick must find a tenant that it can sync. So a tenant is stored before its
// Schedule is created, and its Schedule is deleted before its credentials.
package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// Store stores tenants.
type Store interface {
	// Tenant returns a tenant, also a dropped one. It returns ledger.ErrNotFound if the tenant never existed.
	Tenant(ctx context.Context, id string) (store.Tenant, error)
	// Tenants returns the tenants that are not dropped.
	Tenants(ctx context.Context) ([]store.Tenant, error)
	// PutTenant creates or updates a tenant. It keeps the stored credentials if t has none.
	PutTenant(ctx context.Context, t store.Tenant) (changed bool, err error)
	// DropTenant removes a tenant's credentials and keeps its members.
	DropTenant(ctx context.Context, id string) error
}

// Provisioner applies tenants to one installation. All fields but DropCustom are required.
type Provisioner struct {
	Store     Store
	Keeper    *tenant.Keeper
	Temporal  client.Client
	TaskQueue string

	// DropCustom removes the values of custom fields that a tenant's settings don't name. Nil: they are kept.
	DropCustom func(context.Context, tenant.Tenant) (ledger.CustomDropped, error)
}

// Applied says what Apply changed. Its JSON is the output of `starter apply -o json`.
type Applied struct {
	SearchAttributes []string        `json:"search_attributes"` // newly registered
	Watch            schedule.Change `json:"watch"`             // of the Schedule that looks for overdue syncs
	Retention        schedule.Change `json:"retention"`         // of the Schedule of the retention
	Tenants          []Tenant        `json:"tenants"`
}

// Tenant says what Apply changed of one tenant.
type Tenant struct {
	Tenant string   `json:"tenant"`
	Change Change   `json:"change"`
	What   []string `json:"what"` // any of settings, credentials, schedule
	Paused bool     `json:"paused"`

	DroppedCustom *ledger.CustomDropped `json:"dropped_custom,omitempty"` // with DropCustom
}

// Change says what Apply did to a tenant.
type Change string

// Values of Change.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Unchanged Change = "unchanged"
	Dropped   Change = "dropped"
	Unlisted  Change = "kept" // not in the file, left unchanged
)

// Apply creates and updates the Schedules of the installation, and tenants with their Schedules. With prune it drops
// all other tenants. If it returns an error, done has the changes made before it.
func (p Provisioner) Apply(ctx context.Context, tenants []tenant.Tenant, prune bool) (done Applied, err error) {
	if done.Watch, err = schedule.PutWatch(ctx, p.Temporal, p.TaskQueue); err != nil {
		return done, err
	}
	if done.Retention, err = schedule.PutRetention(ctx, p.Temporal, p.TaskQueue); err != nil {
		return done, err
	}
	done.Tenants = make([]Tenant, 0, len(tenants))
	for _, t := range tenants {
		one, err := p.put(ctx, t)
		if err != nil {
			return done, err
		}
		done.Tenants = append(done.Tenants, one)
	}
	rows, err := p.Store.Tenants(ctx)
	if err != nil {
		return done, fmt.Errorf("tenants: %w", err)
	}
	for _, row := range rows {
		if slices.ContainsFunc(tenants, func(t tenant.Tenant) bool { return t.ID == row.ID }) {
			continue
		}
		other := Tenant{Tenant: row.ID, Change: Unlisted}
		if prune {
			if other, err = p.drop(ctx, row.ID); err != nil {
				return done, err
			}
		}
		done.Tenants = append(done.Tenants, other)
	}
	return done, nil
}

// put stores one tenant, and then creates or updates its Schedule.
func (p Provisioner) put(ctx context.Context, t tenant.Tenant) (Tenant, error) {
	done := Tenant{Tenant: t.ID, Change: Unchanged, What: []string{}}
	old, err := p.Store.Tenant(ctx, t.ID)
	isNew := errors.Is(err, ledger.ErrNotFound)
	if err != nil && !isNew {
		return done, fmt.Errorf("tenant %s: %w", t.ID, err)
	}
	settings, err := t.Settings()
	if err != nil {
		return done, err
	}
	next := store.Tenant{ID: t.ID, Name: t.Name, Settings: settings}
	if isNew || old.Dropped || old.Name != t.Name || !bytes.Equal(old.Settings, settings) {
		done.What = append(done.What, "settings")
	}
	if next.Sealed, err = p.seal(ctx, t, old.Sealed); err != nil {
		return done, err
	}
	if next.Sealed != nil {
		done.What = append(done.What, "credentials")
	}
	if len(done.What) > 0 {
		if _, err := p.Store.PutTenant(ctx, next); err != nil {
			return done, fmt.Errorf("tenant %s: %w", t.ID, err)
		}
	}
	if p.DropCustom != nil {
		dropped, err := p.DropCustom(ctx, t)
		if err != nil {
			return done, fmt.Errorf("tenant %s: drop custom fields: %w", t.ID, err)
		}
		done.DroppedCustom = &dropped
	}
	change, paused, err := schedule.Put(ctx, p.Temporal, t, p.TaskQueue)
	if err != nil {
		return done, err
	}
	if done.Paused = paused; change != schedule.Unchanged {
		done.What = append(done.What, "schedule")
	}
	switch {
	case isNew || old.Dropped:
		done.Change = Created
	case len(done.What) > 0:
		done.Change = Updated
	}
	return done, nil
}

// drop deletes the Schedule of a tenant, and then its credentials.
func (p Provisioner) drop(ctx context.Context, id string) (Tenant, error) {
	if err := schedule.Drop(ctx, p.Temporal, id); err != nil {
		return Tenant{}, err
	}
	if err := p.Store.DropTenant(ctx, id); err != nil {
		return Tenant{}, fmt.Errorf("drop tenant %s: %w", id, err)
	}
	return Tenant{Tenant: id, Change: Dropped, What: []string{"credentials", "schedule"}}, nil
}

// seal encrypts a tenant's credentials. It returns nil if sealed already contains the same credentials.
func (p Provisioner) seal(ctx context.Context, t tenant.Tenant, sealed []byte) ([]byte, error) {
	if len(sealed) > 0 {
		old, err := p.Keeper.Open(ctx, t.ID, sealed)
		if err == nil && old.Equal(t.Credentials) {
			return nil, nil
		}
		if err != nil && !errors.Is(err, tenant.ErrWrongKey) {
			return nil, err
		}
	}
	return p.Keeper.Seal(ctx, t.ID, t.Credentials)
}

// Text describes for people what changed, in one line for each tenant and Schedule.
func (a Applied) Text() string {
	var text strings.Builder
	changed := false
	if len(a.SearchAttributes) > 0 {
		fmt.Fprintf(&text, "search attributes registered: %s\n", strings.Join(a.SearchAttributes, ", "))
		changed = true
	}
	for _, own := range []struct {
		what   string
		change schedule.Change
	}{{"watch for overdue syncs", a.Watch}, {"retention", a.Retention}} {
		if own.change == schedule.Created || own.change == schedule.Updated {
			fmt.Fprintf(&text, "%s: %s\n", own.what, own.change)
			changed = true
		}
	}
	for _, t := range a.Tenants {
		changed = changed || t.Change != Unchanged && t.Change != Unlisted ||
			t.DroppedCustom != nil && t.DroppedCustom.Members > 0
		fmt.Fprintf(&text, "%s: %s\n", t.Tenant, t.text())
	}
	if !changed {
		text.WriteString("Nothing changed.\n")
	}
	return text.String()
}

func (t Tenant) text() string {
	words := string(t.Change)
	switch t.Change {
	case Updated:
		words += " (" + strings.Join(t.What, ", ") + ")"
	case Dropped:
		words += " (Schedule and credentials; members are kept)"
	case Unlisted:
		words = "not in the file, left unchanged; --prune drops it"
	}
	switch d := t.DroppedCustom; {
	case d == nil:
	case d.Members == 0:
		words += "; no values of custom fields to drop"
	default:
		words += fmt.Sprintf("; dropped the values of custom.%s (%s)", strings.Join(d.Fields, ", custom."),
			terminal.Count(d.Members, "member", "members"))
	}
	if t.Paused {
		words += "; its Schedule stays paused"
	}
	return words
}
