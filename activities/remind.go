package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

// RemindInput is a hold of which half of the time is over.
type RemindInput struct {
	Tenant   string    `json:"tenant"`
	Run      uuid.UUID `json:"run"` // that showed the plan last
	Plan     string    `json:"plan"`
	Removals int       `json:"removals"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
}

// RemindResult is what is to be told of it.
type RemindResult struct {
	Alerts []Announcement `json:"alerts,omitempty"`
}

// Remind notes that nobody has decided yet. Again, it answers the same.
func (a *Activities) Remind(ctx context.Context, in RemindInput) (RemindResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (RemindResult, error) {
		alerts, err := a.addEvent(ctx, health.Event{
			Tenant: in.Tenant, Key: "reminded " + in.Plan + " " + in.Since.UTC().Format(time.RFC3339), Kind: health.Reminded, At: a.now(), Until: in.Until,
			Result: run.Result{Tenant: in.Tenant, Run: in.Run.String(), Outcome: run.Held, Held: &run.HeldPlan{Plan: in.Plan, Removals: in.Removals}},
		})
		return RemindResult{Alerts: alerts}, err
	})
}
