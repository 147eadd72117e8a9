package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store"
)

// checkTenant returns an error with exit status 2 if tenants.yaml has no such tenant. The error lists the tenants.
func (a *app) checkTenant(ctx context.Context, id string) error {
	db, err := a.store(ctx)
	if err != nil {
		return err
	}
	row, err := db.Tenant(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && row.Dropped {
		return a.unknownTenant(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("tenant %s: %w", id, err)
	}
	return nil
}

// tenantStore returns the database after it has checked that the tenant is in it. Dropped tenants have data too.
func (a *app) tenantStore(ctx context.Context, id string) (*store.Store, error) {
	db, err := a.store(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := db.Tenant(ctx, id); errors.Is(err, ledger.ErrNotFound) {
		return nil, a.unknownTenant(ctx, id)
	} else if err != nil {
		return nil, fmt.Errorf("tenant %s: %w", id, err)
	}
	return db, nil
}

// unknownTenant returns the error for a tenant that is not in the database. The error lists the tenants.
func (a *app) unknownTenant(ctx context.Context, id string) error {
	rows, err := a.db.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("tenants: %w", err)
	}
	if len(rows) == 0 {
		return &exitError{exitUsage, fmt.Errorf("there is no tenant %q: there are no tenants yet. Write tenants.yaml "+
			"and run `starter apply -f tenants.yaml`", id)}
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.ID
	}
	return &exitError{exitUsage, fmt.Errorf("there is no tenant %q; the tenants are %s", id, strings.Join(names, ", "))}
}
