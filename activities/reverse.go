package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/run"
)

// ReverseInput names the run that undoes another one.
type ReverseInput struct {
	Round run.Round `json:"round"`
}

// ReverseResult is the plan. Changes that aren't undone are in the stage plan.PartLeft.
type ReverseResult struct {
	Plan    Plan          `json:"plan"`
	Held    *run.HeldPlan `json:"held"` // null: the plan is empty, or it was approved
	Skipped int           `json:"left"` // changes of the run that aren't undone
}

// Reverse works out the changes that undo a run, and stages them in batches.
func (a *Activities) Reverse(ctx context.Context, in ReverseInput) (ReverseResult, error) {
	stages := append(planStages(), string(plan.PartLeft))
	return step(ctx, a, in.Round, stages, func(ctx context.Context, p *progress) (ReverseResult, error) {
		planned, err := a.planning(ctx, in.Round, p)
		if err != nil {
			return ReverseResult{}, err
		}
		summary, err := planning.Reversal{Plan: planned, Audit: a.Audit}.Run(ctx)
		if err != nil {
			return ReverseResult{}, err
		}
		result := ReverseResult{Plan: planOf(summary.Summary), Skipped: summary.Skipped}
		result.Plan.HeldWhole = summary.WholeID()
		if in.Round.Approved == nil && summary.WholeID() != "" {
			result.Held = &run.HeldPlan{
				Plan: summary.WholeID(), Removals: summary.Planned, Changes: result.Plan.Counts().Total(), Undo: true,
			}
		}
		return result, nil
	})
}

// checkUndoable refuses to undo a run that isn't the tenant's, and a preview.
func (a *Activities) checkUndoable(ctx context.Context, in BeginInput) error {
	if in.Undoes == uuid.Nil {
		return nil
	}
	of, err := a.Runs.Run(ctx, in.Tenant, in.Undoes)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return fault.NotUndoable(fmt.Sprintf("%s has no run %s", in.Tenant, in.Undoes))
	case err != nil:
		return fmt.Errorf("read the run to be undone: %w", err)
	case of.Preview:
		return fault.NotUndoable(fmt.Sprintf("run %s is a preview: it changed nothing", in.Undoes))
	}
	return nil
}
