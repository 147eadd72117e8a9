package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/config"
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/worker/storage"
)

// directories knows tenants' settings and opens their directories.
type directories struct {
	store    *store.Store
	keeper   *tenant.Keeper
	settings config.Config
	limiters *workos.Limiters // shared, so that steps of one directory keep to its rate together
}

var (
	_ activities.Tenants     = directories{}
	_ activities.Directories = directories{}
)

// Settings are the tenant's, as a round keeps to them.
func (d directories) Settings(ctx context.Context, id string) (activities.Settings, error) {
	t, _, err := d.tenant(ctx, id)
	if err != nil {
		return activities.Settings{}, err
	}
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
	}, nil
}

// Open opens the tenant's directory.
func (d directories) Open(ctx context.Context, id string) (directory.Directory, error) {
	t, sealed, err := d.tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	credentials, err := d.keeper.Open(ctx, id, sealed)
	if err != nil {
		return nil, fault.CredentialsUnreadable(err)
	}
	if t.WorkOS != nil {
		return workos.New(workos.Settings{
			Directory: t.WorkOS.Directory, APIKey: credentials.APIKey, BaseURL: d.settings.WorkOSBaseURL, Limiters: d.limiters,
		})
	}
	hosts := d.settings.WorkdayHosts
	if hosts == nil {
		hosts = []string{} // none: nil would mean Workday's own
	}
	return workday.New(workday.Settings{
		Users: t.Workday.Users, Groups: t.Workday.Groups, Username: credentials.Username, Password: credentials.Password,
		Hosts: hosts, GroupColumns: t.GroupColumns,
	})
}

func (d directories) tenant(ctx context.Context, id string) (tenant.Tenant, []byte, error) {
	kept, err := d.store.Tenant(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && kept.Dropped {
		return tenant.Tenant{}, nil, fault.TenantUnknown(id)
	}
	if err != nil {
		return tenant.Tenant{}, nil, storage.Translate(err)
	}
	t, err := tenant.FromSettings(kept.Settings)
	if err != nil {
		return tenant.Tenant{}, nil, fmt.Errorf("tenant %s: %w", id, err)
	}
	return t, kept.Sealed, nil
}
