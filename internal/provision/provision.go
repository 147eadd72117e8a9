// Package provision makes an installation what tenants.yaml says: tenants and their sealed credentials in the store,
// search attributes and Schedules in Temporal. Applying the same file again changes nothing.
//
// The order matters. A tenant is stored before its Schedule starts, and its Schedule goes before its credentials do: so
// a tick always finds a tenant that it can sync.
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
)

// Store keeps tenants.
type Store interface {
	// Tenant returns ledger.ErrNotFound if there never was such a tenant.
	Tenant(ctx context.Context, id string) (store.Tenant, error)
	Tenants(ctx context.Context) ([]store.Tenant, error)
	PutTenant(ctx context.Context, t store.Tenant) (changed bool, err error)
	// DropTenant removes a tenant's credentials. Its members stay.
	DropTenant(ctx context.Context, id string) error
}

// Provisioner applies tenants. All fields are required.
type Provisioner struct {
	Store     Store
	Keeper    *tenant.Keeper
	Temporal  client.Client
	TaskQueue string
}

// Applied says what was done. As JSON it is what `starter apply -o json` prints.
type Applied struct {
	SearchAttributes []string        `json:"search_attributes"` // registered now
	Watch            schedule.Change `json:"watch"`             // to the Schedule that looks for overdue syncs
	Retention        schedule.Change `json:"retention"`         // to the Schedule of the retention
	Tenants          []Tenant        `json:"tenants"`
}

// Tenant says what was done to one tenant.
type Tenant struct {
	Tenant string   `json:"tenant"`
	Change Change   `json:"change"`
	What   []string `json:"what"` // of: settings, credentials, schedule
	Paused bool     `json:"paused"`
}

// Change is what was done to a tenant.
type Change string

// The changes.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Unchanged Change = "unchanged"
	Dropped   Change = "dropped"
	Unlisted  Change = "kept" // not in the file, and not touched
)

// Apply makes the installation and its tenants what these say. With prune it drops the tenants that aren't among them.
// With an error it also returns what it has done before.
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

// put stores one tenant and then makes its Schedule.
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

// drop removes the Schedule of a tenant and then its credentials.
func (p Provisioner) drop(ctx context.Context, id string) (Tenant, error) {
	if err := schedule.Drop(ctx, p.Temporal, id); err != nil {
		return Tenant{}, err
	}
	if err := p.Store.DropTenant(ctx, id); err != nil {
		return Tenant{}, fmt.Errorf("drop tenant %s: %w", id, err)
	}
	return Tenant{Tenant: id, Change: Dropped, What: []string{"credentials", "schedule"}}, nil
}

// seal seals a tenant's credentials. It returns nil if the sealed ones hold the same.
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

// Text says for people what was done, in one line for each thing.
func (a Applied) Text() string {
	var page strings.Builder
	changed := false
	if len(a.SearchAttributes) > 0 {
		fmt.Fprintf(&page, "search attributes registered: %s\n", strings.Join(a.SearchAttributes, ", "))
		changed = true
	}
	for _, own := range []struct {
		what   string
		change schedule.Change
	}{{"watch for overdue syncs", a.Watch}, {"retention", a.Retention}} {
		if own.change == schedule.Created || own.change == schedule.Updated {
			fmt.Fprintf(&page, "%s: %s\n", own.what, own.change)
			changed = true
		}
	}
	for _, t := range a.Tenants {
		changed = changed || t.Change != Unchanged && t.Change != Unlisted
		fmt.Fprintf(&page, "%s: %s\n", t.Tenant, t.text())
	}
	if !changed {
		page.WriteString("Nothing changed.\n")
	}
	return page.String()
}

func (t Tenant) text() string {
	words := string(t.Change)
	switch t.Change {
	case Updated:
		words += " (" + strings.Join(t.What, ", ") + ")"
	case Dropped:
		words += " (Schedule and credentials; members are kept)"
	case Unlisted:
		words = "not in the file, goes on as it is; --prune drops it"
	}
	if t.Paused {
		words += "; its Schedule stays paused"
	}
	return words
}
