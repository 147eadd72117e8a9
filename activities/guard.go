package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/ledger"
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
	// Held is set if removals are held: all of them, or with Release only those of memberships in Plan.Withheld.
	Held    *run.HeldPlan `json:"held"`
	Release bool          `json:"release"` // the removals may be applied
	Limit   int           `json:"limit"`   // removals of members allowed in 24 hours
	Recent  int           `json:"recent"`  // removals of members in the last 24 hours
}

// Guard compares a plan's removals, and those of the last 24 hours without approval, with the tenant's limits.
func (a *Activities) Guard(ctx context.Context, in GuardInput) (GuardResult, error) {
	return step(ctx, a, in.Round, []string{ledger.StagePlan},
		func(ctx context.Context, _ *progress) (GuardResult, error) {
			settings, err := a.settingsOf(ctx, in.Round)
			if err != nil {
				return GuardResult{}, err
			}
			active, err := a.active(ctx, in.Round)
			if err != nil {
				return GuardResult{}, fmt.Errorf("count members: %w", err)
			}
			recent, err := a.Members.Removed(ctx, in.Round.Tenant, in.Round.Started.Add(-recently))
			if err != nil {
				return GuardResult{}, fmt.Errorf("count removals: %w", err)
			}
			facts := guard.Facts{Active: active, Recent: recent, Planned: in.Plan.Leaving}
			verdict := guard.Check(settings.Limits, facts)
			return GuardResult{
				Held: in.Plan.Held(verdict.Held), Release: !verdict.Held, Limit: verdict.Limit, Recent: verdict.Recent,
			}, nil
		})
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
