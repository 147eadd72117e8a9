package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
)

// Hooks delivers alerts to people.
type Hooks interface {
	// Names returns the names of the tenant's hooks for a condition. A tenant that doesn't exist has none.
	Names(ctx context.Context, tenant string, condition health.Condition) ([]string, error)
	// Send sends an alert to a hook. namespace is Temporal's, for the link to the sync. It fails with a *fault.Fault.
	Send(ctx context.Context, name string, alert health.Alert, namespace string) error
}

// TakeInput identifies an alert.
type TakeInput struct {
	Tenant string    `json:"tenant"`
	Alert  uuid.UUID `json:"alert"`
}

// TakeResult has the hooks to which the alert goes.
type TakeResult struct {
	Hooks []string `json:"hooks"` // names, as in tenants.yaml
}

// Take records that the delivery of an alert has begun, and returns its hooks.
func (a *Activities) Take(ctx context.Context, in TakeInput) (TakeResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (TakeResult, error) {
		alert, err := a.Conditions.Alert(ctx, in.Tenant, in.Alert)
		if errors.Is(err, ledger.ErrNotFound) {
			return TakeResult{}, nil // deleted because it is old
		}
		if err != nil {
			return TakeResult{}, fmt.Errorf("read alert: %w", err)
		}
		names, err := a.Hooks.Names(ctx, in.Tenant, alert.Condition)
		if err != nil {
			return TakeResult{}, fmt.Errorf("read hooks: %w", err)
		}
		if err := a.Conditions.TakeAlert(ctx, in.Alert, a.now()); err != nil {
			return TakeResult{}, fmt.Errorf("take alert: %w", err)
		}
		return TakeResult{Hooks: names}, nil
	})
}

// TellInput identifies an alert and one of its hooks.
type TellInput struct {
	Tenant string    `json:"tenant"`
	Alert  uuid.UUID `json:"alert"`
	Hook   string    `json:"hook"`
}

// TellResult is empty.
type TellResult struct{}

// Tell sends an alert to a hook. A hook that receives it twice recognises it by its id.
func (a *Activities) Tell(ctx context.Context, in TellInput) (TellResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (TellResult, error) {
		alert, err := a.Conditions.Alert(ctx, in.Tenant, in.Alert)
		if errors.Is(err, ledger.ErrNotFound) {
			return TellResult{}, nil
		}
		if err != nil {
			return TellResult{}, fmt.Errorf("read alert: %w", err)
		}
		if err := a.Hooks.Send(ctx, in.Hook, alert, activity.GetInfo(ctx).Namespace); err != nil {
			return TellResult{}, fmt.Errorf("send alert: %w", err)
		}
		return TellResult{}, nil
	})
}
