package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/validation"
)

// FinishInput is the end of a round.
type FinishInput struct {
	Round  run.Round  `json:"round"`
	Result run.Result `json:"result"` // Finished is still zero

	Read   stage.Read `json:"read,omitzero"`
	SameAs uuid.UUID  `json:"same,omitzero"` // the run whose verdict this run repeats; Nil: it has its own
}

// FinishResult is the stored result.
type FinishResult struct {
	Result run.Result     `json:"result"`
	Alerts []Announcement `json:"alerts,omitempty"` // to be delivered
}

// Finish records how a round ended, and the state that the next round compares with. A second call returns what the
// first recorded.
func (a *Activities) Finish(ctx context.Context, in FinishInput) (FinishResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Round.Tenant}, nil,
		func(ctx context.Context, _ *progress) (FinishResult, error) {
			end := ledger.Ending{Result: in.Result, SameAs: in.SameAs}
			var err error
			if in.SameAs == uuid.Nil {
				if end.State, err = a.stateAfter(ctx, in); err != nil {
					return FinishResult{}, err
				}
				if in.Result.Outcome != run.Failed && !in.Round.Preview && in.Round.Undoes == uuid.Nil {
					if err := a.lift(ctx, in.Round); err != nil {
						return FinishResult{}, err
					}
				}
			}
			if !in.Round.Preview {
				rebuild := in.Round.Full && in.Round.Generation > 0 // not after a first load, whose index is new
				if err := a.Ledger.MaintainIndex(ctx, in.Round.Tenant, in.Round.Run, rebuild); err != nil {
					return FinishResult{}, fmt.Errorf("maintain index: %w", err)
				}
			}
			end.Result.Finished = a.now()
			if end.Event, err = a.endEvent(ctx, in.Round, end.Result); err != nil {
				return FinishResult{}, err
			}
			recorded, alerts, err := a.Runs.FinishRun(ctx, in.Round.Run, end)
			if err != nil {
				return FinishResult{}, fmt.Errorf("finish run: %w", err)
			}
			announced, err := a.deliverable(ctx, alerts)
			return FinishResult{Result: *recorded.Result, Alerts: announced}, err
		})
}

// stateAfter returns the state in which the round leaves its tenant. Nil leaves the state unchanged.
//
// Only a round that was applied completely becomes what later rounds compare with. After any other round, rows may be
// known by the rules and columns of either round. Columns are only ever added, so the new ones are stored. If rules or
// bindings differ, neither is stored, and the next round reads every row again.
func (a *Activities) stateAfter(ctx context.Context, in FinishInput) (*ledger.State, error) {
	// An undo applies no roster, and its claim makes the state incomplete.
	if in.Round.Preview || in.Round.Undoes != uuid.Nil {
		return nil, nil //nolint:nilnil // no state is an answer, see above
	}
	state, err := a.Runs.State(ctx, in.Round.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	whole := in.Result.Outcome == run.Applied || in.Result.Outcome == run.Unchanged
	if in.Result.Outcome == run.Failed && state.ClaimedBy != in.Round.Run {
		if in.Round.Full || in.Result.Error.Kind != string(fault.KindKeyCollision) {
			return nil, nil //nolint:nilnil // nothing was written, so the last state holds
		}
		// Members may have been given other keys by hand. The next round reads the index from the members.
		state.Generation, state.ComparedAt = in.Round.Generation, time.Time{}
		return &state, nil
	}
	settings, err := a.settingsOf(ctx, in.Round)
	if err != nil {
		return nil, err
	}
	opening := run.Opening{Round: in.Round, Settings: settings}
	s, err := validation.ReadSnapshot(ctx, a.Stages, opening, in.Read, state)
	if err != nil {
		return nil, err
	}
	if state.Columns, err = s.Users.Columns.Encode(s.Bindings); err != nil {
		return nil, err
	}
	same := s.SameRules(state)
	state.Generation = in.Round.Generation
	postponed, err := a.postpones(ctx, in.Round)
	if err != nil {
		return nil, err
	}
	state.Complete = whole && in.Result.Failed == 0 && in.Result.Withheld == 0 && !postponed
	switch {
	case state.Complete:
		state.Digest, state.Rules, state.Bindings = s.Digest(), s.Rules(), s.Bindings.Digest()
		if in.Round.Full { // any other round counts no drift
			state.ComparedAt = in.Round.Started
		}
	case !same:
		state.Rules, state.Bindings = "", ""
	}
	return &state, nil
}

// postpones reports whether the round's plan leaves updates to the next sync.
func (a *Activities) postpones(ctx context.Context, round run.Round) (bool, error) {
	summary, err := stage.Sealed[plan.Summary](ctx, a.Stages, round.Run, ledger.StagePlan)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil // nothing has changed
	}
	return summary.Postponed > 0, err
}

// lift ends the withholding of removals that the run's plan doesn't contain.
func (a *Activities) lift(ctx context.Context, round run.Round) error {
	planned, err := a.planning(ctx, round, nil)
	if err != nil {
		return err
	}
	return planned.Lift(ctx)
}
