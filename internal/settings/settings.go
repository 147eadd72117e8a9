// Package settings loads the settings of tenants from the store. The last `starter apply` wrote them.
package settings

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// Store has the tenants.
type Store interface {
	// Tenant returns a tenant, also a dropped one. It returns ledger.ErrNotFound if the tenant never existed.
	Tenant(ctx context.Context, id string) (store.Tenant, error)
}

// Load returns the settings of a tenant and the row that contains them. The settings of a dropped tenant are zero. The
// error is that of the store, or says that the row is malformed.
func Load(ctx context.Context, s Store, id string) (tenant.Tenant, store.Tenant, error) {
	row, err := s.Tenant(ctx, id)
	if err != nil {
		return tenant.Tenant{}, row, fmt.Errorf("tenant %s: %w", id, err)
	}
	if row.Dropped {
		return tenant.Tenant{}, row, nil
	}
	t, err := tenant.FromSettings(row.Settings)
	return t, row, err
}
