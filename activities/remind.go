package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

// RemindInput is a hold that has lasted half of its time.
type RemindInput struct {
	Tenant    string    `json:"tenant"`
	Run       uuid.UUID `json:"run"` // the run that last showed the plan
	Plan      string    `json:"plan"`
	Removals  int       `json:"removals"`
	Additions int       `json:"additions,omitempty"`
	Changes   int       `json:"changes,omitempty"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
}

// RemindResult has the alerts to deliver.
type RemindResult struct {
	Alerts []Announcement `json:"alerts,omitempty"`
}

// Remind records that nobody has decided yet. A second call returns the same alerts.
func (a *Activities) Remind(ctx context.Context, in RemindInput) (RemindResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil,
		func(ctx context.Context, _ *progress) (RemindResult, error) {
			alerts, err := a.addEvent(ctx, health.Event{
				Tenant: in.Tenant, Key: "reminded " + in.Plan + " " + in.Since.UTC().Format(time.RFC3339),
				Kind: health.Reminded, At: a.now(), Until: in.Until,
				Result: run.Result{
					Tenant: in.Tenant, Run: in.Run.String(), Outcome: run.Held,
					Held: &run.HeldPlan{
						Plan: in.Plan, Removals: in.Removals, Additions: in.Additions, Changes: in.Changes,
					},
				},
			})
			return RemindResult{Alerts: alerts}, err
		})
}
