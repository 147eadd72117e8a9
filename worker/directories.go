package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/ledger"
	runs "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// directories provides tenants' settings and opens their directories.
type directories struct {
	source.Opener
	store *store.Store
}

var (
	_ activities.Tenants     = directories{}
	_ activities.Directories = directories{}
)

// Open implements activities.Directories.
func (d directories) Open(ctx context.Context, id string, groupColumns []string) (directory.Directory, error) {
	return d.OpenWith(ctx, id, groupColumns)
}

// Settings implements activities.Tenants. It applies the trial of a preview's request, if any.
func (d directories) Settings(ctx context.Context, id, request string) (runs.Settings, error) {
	t, err := d.Opener.Settings(ctx, id)
	if err != nil {
		return runs.Settings{}, err
	}
	trial, err := d.trial(ctx, id, request)
	if err != nil {
		return runs.Settings{}, err
	}
	t = t.With(trial)
	return runs.Settings{
		Mappings:  t.Mappings(),
		Limits:    t.Guard.Limits(),
		Grace:     t.Grace.Duration,
		Hold:      t.Guard.Hold.Duration,
		Stall:     t.Stall.Duration,
		Compare:   t.Compare.Duration,
		Shared:    t.WorkOS != nil,
		Protected: t.ProtectedPeople(),
		Sentinels: t.SentinelPeople(),
		Zone:      t.Schedule.Timezone,

		GroupColumns: trial.GroupColumns,

		Maintenance: t.Maintenance,
	}, nil
}

// Retained implements activities.Tenants.
func (d directories) Retained(ctx context.Context, after string, limit int) ([]activities.Retained, error) {
	tenants, err := d.store.TenantsAfter(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	retained := make([]activities.Retained, len(tenants))
	for i, t := range tenants {
		retention, err := tenant.RetentionOf(t.Settings)
		if err != nil {
			return nil, fmt.Errorf("retention of %s: %w", t.ID, err)
		}
		retained[i] = activities.Retained{Tenant: t.ID, Retention: retention}
	}
	return retained, nil
}

// trial returns the trial of a request. A request that isn't stored has none; it came from the Web UI with its own id.
func (d directories) trial(ctx context.Context, id, request string) (tenant.Trial, error) {
	if request == "" {
		return tenant.Trial{}, nil
	}
	stored, err := d.store.Request(ctx, request)
	switch {
	case errors.Is(err, ledger.ErrNotFound), err == nil && stored.Tenant != id:
		return tenant.Trial{}, nil
	case err != nil:
		return tenant.Trial{}, err
	}
	return tenant.DecodeTrial(stored.Payload)
}
