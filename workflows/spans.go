package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
)

// A history stays small because a plan's part is applied in at most spansPerPart activities, however many batches it
// has. width of them run at once.
const (
	spansPerPart = 32
	width        = 4
)

// span is a run of batches of one part: [from, to).
type span struct{ from, to int }

// spans cuts batches into at most most spans whose sizes differ by no more than one.
func spans(batches, most int) []span {
	count := min(batches, most)
	cut := make([]span, count)
	for i := range cut {
		cut[i] = span{from: batches * i / count, to: batches * (i + 1) / count}
	}
	return cut
}

// waves cuts a part into spans of batches, each of which may begin only when the one before is applied.
func waves(part activities.Part) []span {
	var cut []span
	from := 0
	for _, to := range append(slices.Clone(part.Waves), part.Batches) {
		if to > from {
			cut = append(cut, span{from: from, to: to})
		}
		from = to
	}
	return cut
}

// apply applies the additions, then the removals that wait for nobody, and then the others when they are released.
func (r *round) apply(ctx workflow.Context, release bool) error {
	todo := []applying{{Adding, plan.PartAdditions, r.plan.Additions}, {Removing, plan.PartReleased, r.plan.Released}}
	if release {
		todo = append(todo, applying{Removing, plan.PartRemovals, r.plan.Removals})
	}
	whole := activities.ApplyInput{Round: r.round}
	for _, each := range todo {
		whole.Changes += each.Changes
		whole.Batches += each.Batches
	}
	for _, each := range todo {
		if each.step == Removing && each.Batches > 0 && r.vetoed() {
			r.result().Held = r.heldBefore()
			return nil
		}
		whole.Part = each.name
		r.releasing = each.name == plan.PartRemovals && each.Batches > 0
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

// applyPart applies a part wave by wave.
func (r *round) applyPart(ctx workflow.Context, step Step, whole activities.ApplyInput, part activities.Part) error {
	if part.Batches == 0 {
		return nil
	}
	r.at(ctx, step)
	for _, wave := range waves(part) {
		if err := r.applyWave(ctx, whole, wave, part.Batches); err != nil {
			return err
		}
	}
	return nil
}

// applyWave applies a wave's batches, width spans at once. After a failure no further span starts, and those under way
// are waited for: what they did counts.
func (r *round) applyWave(ctx workflow.Context, whole activities.ApplyInput, wave span, batches int) error {
	size := wave.to - wave.from
	todo := spans(size, max(1, spansPerPart*size/batches))
	var failed error
	done := workflow.NewWaitGroup(ctx)
	for range min(width, len(todo)) {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			for len(todo) > 0 && failed == nil {
				next := span{from: wave.from + todo[0].from, to: wave.from + todo[0].to}
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
	err := workflow.ExecuteActivity(apply(ctx, r.in.Tenant, applySummary(in, batches)), r.do.Apply, in).Get(ctx, &applied)
	if err != nil {
		return err
	}
	r.result().Changes = r.result().Changes.Plus(applied.Counts)
	r.result().Failed += applied.Failed
	r.status.Planned.Applied += s.to - s.from
	r.tell(ctx)
	return nil
}
