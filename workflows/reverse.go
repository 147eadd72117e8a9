package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
)

// reverse plays the steps of a round that undoes a run.
func (r *round) reverse(ctx workflow.Context) error {
	r.enter(ctx, Reversing)
	var reversed activities.ReverseResult
	summary := "Work out how to undo run " + r.in.Undoes.String()
	err := workflow.ExecuteActivity(compute(ctx, r.in.Tenant, summary), r.do.Reverse,
		activities.ReverseInput{Round: r.round}).Get(ctx, &reversed)
	if err != nil {
		return err
	}
	r.plan, r.result().Held, r.result().Undoes.Skipped = reversed.Plan, reversed.Held, reversed.Skipped
	r.status.Planned = Planned{
		Changes:  r.plan.Counts(),
		Batches:  r.plan.Additions.Batches + r.plan.Released.Batches + r.plan.Removals.Batches,
		Removals: r.plan.Leaving,
	}
	changes, removals := int64(r.status.Planned.Changes.Total()), int64(r.plan.Leaving)
	if err := upsert(ctx, changesKey.ValueSet(changes), removalsKey.ValueSet(removals)); err != nil {
		return err
	}
	of := r.in.approved()
	if of == nil {
		return nil
	}
	r.result().Approved = &run.ApprovedPlan{Plan: of.Plan, Removals: r.plan.Approved, LeftOut: r.plan.LeftOut}
	return r.apply(ctx, activities.GuardResult{Release: true})
}
