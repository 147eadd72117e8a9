package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/run"
)

// ConcludeInput is the end of a hold whose plan isn't applied.
type ConcludeInput struct {
	Tenant  string           `json:"tenant"`
	Run     uuid.UUID        `json:"run"`               // that showed the plan
	Plan    string           `json:"plan"`              // its id
	Outcome run.Outcome      `json:"outcome"`           // Rejected, Expired, or Failed when the sync was cancelled
	Request string           `json:"request,omitempty"` // of who rejected it
	Error   *run.ResultError `json:"error,omitempty"`
	// Latest is the run of the last round, if it isn't Run. Its result says that the plan is still held.
	Latest uuid.UUID `json:"latest,omitzero"`

	Undoes   uuid.UUID `json:"undoes,omitzero"`    // the run that was to be undone; then nothing is withheld
	Replaced bool      `json:"replaced,omitempty"` // a resync takes the plan's place
}

// ConcludeResult is the run's stored result.
type ConcludeResult struct {
	Result run.Result     `json:"result"`
	Alerts []Announcement `json:"alerts,omitempty"` // to be delivered
}

// Conclude records how a hold ended. Removals that were rejected or that expired are withheld from then on. It may be
// repeated.
func (a *Activities) Conclude(ctx context.Context, in ConcludeInput) (ConcludeResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil,
		func(ctx context.Context, p *progress) (ConcludeResult, error) {
			if in.Undoes == uuid.Nil && (in.Outcome == run.Rejected || in.Outcome == run.Expired) {
				if err := a.withhold(ctx, in, p); err != nil {
					return ConcludeResult{}, err
				}
			}
			result, err := a.concludeRun(ctx, in, in.Run)
			if err == nil && in.Latest != uuid.Nil {
				var latest run.Result
				if latest, err = a.concludeRun(ctx, in, in.Latest); latest.Outcome == in.Outcome {
					result = latest
				}
			}
			if err != nil {
				return ConcludeResult{}, err
			}
			alerts, err := a.concludeEvent(ctx, in, result)
			return ConcludeResult{Result: result, Alerts: alerts}, err
		})
}

// concludeRun ends the hold in a run's result.
func (a *Activities) concludeRun(ctx context.Context, in ConcludeInput, id uuid.UUID) (run.Result, error) {
	kept, err := a.Runs.Run(ctx, in.Tenant, id)
	if err != nil {
		return run.Result{}, fmt.Errorf("read run: %w", err)
	}
	if kept.Result == nil {
		return run.Result{}, errors.New("the run isn't finished, so it holds no plan")
	}
	result := *kept.Result
	switch {
	case result.Held == nil || result.Held.Plan != in.Plan:
		return result, nil
	case result.Outcome == run.Failed: // the round itself failed while the plan was held
		result.Held = nil
	default:
		result.Outcome, result.Error, result.Finished = in.Outcome, in.Error, a.now()
		if in.Outcome == run.Rejected {
			result.Rejected = in.Request
		}
		if in.Outcome == run.Failed {
			result.Held = nil
		}
		if result.Undoes != nil {
			result.Undoes = &run.Undoing{Run: result.Undoes.Run, Skipped: result.Undoes.Skipped, Replaced: in.Replaced}
		}
	}
	if err := a.Runs.ConcludeRun(ctx, id, result); err != nil {
		return run.Result{}, fmt.Errorf("conclude run: %w", err)
	}
	return result, nil
}

// withhold stores the removals of the dropped plan.
func (a *Activities) withhold(ctx context.Context, in ConcludeInput, p *progress) error {
	at := a.now()
	var list []ledger.Withheld
	flush := func() error {
		if len(list) == 0 {
			return nil
		}
		if err := a.Decisions.Withhold(ctx, in.Tenant, list); err != nil {
			return fmt.Errorf("withhold removals: %w", err)
		}
		p.Add(len(list))
		list = nil
		return nil
	}
	for c, err := range planning.Held(ctx, a.Stages, run.Approved{Plan: in.Plan, Run: in.Run}) {
		if errors.Is(err, ledger.ErrNotFound) {
			break // past its retention: the next sync's plan is held again
		}
		if err != nil {
			return err
		}
		for _, dropped := range c.Withheld() {
			list = append(list, ledger.Withheld{
				Removal: dropped, Plan: in.Plan, Outcome: in.Outcome,
				Request: in.Request, At: at,
			})
		}
		if len(list) >= a.batchRows() {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
