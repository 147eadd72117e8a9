package activities

import (
	"cmp"
	"context"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
)

// partWriters write the parts of a plan, each to the stage of its name. The plan's seal is theirs.
type partWriters map[plan.Part]*writer

func (a *Activities) claimParts(ctx context.Context, round Round, parts ...plan.Part) (_ partWriters, err error) {
	w := partWriters{}
	for _, part := range parts {
		if w[part], _, err = a.claim(ctx, round, string(part), false); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// builder makes a Builder that has each batch written.
func (w partWriters) builder(ctx context.Context, p *progress) *plan.Builder {
	return plan.NewBuilder(func(batch *plan.Sheet) error {
		p.add(batch.Len())
		return w[batch.Part].put(ctx, batch, ledger.Progress{Rows: batch.First + batch.Len()})
	})
}

// wait waits until all is kept.
func (w partWriters) wait() (err error) {
	for _, part := range append(plan.Parts(), plan.PartLeft) {
		if to, there := w[part]; there {
			err = cmp.Or(err, to.wait())
		}
	}
	return err
}
