package storage

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/health"
)

var _ activities.Conditions = Storage{}

// Settle is of the port Conditions.
func (s Storage) Settle(ctx context.Context, e health.Event) ([]health.Alert, error) {
	return translated(s.store.Settle(ctx, e))
}

// Admit is of the port Conditions.
func (s Storage) Admit(ctx context.Context, tenant, tick string, at time.Time, next health.Next) (bool, error) {
	return translated(s.store.Admit(ctx, tenant, tick, at, next))
}

// Condition is of the port Conditions.
func (s Storage) Condition(ctx context.Context, tenant string) (health.State, error) {
	return translated(s.store.Condition(ctx, tenant))
}

// Alert is of the port Conditions.
func (s Storage) Alert(ctx context.Context, tenant string, id uuid.UUID) (health.Alert, error) {
	return translated(s.store.Alert(ctx, tenant, id))
}

// TakeAlert is of the port Conditions.
func (s Storage) TakeAlert(ctx context.Context, id uuid.UUID, at time.Time) error {
	return Translate(s.store.TakeAlert(ctx, id, at))
}

// Untaken is of the port Conditions.
func (s Storage) Untaken(ctx context.Context, from, to time.Time, limit int) ([]health.Alert, error) {
	return translated(s.store.Untaken(ctx, from, to, limit))
}

// DropAlerts is of the port Conditions.
func (s Storage) DropAlerts(ctx context.Context, before time.Time) error {
	return Translate(s.store.DropAlerts(ctx, before))
}
