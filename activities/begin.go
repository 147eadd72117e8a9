package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// BeginInput asks for a round.
type BeginInput struct {
	Tenant  string     `json:"tenant"`
	Origin  run.Origin `json:"origin"`
	Request string     `json:"request,omitempty"`
	Preview bool       `json:"preview,omitempty"`

	Approved *Approved `json:"approved,omitempty"` // a held plan that somebody approved: its removals are applied
	Afresh   bool      `json:"afresh,omitempty"`   // what was rejected or expired before counts no more
	Undoes   uuid.UUID `json:"undoes,omitzero"`    // a run to be taken back
}

// BeginResult is the round that began.
type BeginResult struct {
	Round  Round `json:"round"`
	Shared bool  `json:"shared"` // users and groups are read under one rate limit: one after the other
}

// trial is the request that may try other settings: a sync never does.
func (in BeginInput) trial() string {
	if in.Preview {
		return in.Request
	}
	return ""
}

// opening seals stageSettings: what a round keeps to, however settings change meanwhile.
type opening struct {
	Settings Settings `json:"settings"`
	Round    Round    `json:"round"`
}

// Begin opens a run for this execution of the workflow, and reads once what the whole round keeps to. Again, it answers
// with the same round.
func (a *Activities) Begin(ctx context.Context, in BeginInput) (BeginResult, error) {
	return step(ctx, a, Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (BeginResult, error) {
		settings, err := a.Tenants.Settings(ctx, in.Tenant, in.trial())
		if err != nil {
			return BeginResult{}, fmt.Errorf("read settings: %w", err)
		}
		if err := a.undoable(ctx, in); err != nil {
			return BeginResult{}, err
		}
		begun, err := a.beginRun(ctx, in)
		if err != nil {
			return BeginResult{}, err
		}
		if in.Afresh {
			if err := a.settleRequest(ctx, begun); err != nil {
				return BeginResult{}, err
			}
		}
		round := Round{
			Tenant: in.Tenant, Run: begun.ID, Started: begun.Started, Preview: in.Preview, Stall: settings.Stall,
			Hold: settings.Hold, Approved: in.Approved, Afresh: in.Afresh, Undoes: in.Undoes,
		}
		w, stage, err := a.claim(ctx, round, stageSettings, false)
		if err != nil {
			return BeginResult{}, err
		}
		if w == nil {
			opened, err := summaryOf[opening](stage)
			return BeginResult{Round: opened.Round, Shared: opened.Settings.Shared}, err
		}
		if settings.People, err = settings.people(round); err != nil {
			return BeginResult{}, err
		}
		if err := a.compare(ctx, &round, settings); err != nil {
			return BeginResult{}, err
		}
		if err := w.seal(ctx, opening{Settings: settings, Round: round}); err != nil {
			return BeginResult{}, err
		}
		return BeginResult{Round: round, Shared: settings.Shared}, nil
	})
}

func (a *Activities) beginRun(ctx context.Context, in BeginInput) (run.Run, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return run.Run{}, fmt.Errorf("make a run's id: %w", err)
	}
	execution := activity.GetInfo(ctx).WorkflowExecution
	begun, err := a.Runs.BeginRun(ctx, run.Run{
		ID: id, Tenant: in.Tenant, Origin: in.Origin, Request: in.Request, Preview: in.Preview,
		Workflow: execution.ID, Execution: execution.RunID, Started: a.now(),
	})
	if err != nil {
		return run.Run{}, fmt.Errorf("begin run: %w", err)
	}
	return begun, nil
}

// compare notes what the round's plan will be made from, and whether every row is to be compared: because it is time
// to, because rows are read by other rules than the known ones were, or because the plan that was applied last was left
// in the middle, and what is known may be numbered by columns that were never kept.
func (a *Activities) compare(ctx context.Context, round *Round, settings Settings) error {
	state, err := a.Runs.State(ctx, round.Tenant)
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	left, err := a.leftOpen(ctx, round.Tenant, state)
	if err != nil {
		return err
	}
	round.Generation = state.Generation
	round.Full = left ||
		state.Rules != roster.RulesDigest(settings.Fields, settings.Levels) ||
		round.Started.Sub(state.ComparedAt) >= settings.Compare
	return nil
}

// leftOpen tells whether the run that claimed the tenant last never finished (its workflow was terminated), and no run
// has put everything in order since.
func (a *Activities) leftOpen(ctx context.Context, tenant string, state State) (bool, error) {
	if state.Settled || state.ClaimedBy == uuid.Nil {
		return false, nil
	}
	last, err := a.Runs.Run(ctx, tenant, state.ClaimedBy)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the last run: %w", err)
	}
	return last.Finished.IsZero(), nil
}

// settingsOf are the settings that a round keeps to.
func (a *Activities) settingsOf(ctx context.Context, round Round) (Settings, error) {
	opened, err := sealed[opening](ctx, a.Stages, round.Run, stageSettings)
	return opened.Settings, err
}
