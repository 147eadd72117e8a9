package main

import (
	"context"

	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/telemetry"
)

// healthOf returns a function that reads the health of all tenants from the store.
func healthOf(db *store.Store) func(context.Context) ([]telemetry.TenantHealth, error) {
	return func(ctx context.Context) ([]telemetry.TenantHealth, error) {
		var all []telemetry.TenantHealth
		for row, err := range db.Watched(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, telemetry.TenantHealth{
				Tenant: row.ID, Succeeded: row.Succeeded, Failures: row.State.Failures,
				Quarantined: row.State.Quarantine != nil,
			})
		}
		return all, nil
	}
}
