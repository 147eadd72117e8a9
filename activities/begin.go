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
	"github.com/rollcall/rollcall/internal/stage"
)

// BeginInput asks for a round.
type BeginInput struct {
	Tenant  string     `json:"tenant"`
	Origin  run.Origin `json:"origin"`
	Request string     `json:"request,omitempty"`
	Preview bool       `json:"preview,omitempty"`

	Approved       *run.Approved `json:"approved,omitempty"` // the held plan to apply, which somebody approved
	IgnoreWithheld bool          `json:"afresh,omitempty"`   // plan removals that were rejected or expired before
	Undoes         uuid.UUID     `json:"undoes,omitzero"`    // the run to undo
}

// BeginResult is the round that began.
type BeginResult struct {
	Round  run.Round `json:"round"`
	Shared bool      `json:"shared"` // users and groups are read under one rate limit: one after the other
	Lanes  int       `json:"lanes"`  // spans that are applied at once; 0 in older histories
}

// settingsRequest returns the request that may try other settings. Only a preview has one.
func (in BeginInput) settingsRequest() string {
	if in.Preview {
		return in.Request
	}
	return ""
}

// Begin opens a run for this execution of the workflow, and reads the settings that apply to the whole round. A second
// call returns the same round.
func (a *Activities) Begin(ctx context.Context, in BeginInput) (BeginResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (BeginResult, error) {
		settings, err := a.Tenants.Settings(ctx, in.Tenant, in.settingsRequest())
		if err != nil {
			return BeginResult{}, fmt.Errorf("read settings: %w", err)
		}
		if err := a.checkUndoable(ctx, in); err != nil {
			return BeginResult{}, err
		}
		links, err := a.Decisions.Links(ctx, in.Tenant)
		if err != nil {
			return BeginResult{}, fmt.Errorf("read links: %w", err)
		}
		settings.Links = roster.LinksDigest(links)
		id, err := uuid.NewV7()
		if err != nil {
			return BeginResult{}, fmt.Errorf("make run id: %w", err)
		}
		execution := activity.GetInfo(ctx).WorkflowExecution
		begun := run.Run{
			ID: id, Tenant: in.Tenant, Origin: in.Origin, Request: in.Request, Preview: in.Preview,
			Workflow: execution.ID, Execution: execution.RunID, Started: a.now(),
		}
		_, kept, err := a.Runs.BeginRun(ctx, begun, in.requestEvent(begun),
			func(begun run.Run, state ledger.State) ([]byte, error) {
				return in.opening(begun, settings, state)
			})
		if err != nil {
			return BeginResult{}, fmt.Errorf("begin run: %w", err)
		}
		opened, err := run.DecodeOpening(kept)
		return BeginResult{Round: opened.Round, Shared: opened.Settings.Shared, Lanes: stage.Parallel()}, err
	})
}

// opening returns the encoded run.Opening of a round that begins now.
//
// Every row is compared if a full compare is due, or if the rules differ from those by which the known rows were read.
// The same is true if the last plan was applied only in part: its known rows may be numbered by columns that were never
// stored.
func (in BeginInput) opening(begun run.Run, settings run.Settings, state ledger.State) ([]byte, error) {
	round := run.Round{
		Tenant: in.Tenant, Run: begun.ID, Started: begun.Started, Generation: state.Generation, Preview: in.Preview,
		Stall: settings.Stall, Hold: settings.Hold, Approved: in.Approved, IgnoreWithheld: in.IgnoreWithheld,
		Undoes: in.Undoes,
	}
	var err error
	if settings.Mappings, err = settings.On(round.Started); err != nil {
		return nil, err
	}
	round.Full = state.Unfinished ||
		!state.SameSettings(settings.Digest()) ||
		round.Started.Sub(state.ComparedAt) >= settings.Compare
	if settings.People, err = settings.PeopleDigest(round); err != nil {
		return nil, err
	}
	kept, err := json.Marshal(run.Opening{Settings: settings, Round: round})
	if err != nil {
		return nil, fmt.Errorf("encode opening: %w", err)
	}
	return kept, nil
}

// settingsOf returns the settings that were stored when the round began.
func (a *Activities) settingsOf(ctx context.Context, round run.Round) (run.Settings, error) {
	kept, err := a.Runs.Opening(ctx, round.Run)
	if err != nil {
		return run.Settings{}, fmt.Errorf("read opening: %w", err)
	}
	opened, err := run.DecodeOpening(kept)
	return opened.Settings, err
}
