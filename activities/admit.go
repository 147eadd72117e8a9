package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/rollcall/rollcall/internal/run"
)

// AdmitInput asks whether a tick of a tenant's Schedule may sync.
type AdmitInput struct {
	Tenant string `json:"tenant"`
}

// AdmitResult is the answer.
type AdmitResult struct {
	Admitted bool      `json:"admitted"`
	Since    time.Time `json:"since,omitzero"` // when the quarantine began
	Next     time.Time `json:"next,omitzero"`  // when the next tick is admitted
}

// Admit reports whether this tick may sync. A quarantined tenant may sync once a day.
func (a *Activities) Admit(ctx context.Context, in AdmitInput) (AdmitResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (AdmitResult, error) {
		cadence, err := a.Schedules.Cadence(ctx, in.Tenant)
		if err != nil {
			return AdmitResult{}, fmt.Errorf("read settings: %w", err)
		}
		tick := activity.GetInfo(ctx).WorkflowExecution.RunID
		admitted, err := a.Conditions.Admit(ctx, in.Tenant, tick, a.now(), cadence.Next)
		if err != nil || admitted {
			return AdmitResult{Admitted: admitted}, err
		}
		state, err := a.Conditions.Condition(ctx, in.Tenant)
		if err != nil || state.Quarantine == nil {
			return AdmitResult{}, err
		}
		return AdmitResult{Since: state.Quarantine.Since, Next: state.Quarantine.NextTry(cadence.Next)}, nil
	})
}
