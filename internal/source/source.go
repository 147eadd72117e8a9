// Package source opens tenants' directories: their settings and sealed credentials from the store, the key, the hosts that
// credentials may be sent to, and the adapter that goes with them. The worker reads through it, and whatever else reads
// a directory does too, so that credentials go the same way everywhere.
package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// Tenants keeps what `starter apply` was given.
type Tenants interface {
	// Tenant answers with store.ErrNotFound when there never was such a tenant.
	Tenant(ctx context.Context, id string) (store.Tenant, error)
}

// Keeper opens what it sealed.
type Keeper interface {
	Open(ctx context.Context, tenant string, sealed []byte) (tenant.Credentials, error)
}

// Opener opens directories.
type Opener struct {
	Tenants Tenants
	Keeper  Keeper
	// WorkdayHosts are the hosts that Workday credentials may be sent to; none: to no host.
	WorkdayHosts  []string
	WorkOSBaseURL string           // "" means WorkOS's own
	Limiters      *workos.Limiters // shared, so that all who read one directory in this process keep to its rate together
}

// Settings are a tenant's. A tenant that isn't there, or is there no more, is a fault.
func (o Opener) Settings(ctx context.Context, id string) (tenant.Tenant, error) {
	t, _, err := o.tenant(ctx, id)
	return t, err
}

// Credentials are a tenant's, opened. What can be put right is a *fault.Fault.
func (o Opener) Credentials(ctx context.Context, id string) (tenant.Credentials, error) {
	_, sealed, err := o.tenant(ctx, id)
	if err != nil {
		return tenant.Credentials{}, err
	}
	credentials, err := o.Keeper.Open(ctx, id, sealed)
	if err != nil {
		return tenant.Credentials{}, fault.CredentialsUnreadable(err)
	}
	return credentials, nil
}

// Open opens a tenant's directory, and connects to nothing yet. What can be put right is a *fault.Fault.
func (o Opener) Open(ctx context.Context, id string) (directory.Directory, error) {
	return o.OpenWith(ctx, id, nil)
}

// OpenWith is Open with other columns of the group report than the tenant's own; nil: with those.
func (o Opener) OpenWith(ctx context.Context, id string, groupColumns []string) (directory.Directory, error) {
	t, sealed, err := o.tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if groupColumns != nil {
		t.GroupColumns = groupColumns
	}
	credentials, err := o.Keeper.Open(ctx, id, sealed)
	if err != nil {
		return nil, fault.CredentialsUnreadable(err)
	}
	if t.WorkOS != nil {
		return workos.New(workos.Settings{
			Directory: t.WorkOS.Directory, APIKey: credentials.APIKey, BaseURL: o.WorkOSBaseURL, Limiters: o.Limiters,
		})
	}
	hosts := o.WorkdayHosts
	if hosts == nil {
		hosts = []string{} // none: nil would mean Workday's own
	}
	return workday.New(workday.Settings{
		Users: t.Workday.Users, Groups: t.Workday.Groups, Username: credentials.Username, Password: credentials.Password,
		Hosts: hosts, GroupColumns: t.GroupColumns,
	})
}

func (o Opener) tenant(ctx context.Context, id string) (tenant.Tenant, []byte, error) {
	kept, err := o.Tenants.Tenant(ctx, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound), err == nil && kept.Dropped:
		return tenant.Tenant{}, nil, fault.TenantUnknown(id)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return tenant.Tenant{}, nil, err
	case err != nil:
		return tenant.Tenant{}, nil, fault.StoreUnavailable(err)
	}
	t, err := tenant.FromSettings(kept.Settings)
	if err != nil {
		return tenant.Tenant{}, nil, fmt.Errorf("tenant %s: %w", id, err)
	}
	return t, kept.Sealed, nil
}
