package activities

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/run"
)

// DiffInput names the run whose roster is staged.
type DiffInput struct {
	Round run.Round `json:"round"`
	// Split says that the workflow knows the parts of a plan for additions and changes that the guard counts.
	Split bool `json:"split,omitempty"`
}

// DiffResult is the plan.
type DiffResult struct {
	Plan Plan `json:"plan"`
}

// Diff works out the changes that make the members equal to the roster, and stages them in batches.
func (a *Activities) Diff(ctx context.Context, in DiffInput) (DiffResult, error) {
	return step(ctx, a, in.Round, planStages(), func(ctx context.Context, p *progress) (DiffResult, error) {
		planned, err := a.planning(ctx, in.Round, p)
		if err != nil {
			return DiffResult{}, err
		}
		state, err := a.Runs.State(ctx, in.Round.Tenant)
		if err != nil {
			return DiffResult{}, fmt.Errorf("read state: %w", err)
		}
		// The guard lets any first load through, unless the tenant's settings hold it.
		split := in.Split && (!state.First() || planned.Settings.Limits.HoldFirst)
		summary, err := planning.Difference{Plan: planned, Split: split}.Run(ctx)
		return DiffResult{Plan: planOf(summary)}, err
	})
}

// planStages returns the stages of a plan.
func planStages() []string {
	stages := []string{ledger.StagePlan}
	for _, part := range plan.Parts() {
		stages = append(stages, string(part))
	}
	return stages
}

// planning returns the input of a run's plan.
func (a *Activities) planning(ctx context.Context, round run.Round, p planning.Progress) (planning.Plan, error) {
	settings, err := a.settingsOf(ctx, round)
	return planning.Plan{
		Attempt: a.attempt(ctx, round), Members: a.Members, Decisions: a.Decisions, Round: round, Settings: settings,
		BatchRows: a.batchRows(), Progress: p,
	}, err
}
