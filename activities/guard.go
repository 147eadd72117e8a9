package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// GuardInput asks whether a plan's removals may be applied.
type GuardInput struct {
	Round run.Round `json:"round"`
	Plan  Plan      `json:"plan"`
}

// GuardResult is the verdict.
type GuardResult struct {
	// Held is set if something is held: removals, additions or changes of members, or removals of memberships in
	// Plan.Withheld.
	Held    *run.HeldPlan `json:"held"`
	Release bool          `json:"release"` // the removals may be applied
	Limit   int           `json:"limit"`   // removals of members allowed in 24 hours
	Recent  int           `json:"recent"`  // removals of members in the last 24 hours

	Additions guard.Result `json:"additions,omitzero"`
	Changes   guard.Result `json:"changes,omitzero"`
}

// Guard compares what a plan removes, adds and changes, and what was done in the last 24 hours without approval, with the
// tenant's limits.
func (a *Activities) Guard(ctx context.Context, in GuardInput) (GuardResult, error) {
	return step(ctx, a, in.Round, []string{ledger.StagePlan},
		func(ctx context.Context, _ *progress) (GuardResult, error) {
			settings, err := a.settingsOf(ctx, in.Round)
			if err != nil {
				return GuardResult{}, err
			}
			facts, err := a.facts(ctx, in)
			if err != nil {
				return GuardResult{}, err
			}
			verdict := guard.Check(settings.Limits, facts)
			held := plan.Kinds{
				Removals: verdict.Removals.Held, Additions: verdict.Additions.Held, Changes: verdict.Changes.Held,
			}
			return GuardResult{
				Held: in.Plan.Held(held), Release: !held.Removals, Limit: verdict.Removals.Limit,
				Recent: verdict.Removals.Recent, Additions: verdict.Additions, Changes: verdict.Changes,
			}, nil
		})
}

// facts counts what the guard compares with the limits.
func (a *Activities) facts(ctx context.Context, in GuardInput) (guard.Facts, error) {
	facts := guard.Facts{Planned: in.Plan.Leaving, Additions: in.Plan.Joining, Changes: in.Plan.Changing}
	var err error
	if facts.Active, err = a.active(ctx, in.Round); err != nil {
		return facts, fmt.Errorf("count members: %w", err)
	}
	recent, err := a.Members.Recent(ctx, in.Round.Tenant, in.Round.Started.Add(-recently))
	if err != nil {
		return facts, fmt.Errorf("count recent changes: %w", err)
	}
	facts.Recent, facts.RecentAdditions, facts.RecentChanges = recent.Removals, recent.Additions, recent.Changes
	state, err := a.Runs.State(ctx, in.Round.Tenant)
	if err != nil {
		return facts, fmt.Errorf("read state: %w", err)
	}
	facts.First = state.First()
	return facts, nil
}

const recently = 24 * time.Hour

// active counts the tenant's active members before this round's plan. Validate has counted them for a sync. For an undo
// they are counted here.
func (a *Activities) active(ctx context.Context, round run.Round) (int, error) {
	sealed, err := a.Stages.Stage(ctx, round.Run, ledger.StageRoster)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return 0, err
	}
	if err == nil && sealed.Sealed {
		if verdict, err := stage.Summary[stage.RosterSummary](sealed); err != nil || verdict.Active > 0 {
			return verdict.Active, err
		}
	}
	return a.Members.Active(ctx, round.Tenant)
}
