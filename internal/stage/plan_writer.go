package stage

import (
	"cmp"
	"context"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
)

// PlanWriter writes the parts of a plan, each to the stage with its name. The seal of ledger.StagePlan seals them.
type PlanWriter map[plan.Part]*Writer

// ClaimPlan claims the stages of some parts of a plan.
func (a Attempt) ClaimPlan(ctx context.Context, parts ...plan.Part) (_ PlanWriter, err error) {
	w := PlanWriter{}
	for _, part := range parts {
		if w[part], _, err = a.Claim(ctx, string(part), false); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Builder returns a plan.Builder that writes each batch. It calls written with the number of changes of each.
func (w PlanWriter) Builder(ctx context.Context, written func(changes int)) *plan.Builder {
	return plan.NewBuilder(func(batch *plan.PackedBatch) error {
		written(batch.Len())
		return w[batch.Part].Put(ctx, batch, ledger.Progress{Rows: batch.First + batch.Len()}, batch.Release)
	})
}

// Wait waits until all batches are written.
func (w PlanWriter) Wait() (err error) {
	for _, part := range append(plan.Parts(), plan.PartLeft) {
		if writer, ok := w[part]; ok {
			err = cmp.Or(err, writer.Wait())
		}
	}
	return err
}
