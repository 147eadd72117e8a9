package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
)

// flowing returns the parts of the plan that are applied, in this order: what needs no decision, and what the guard
// releases.
func (r *round) flowing(verdict activities.GuardResult) []applying {
	todo := []applying{{Adding, plan.PartAdditions, r.plan.Additions}}
	if !verdict.Additions.Held {
		todo = append(todo, applying{Adding, plan.PartNewcomers, r.plan.Newcomers})
	}
	if !verdict.Changes.Held {
		todo = append(todo, applying{Adding, plan.PartUpdates, r.plan.Updates})
	}
	todo = append(todo, applying{Removing, plan.PartReleased, r.plan.Released})
	if verdict.Release {
		todo = append(todo, applying{Removing, plan.PartRemovals, r.plan.Removals})
	}
	return todo
}

// apply applies the parts of the plan that aren't held.
func (r *round) apply(ctx workflow.Context, verdict activities.GuardResult) error {
	todo := r.flowing(verdict)
	if workflow.GetVersion(ctx, lanesVersion, workflow.DefaultVersion, 1) == workflow.DefaultVersion || r.lanes == 0 {
		r.lanes = olderLanes
	}
	whole := activities.ApplyInput{Round: r.round}
	for _, each := range todo {
		whole.Changes += each.Changes
		whole.Batches += each.Batches
	}
	for _, each := range todo {
		if each.name != plan.PartAdditions && each.Batches > 0 && r.vetoed() {
			r.result().Held = r.in.heldBefore()
			return nil
		}
		whole.Part = each.name
		r.releasing = each.Batches > 0 && (each.name == plan.PartRemovals ||
			each.name != plan.PartAdditions && r.result().Held == nil)
		if err := r.applyPart(ctx, each.step, whole, each.Part); err != nil {
			return err
		}
		whole.Number += each.Batches
		whole.Offset += each.Changes
	}
	return nil
}

// applying is a part of the plan to be applied.
type applying struct {
	step Step
	name plan.Part
	activities.Part
}

// applyPart applies a part, section by section.
func (r *round) applyPart(ctx workflow.Context, step Step, whole activities.ApplyInput, part activities.Part) error {
	if part.Batches == 0 {
		return nil
	}
	r.enter(ctx, step)
	for _, section := range sections(part) {
		if err := r.applySection(ctx, whole, section, part.Batches); err != nil {
			return err
		}
	}
	return nil
}

// applySection applies a section's batches. Each lane applies one span after the other. After a failure no further span
// starts. It waits for spans under way, because their changes count.
func (r *round) applySection(ctx workflow.Context, whole activities.ApplyInput, section span, batches int) error {
	size := section.to - section.from
	todo := spans(size, max(1, spansPerPart*size/batches))
	var failed error
	done := workflow.NewWaitGroup(ctx)
	for range min(r.lanes, len(todo)) {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			for len(todo) > 0 && failed == nil {
				next := span{from: section.from + todo[0].from, to: section.from + todo[0].to}
				todo = todo[1:]
				if err := r.applySpan(ctx, whole, next, batches); err != nil && failed == nil {
					failed = err
				}
			}
		})
	}
	done.Wait(ctx)
	return failed
}

func (r *round) applySpan(ctx workflow.Context, in activities.ApplyInput, s span, batches int) error {
	in.From, in.To = s.from, s.to
	var applied activities.ApplyResult
	err := workflow.ExecuteActivity(apply(ctx, r.in.Tenant, applySummary(in, batches)), r.do.Apply, in).Get(ctx,
		&applied)
	if err != nil {
		return err
	}
	r.result().Changes = r.result().Changes.Plus(applied.Counts)
	r.result().Failed += applied.Failed
	r.status.Planned.Applied += s.to - s.from
	r.refresh(ctx)
	return nil
}
