package storage

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store"
)

// RunChanges is of the port Audit.
func (s Storage) RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[plan.Done, error] {
	return done(s.store.RunChanges(ctx, tenant, run))
}

// RunChangesOf is of the port Audit.
func (s Storage) RunChangesOf(ctx context.Context, tenant string, run uuid.UUID, members []uuid.UUID) iter.Seq2[plan.Done, error] {
	return done(s.store.RunChangesOf(ctx, tenant, run, members))
}

// done are rows of the audit as changes that were done.
func done(rows iter.Seq2[store.AuditChange, error]) iter.Seq2[plan.Done, error] {
	return func(yield func(plan.Done, error) bool) {
		for c, err := range translatedSeq(rows) {
			verb, known := plan.VerbOf(c.Op)
			if err == nil && !known {
				err = fmt.Errorf("the audit has the op %q, which this release doesn't know", c.Op)
			}
			if !yield(plan.Done{Verb: verb, Member: c.Member, Group: c.Group, Fields: c.Fields}, err) || err != nil {
				return
			}
		}
	}
}
