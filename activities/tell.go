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

// Hooks reaches people.
type Hooks interface {
	// Names are those of the tenant's alerts that are about a condition. A tenant that is no more has none.
	Names(ctx context.Context, tenant string, condition health.Condition) ([]string, error)
	// Send sends an alert to one of them. namespace is Temporal's, for the link to the sync. It fails with a *fault.Fault.
	Send(ctx context.Context, name string, alert health.Alert, namespace string) error
}

// TakeInput names an alert.
type TakeInput struct {
	Tenant string    `json:"tenant"`
	Alert  uuid.UUID `json:"alert"`
}

// TakeResult is where it goes.
type TakeResult struct {
	Hooks []string `json:"hooks"` // names, as in tenants.yaml
}

// Take notes that an alert is being told from now on, and says where it goes.
func (a *Activities) Take(ctx context.Context, in TakeInput) (TakeResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (TakeResult, error) {
		alert, err := a.Conditions.Alert(ctx, in.Tenant, in.Alert)
		if errors.Is(err, ledger.ErrNotFound) {
			return TakeResult{}, nil // forgotten, as it is old
		}
		if err != nil {
			return TakeResult{}, fmt.Errorf("read alert: %w", err)
		}
		names, err := a.Hooks.Names(ctx, in.Tenant, alert.Condition)
		if err != nil {
			return TakeResult{}, fmt.Errorf("read where alerts go: %w", err)
		}
		if err := a.Conditions.TakeAlert(ctx, in.Alert, a.now()); err != nil {
			return TakeResult{}, fmt.Errorf("take alert: %w", err)
		}
		return TakeResult{Hooks: names}, nil
	})
}

// TellInput names an alert and one of those that it goes to.
type TellInput struct {
	Tenant string    `json:"tenant"`
	Alert  uuid.UUID `json:"alert"`
	Hook   string    `json:"hook"`
}

// TellResult says nothing: an alert that was told is told.
type TellResult struct{}

// Tell sends an alert. Whoever receives it twice knows it by its id.
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
