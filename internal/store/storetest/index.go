package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// indexes tests the stored index.
func indexes(t *testing.T, open Opener) {
	it(t, open, "the stored index agrees with the members after any change",
		func(t *testing.T, s *store.Store) {
			everybody := people(0, 20)
			forgotten := membership(plan.RemoveMembership, group(1).ID, id(3))
			forgotten.Forget = true
			grouped := []plan.Change{groupAdded(group(1)), membership(plan.AddMembership, group(1).ID, id(3))}
			apply(t, s, 1, append(grouped, added(everybody...)...)...)
			first := indexed(t, s)
			same(t, "members", len(first), 20)

			updated, left := next(everybody[1], title("Chief")), next(everybody[2], away)
			inactive := next(everybody[4], func(m *roster.Member) { m.Values[roster.Status] = roster.Inactive })
			remembered := everybody[5]
			remembered.Known.Row = roster.HashBytes([]byte("another order of columns"))
			moved := next(everybody[6], func(m *roster.Member) {
				m.ExternalID, m.ExternalKind, m.Values[roster.Email] = "W6", "workday:WID", "six@example.com"
			})
			apply(t, s, 2, change(plan.Update, &everybody[1], &updated), change(plan.Depart, &everybody[2], &left),
				forgotten,
				change(plan.Deactivate, &everybody[4], &inactive), change(plan.Remember, &everybody[5], &remembered),
				change(plan.Update, &everybody[6], &moved), change(plan.Delete, &everybody[7], nil),
				change(plan.Add, nil, pointer(person(30))))
			same(t, "members", len(indexed(t, s)), 20)

			again := next(updated, title("Chief of chiefs"))
			back := next(left, func(m *roster.Member) {
				m.Values[roster.Status], m.DepartedAt, m.Known = roster.Active, time.Time{}, everybody[2].Known
			})
			apply(t, s, 3, change(plan.Update, &updated, &again), change(plan.Return, &left, &back))
			indexed(t, s)
			must(t, s.MaintainIndex(t.Context(), acme, runID(3), false))
			indexed(t, s)
			must(t, s.MaintainIndex(t.Context(), acme, runID(3), true))
			same(t, "members", len(indexed(t, s)), 20)
		})
	it(t, open, "a member changed and then forgotten in one batch has no known row",
		func(t *testing.T, s *store.Store) {
			before := person(1)
			apply(t, s, 1, append([]plan.Change{groupAdded(group(1)), membership(plan.AddMembership, group(1).ID,
				before.ID)}, added(before)...)...)
			forgets, after := membership(plan.RemoveMembership, group(1).ID, before.ID), next(before, title("Chief"))
			forgets.Forget = true
			apply(t, s, 2, forgets, change(plan.Update, &before, &after))
			same(t, "knows a row", indexed(t, s)[0].HasRow, false)
		})
	it(t, open, "a failed change isn't in the index", func(t *testing.T, s *store.Store) {
		everybody := people(0, 4)
		apply(t, s, 1, added(everybody...)...)
		stale, bad := next(everybody[1], title("never")), next(everybody[2], title("bad \x00 text"))
		stale.Version++
		was := everybody[1]
		was.Version = 7
		good := next(everybody[3], title("Chief"))
		applied := apply(t, s, 2, change(plan.Update, &was, &stale), change(plan.Update, &everybody[2], &bad),
			change(plan.Update, &everybody[3], &good), change(plan.Delete, &was, nil),
			change(plan.Delete, &everybody[0], nil))
		same(t, "failed", len(applied.Failed), 3)
		same(t, "members", len(indexed(t, s)), 3)
	})
	it(t, open, "an index of many parts is compacted", func(t *testing.T, s *store.Store) {
		m := person(0)
		apply(t, s, 1, added(people(0, 3)...)...)
		most := 0
		for n := range 80 {
			after := next(m, title(fmt.Sprint("title ", n)))
			apply(t, s, n+2, change(plan.Update, &m, &after))
			must(t, s.MaintainIndex(t.Context(), acme, runID(n+2), false))
			m, most = after, max(most, got(s.IndexParts(t.Context(), acme))(t).Parts)
		}
		indexed(t, s)
		if most < 20 || most > 40 {
			t.Errorf("up to %d parts of 3 members", most)
		}
	})
	it(t, open, "an index with many obsolete entries is compacted", func(t *testing.T, s *store.Store) {
		const count = 8100
		everybody := people(0, count)
		state := func() store.IndexParts { return got(s.IndexParts(t.Context(), acme))(t) }
		apply(t, s, 1, added(everybody...)...)
		for n := 2; n < 5; n++ {
			var changes []plan.Change
			for i := range everybody {
				before := everybody[i]
				everybody[i].Known.Row = roster.HashBytes([]byte{byte(n), byte(i), byte(i >> 8)})
				changes = append(changes, change(plan.Remember, &before, pointer(everybody[i])))
			}
			apply(t, s, n, changes...)
			must(t, s.MaintainIndex(t.Context(), acme, runID(n), false))
			if n == 3 {
				same(t, "after two syncs", state(), store.IndexParts{
					Kept: true, Parts: 3, Entries: 3 * count,
					Replaced: 2 * count,
				})
				indexed(t, s)
			}
		}
		same(t, "after a third", state(), store.IndexParts{Kept: true, Parts: 1, Entries: count})
		same(t, "members", len(indexed(t, s)), count)
	})
	it(t, open, "a deleted member leaves nothing in the index", func(t *testing.T, s *store.Store) {
		everybody := people(0, 3)
		apply(t, s, 1, added(everybody...)...)
		apply(t, s, 2, change(plan.Delete, &everybody[1], nil))
		must(t, s.MaintainIndex(t.Context(), acme, runID(2), false))
		indexed(t, s)
		same(t, "parts", got(s.IndexParts(t.Context(), acme))(t), store.IndexParts{Kept: true, Parts: 1, Entries: 2})
	})
	it(t, open, "only the run that claimed the tenant last maintains the index", func(t *testing.T, s *store.Store) {
		everybody := people(0, 3)
		apply(t, s, 1, added(everybody...)...)
		apply(t, s, 2, change(plan.Delete, &everybody[1], nil))
		must(t, s.MaintainIndex(t.Context(), acme, runID(1), true))
		same(t, "parts", got(s.IndexParts(t.Context(), acme))(t).Parts, 2)
		must(t, s.MaintainIndex(t.Context(), "nobody", runID(1), true))
	})
	it(t, open, "a finished run adds no part", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(people(0, 3)...)...)
		begin(t, s, 2)
		state := got(s.State(t.Context(), acme))(t)
		base := claim(t, s, 2, state.Generation, 1)
		must(t, FinishRun(t.Context(), s, runID(2), run.Result{Tenant: acme, Outcome: run.Failed, Finished: noon}, nil))
		_, err := s.ApplyBatch(t.Context(), ledger.Batch{
			Tenant: acme, Run: runID(2), Base: base, At: noon,
			Changes: added(person(9)),
		})
		if err == nil {
			t.Error("the batch was applied")
		}
		same(t, "members", len(indexed(t, s)), 3)
	})
}

func pointer[T any](value T) *T { return &value }
