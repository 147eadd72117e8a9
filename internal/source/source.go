// Package source opens tenants' directories. It reads a tenant's settings and sealed credentials from the store, opens
// the credentials and creates the adapter. Every program that reads a directory uses it, so all of them handle
// credentials in the same way.
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

// Tenants reads the tenants that `starter apply` stored.
type Tenants interface {
	// Tenant returns ledger.ErrNotFound if there never was a tenant with that id.
	Tenant(ctx context.Context, id string) (store.Tenant, error)
}

// Keeper opens sealed credentials. It is implemented by tenant.Keeper.
type Keeper interface {
	Open(ctx context.Context, tenant string, sealed []byte) (tenant.Credentials, error)
}

// Opener opens the directories of tenants.
type Opener struct {
	Tenants Tenants
	Keeper  Keeper
	// WorkdayHosts are the hosts that Workday credentials may be sent to. Nil means no host.
	WorkdayHosts  []string
	WorkOSBaseURL string           // "" means workos.DefaultBaseURL
	Limiters      *workos.Limiters // shared by all readers in this process
}

// Settings returns a tenant's settings. An unknown or dropped tenant is a fault of kind tenant_unknown, and a failing
// store one of kind store_unavailable.
func (o Opener) Settings(ctx context.Context, id string) (tenant.Tenant, error) {
	t, _, err := o.tenant(ctx, id)
	return t, err
}

// Credentials returns a tenant's credentials. Its errors are those of Settings, and a fault of kind
// credentials_unreadable.
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

// Open returns a tenant's directory without connecting. Its errors are those of Credentials, and a fault of kind
// address_refused.
func (o Opener) Open(ctx context.Context, id string) (directory.Directory, error) {
	return o.OpenWith(ctx, id, nil)
}

// OpenWith is like Open, but uses groupColumns instead of the tenant's own columns of the group report, unless nil.
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
		return workos.New(workos.Options{
			Directory: t.WorkOS.Directory, APIKey: credentials.APIKey, BaseURL: o.WorkOSBaseURL, Limiters: o.Limiters,
		})
	}
	hosts := o.WorkdayHosts
	if hosts == nil {
		hosts = []string{} // nil would mean workday.DefaultHosts
	}
	var client *workday.OAuth
	if of := t.Workday.OAuth; of != nil {
		client = &workday.OAuth{
			TokenURL: of.TokenURL, ClientID: of.ClientID, Subject: of.Subject, ClientSecret: credentials.ClientSecret,
			RefreshToken: credentials.RefreshToken, PrivateKey: credentials.PrivateKey,
		}
	}
	return workday.New(workday.Options{
		Users: []string{t.Workday.Users}, Groups: t.Workday.Groups, Username: credentials.Username,
		Password: credentials.Password, OAuth: client,
		Hosts: hosts, GroupColumns: t.GroupColumns,
	})
}

func (o Opener) tenant(ctx context.Context, id string) (tenant.Tenant, []byte, error) {
	stored, err := o.Tenants.Tenant(ctx, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound), err == nil && stored.Dropped:
		return tenant.Tenant{}, nil, fault.TenantUnknown(id)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return tenant.Tenant{}, nil, err
	case err != nil:
		return tenant.Tenant{}, nil, fault.StoreUnavailable(err)
	}
	t, err := tenant.FromSettings(stored.Settings)
	if err != nil {
		return tenant.Tenant{}, nil, fmt.Errorf("tenant %s: %w", id, err)
	}
	return t, stored.Sealed, nil
}
