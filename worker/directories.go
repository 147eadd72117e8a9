package main

import (
	"context"
	"errors"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/worker/storage"
)

// directories knows tenants' settings and opens their directories.
type directories struct {
	source.Opener
	requests requests
}

// requests keeps what people asked for.
type requests interface {
	// Request answers with store.ErrNotFound when there is none of that id.
	Request(ctx context.Context, id string) (store.Request, error)
}

var (
	_ activities.Tenants     = directories{}
	_ activities.Directories = directories{}
)

// Open opens a tenant's directory.
func (d directories) Open(ctx context.Context, id string, groupColumns []string) (directory.Directory, error) {
	return d.OpenWith(ctx, id, groupColumns)
}

// Settings are the tenant's, as a round keeps to them, under what a request tries.
func (d directories) Settings(ctx context.Context, id, request string) (activities.Settings, error) {
	t, err := d.Opener.Settings(ctx, id)
	if err != nil {
		return activities.Settings{}, err
	}
	trial, err := d.trial(ctx, id, request)
	if err != nil {
		return activities.Settings{}, err
	}
	t = t.Under(trial)
	return activities.Settings{
		Fields:    t.Fields,
		Levels:    roster.Levels(t.Levels),
		Limits:    guard.Limits{Removals: t.Guard.Removals, Percent: float64(t.Guard.Percent)},
		Grace:     t.Grace.Duration,
		Hold:      t.Guard.Hold.Duration,
		Stall:     t.Stall.Duration,
		Compare:   t.Compare.Duration,
		Retention: t.Retention.Duration,
		Shared:    t.WorkOS != nil,
		Protected: t.ProtectedPeople(),
		Sentinels: t.SentinelPeople(),
		Zone:      t.Schedule.Timezone,

		GroupColumns: trial.GroupColumns,

		Maintenance: t.Maintenance,
	}, nil
}

// trial is what a request tries. One that isn't kept (it came from the Web UI, with an id of its own) tries nothing.
func (d directories) trial(ctx context.Context, id, request string) (tenant.Trial, error) {
	if request == "" {
		return tenant.Trial{}, nil
	}
	asked, err := d.requests.Request(ctx, request)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && asked.Tenant != id:
		return tenant.Trial{}, nil
	case err != nil:
		return tenant.Trial{}, storage.Translate(err)
	}
	return tenant.ReadTrial(asked.Payload)
}
