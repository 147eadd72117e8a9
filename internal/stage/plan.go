package stage

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
)

// Part yields the changes in one part of the run's plan.
func (r Run) Part(ctx context.Context, part plan.Part) iter.Seq2[plan.Change, error] {
	return func(yield func(plan.Change, error) bool) {
		for batch, err := range wrapped("plan", decoded[plan.Batch](r.chunks(ctx, string(part)))) {
			if err != nil {
				yield(plan.Change{}, err)
				return
			}
			for _, change := range batch.Changes {
				if !yield(change, nil) {
					return
				}
			}
		}
	}
}

// HeldParts returns the parts of the plan that the run held.
func (r Run) HeldParts(ctx context.Context) []plan.Part {
	if r.run.Result == nil || r.run.Result.Held == nil {
		return nil
	}
	var summary plan.Summary
	if sealed, err := r.summary(ctx, ledger.StagePlan, &summary); err != nil || !sealed {
		return plan.HeldParts() // unreadable: show all, a missing part is empty
	}
	return summary.Held(r.run.Result.Held.Plan)
}

// The reasons why a run's plan is incomplete.
var (
	errNoPlan      = errors.New("it ended before it had a plan")
	errPlanDropped = errors.New("its plan has been deleted (retention in tenants.yaml)")
)

// CheckComplete returns nil if the run's plan and issues are complete, so that they can be compared with those of
// another run. Otherwise the error says what is missing. A run that found the directory unchanged has an empty
// plan.
func (r Run) CheckComplete(ctx context.Context) error {
	if r.run.SameAs != uuid.Nil {
		return nil
	}
	var summary plan.Summary
	var judged struct{ Unchanged bool }
	planned, err := r.summary(ctx, ledger.StagePlan, &summary)
	if err == nil && !planned {
		_, err = r.summary(ctx, ledger.StageRoster, &judged)
	}
	switch {
	case err != nil:
		return err
	case !planned && !judged.Unchanged:
		return errNoPlan
	}
	stages := []string{ledger.StageIssues}
	for _, part := range plan.Parts() {
		stages = append(stages, string(part))
	}
	for _, stage := range stages {
		for _, err := range r.chunks(ctx, stage) {
			if errors.Is(err, ErrDropped) {
				return errPlanDropped
			}
			if err != nil {
				return fmt.Errorf("run %s: %w", r.run.ID, err)
			}
			break // the retention deletes all chunks of a run together
		}
	}
	return nil
}
