package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// FinishInput is a round's end.
type FinishInput struct {
	Round  Round      `json:"round"`
	Result run.Result `json:"result"` // Finished is still zero
}

// FinishResult is the result as it is kept.
type FinishResult struct {
	Result run.Result `json:"result"`
	Alerts []Told     `json:"alerts,omitempty"` // to be told of it
}

// Finish records how a round ended, with its fault when it failed, and what the next one goes by. Again, it answers with
// what was recorded first.
func (a *Activities) Finish(ctx context.Context, in FinishInput) (FinishResult, error) {
	return step(ctx, a, Round{Tenant: in.Round.Tenant}, nil, func(ctx context.Context, _ *progress) (FinishResult, error) {
		state, err := a.settled(ctx, in)
		if err != nil {
			return FinishResult{}, err
		}
		if in.Result.Outcome != run.Failed && !in.Round.Preview && in.Round.Undoes == uuid.Nil {
			if err := a.lift(ctx, in.Round); err != nil {
				return FinishResult{}, err
			}
		}
		in.Result.Finished = a.now()
		if err := a.Runs.FinishRun(ctx, in.Round.Run, in.Result, state); err != nil {
			return FinishResult{}, fmt.Errorf("finish run: %w", err)
		}
		if err := a.forget(ctx, in.Round); err != nil {
			return FinishResult{}, err
		}
		recorded, err := a.Runs.Run(ctx, in.Round.Tenant, in.Round.Run)
		if err != nil {
			return FinishResult{}, fmt.Errorf("read run: %w", err)
		}
		told, err := a.settleEnd(ctx, in.Round, recorded)
		return FinishResult{Result: *recorded.Result, Alerts: told}, err
	})
}

// forget drops what earlier runs read and worked out, once their time is over.
func (a *Activities) forget(ctx context.Context, round Round) error {
	settings, err := a.settingsOf(ctx, round)
	if err != nil || settings.Retention <= 0 {
		return err
	}
	if err := a.Runs.DropChunks(ctx, round.Tenant, round.Started.Add(-settings.Retention)); err != nil {
		return fmt.Errorf("drop chunks of old runs: %w", err)
	}
	return nil
}

// settled is the state that the tenant is left in; nil leaves it as it was.
//
// Only a round that was applied whole becomes what the next ones compare with. After one that wasn't, rows may be known
// by either round's rules and columns: columns are only ever added, so the new ones are kept; where rules or bindings
// differ none is kept, and the next round reads every row anew.
func (a *Activities) settled(ctx context.Context, in FinishInput) (*State, error) {
	if in.Round.Preview || in.Round.Undoes != uuid.Nil { // an undo that was applied is no roster: its claim says so
		return nil, nil //nolint:nilnil // no state is an answer, see above
	}
	state, err := a.Runs.State(ctx, in.Round.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	whole := in.Result.Outcome == run.Applied || in.Result.Outcome == run.Unchanged
	if in.Result.Outcome == run.Failed && state.ClaimedBy != in.Round.Run {
		return nil, nil //nolint:nilnil // nothing was written, so the last state holds
	}
	s, err := a.readSnapshot(ctx, in.Round)
	if err != nil {
		return nil, err
	}
	if state.Columns, err = json.Marshal(s.users.Columns); err != nil {
		return nil, fmt.Errorf("encode columns: %w", err)
	}
	same := s.familiar(state)
	state.Generation = in.Round.Generation
	state.Settled = whole && in.Result.Failed == 0 && in.Result.Withheld == 0
	switch {
	case state.Settled:
		state.Digest, state.Rules, state.Bindings = s.digest(), s.rules(), s.bindings.Digest()
		if s.users.Full {
			state.ComparedAt = in.Round.Started
		}
	case !same:
		state.Rules, state.Bindings = "", ""
	}
	return &state, nil
}
