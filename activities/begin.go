package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// BeginInput asks for a round.
type BeginInput struct {
	Tenant  string     `json:"tenant"`
	Origin  run.Origin `json:"origin"`
	Request string     `json:"request,omitempty"`
	Preview bool       `json:"preview,omitempty"`

	Approved       *run.Approved `json:"approved,omitempty"` // a held plan that somebody approved: its removals are applied
	IgnoreWithheld bool          `json:"afresh,omitempty"`   // what was rejected or expired before counts no more
	Undoes         uuid.UUID     `json:"undoes,omitzero"`    // a run to be taken back
}

// BeginResult is the round that began.
type BeginResult struct {
	Round  run.Round `json:"round"`
	Shared bool      `json:"shared"` // users and groups are read under one rate limit: one after the other
}

// trial is the request that may try other settings: a sync never does.
func (in BeginInput) settingsRequest() string {
	if in.Preview {
		return in.Request
	}
	return ""
}

// Begin opens a run for this execution of the workflow, and reads once what the whole round keeps to. Again, it answers
// with the same round.
func (a *Activities) Begin(ctx context.Context, in BeginInput) (BeginResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (BeginResult, error) {
		settings, err := a.Tenants.Settings(ctx, in.Tenant, in.settingsRequest())
		if err != nil {
			return BeginResult{}, fmt.Errorf("read settings: %w", err)
		}
		if err := a.checkUndoable(ctx, in); err != nil {
			return BeginResult{}, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return BeginResult{}, fmt.Errorf("make a run's id: %w", err)
		}
		execution := activity.GetInfo(ctx).WorkflowExecution
		begun := run.Run{
			ID: id, Tenant: in.Tenant, Origin: in.Origin, Request: in.Request, Preview: in.Preview,
			Workflow: execution.ID, Execution: execution.RunID, Started: a.now(),
		}
		_, kept, err := a.Runs.BeginRun(ctx, begun, in.requestEvent(begun), func(begun run.Run, state ledger.State) ([]byte, error) {
			return in.opening(begun, settings, state)
		})
		if err != nil {
			return BeginResult{}, fmt.Errorf("begin run: %w", err)
		}
		opened, err := run.DecodeOpening(kept)
		return BeginResult{Round: opened.Round, Shared: opened.Settings.Shared}, err
	})
}

// opening is what a round that begins now keeps to. What its plan will be made from is the tenant's state, and every row
// is compared because it is time to, because rows are read by other rules than the known ones were, or because the plan
// that was applied last was left in the middle, and what is known may be numbered by columns that were never kept.
func (in BeginInput) opening(begun run.Run, settings run.Settings, state ledger.State) ([]byte, error) {
	round := run.Round{
		Tenant: in.Tenant, Run: begun.ID, Started: begun.Started, Generation: state.Generation, Preview: in.Preview,
		Stall: settings.Stall, Hold: settings.Hold, Approved: in.Approved, IgnoreWithheld: in.IgnoreWithheld, Undoes: in.Undoes,
	}
	round.Full = state.Unfinished ||
		state.Rules != roster.RulesDigest(settings.Fields, settings.Levels) ||
		round.Started.Sub(state.ComparedAt) >= settings.Compare
	var err error
	if settings.People, err = settings.PeopleDigest(round); err != nil {
		return nil, err
	}
	kept, err := json.Marshal(run.Opening{Settings: settings, Round: round})
	if err != nil {
		return nil, fmt.Errorf("encode what the round keeps to: %w", err)
	}
	return kept, nil
}

// settingsOf are the settings that a round keeps to.
func (a *Activities) settingsOf(ctx context.Context, round run.Round) (run.Settings, error) {
	kept, err := a.Runs.Opening(ctx, round.Run)
	if err != nil {
		return run.Settings{}, fmt.Errorf("read what the round keeps to: %w", err)
	}
	opened, err := run.DecodeOpening(kept)
	return opened.Settings, err
}
