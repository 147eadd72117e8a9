package storetest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store"
)

func undo(t *testing.T, open Opener) {
	ctx := t.Context()
	it(t, open, "a run's changes of members and memberships are read by member and in order",
		func(t *testing.T, s *store.Store) {
			a, b, c := person(1), person(2), person(3)
			after, later := next(b, title("one")), next(a, title("two"))
			g := group(9)
			apply(t, s, 1, added(a, b, c)...)
			apply(t, s, 2, groupAdded(g), membership(plan.AddMembership, g.ID, b.ID), change(plan.Update, &b, &after),
				change(plan.Update, &a, &later), membership(plan.AddMembership, g.ID, c.ID))
			var told []int64
			of := all(t, s.RunChangesOf(ctx, acme, runID(2), []uuid.UUID{b.ID, a.ID, id(77), b.ID}))
			for _, c := range of {
				told = append(told, c.Seq)
			}
			same(t, "a, then b", told, []int64{7, 5, 6})
			same(t, "whole", of[0], all(t, s.RunChanges(ctx, acme, runID(2)))[3])
			same(t, "another tenant's", len(all(t, s.RunChangesOf(ctx, "globex", runID(2), []uuid.UUID{a.ID}))), 0)
			same(t, "of nobody", len(all(t, s.RunChangesOf(ctx, acme, runID(2), nil))), 0)
		})
	it(t, open, "a run's changes of more members than a statement takes", func(t *testing.T, s *store.Store) {
		many := people(0, 2500)
		apply(t, s, 1, added(many...)...)
		var ids []uuid.UUID
		for _, m := range many {
			ids = append(ids, m.ID)
		}
		same(t, "all", len(all(t, s.RunChangesOf(ctx, acme, runID(1), ids))), 2500)
	})
}
