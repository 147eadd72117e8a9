package storetest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func audit(t *testing.T, open Opener) {
	ctx := t.Context()
	numbers := func(t *testing.T, s *store.Store, after int64, limit int) (numbers []int64) {
		t.Helper()
		for _, c := range all(t, s.Changes(ctx, acme, after, limit)) {
			numbers = append(numbers, c.Seq)
		}
		return numbers
	}
	batch := func(number int, base int64, n int) ledger.Batch {
		return ledger.Batch{
			Tenant: acme, Run: runID(1), Number: number, Base: base, At: noon,
			Changes: added(people(100*number, 100*number+n)...),
		}
	}

	it(t, open, "each change has its values before and after", func(t *testing.T, s *store.Store) {
		m := roster.Member{ID: id(1), Version: 1}
		m.Values[roster.Email], m.Values[roster.Status], m.Values[roster.PeopleManager] = "a@b.io", roster.Active, "yes"
		after := next(m, func(m *roster.Member) {
			m.Values[roster.City] = "München \"9\""
			m.Values[roster.PeopleManager] = ""
		})
		g := group(2)
		apply(t, s, 1, added(m)...)
		apply(t, s, 2, change(plan.Update, &m, &after), groupAdded(g), membership(plan.AddMembership, g.ID, m.ID))
		same(t, "changes", all(t, s.Changes(ctx, acme, 0, 0)), []ledger.AuditRow{
			{Seq: 1, Run: runID(1), At: noon, Op: "added", Member: m.ID, Why: "test", Fields: map[string][2]any{
				"email": {nil, "a@b.io"}, "status": {nil, "active"}, "people_manager": {nil, true},
			}},
			{Seq: 2, Run: runID(2), At: noon, Op: "updated", Member: m.ID, Why: "test", Fields: map[string][2]any{
				"city": {nil, "München \"9\""}, "people_manager": {true, nil},
			}},
			{Seq: 3, Run: runID(2), At: noon, Op: "group_added", Group: g.ID, Why: "test", Fields: map[string][2]any{
				"group_name": {nil, g.Name},
			}},
			{
				Seq: 4, Run: runID(2), At: noon, Op: "membership_added", Member: m.ID, Group: g.ID, Why: "test",
				Fields: map[string][2]any{},
			},
		})
		same(t, "of the run", all(t, s.RunChanges(ctx, acme, runID(2))), all(t, s.Changes(ctx, acme, 1, 0)))
		same(t, "of no run", len(all(t, s.RunChanges(ctx, acme, runID(9)))), 0)
		same(t, "after and limit", numbers(t, s, 1, 2), []int64{2, 3})
		same(t, "another tenant's", len(all(t, s.Changes(ctx, "globex", 0, 0))), 0)
	})
	it(t, open, "changes stop below the lowest batch that is still to be applied", func(t *testing.T, s *store.Store) {
		base := claim(t, s, 1, 0, 9)
		same(t, "none applied", len(numbers(t, s, 0, 0)), 0)
		got(s.ApplyBatch(ctx, batch(1, base+3, 3)))(t)
		same(t, "the middle one applied", len(numbers(t, s, 0, 0)), 0)
		same(t, "of the run", len(all(t, s.RunChanges(ctx, acme, runID(1)))), 3)
		got(s.ApplyBatch(ctx, batch(0, base, 3)))(t)
		same(t, "the first two applied", numbers(t, s, 0, 0), []int64{1, 2, 3, 4, 5, 6})
		got(s.ApplyBatch(ctx, batch(2, base+6, 3)))(t)
		same(t, "all applied", numbers(t, s, 5, 0), []int64{6, 7, 8, 9})
	})
	it(t, open, "a second plan of the run waits for the first one's batches", func(t *testing.T, s *store.Store) {
		base := claim(t, s, 1, 0, 3)
		later := got(s.Claim(ctx, ledger.Claim{Tenant: acme, Run: runID(1), Plan: "held", Changes: 3}))(t)
		got(s.ApplyBatch(ctx, batch(1, later, 3)))(t)
		same(t, "second plan applied", len(numbers(t, s, 0, 0)), 0)
		got(s.ApplyBatch(ctx, batch(0, base, 3)))(t)
		same(t, "both applied", numbers(t, s, 0, 0), []int64{1, 2, 3, 4, 5, 6})
	})
	it(t, open, "batches of a closed claim don't hold back changes", func(t *testing.T, s *store.Store) {
		begin(t, s, 1)
		base := claim(t, s, 1, 0, 6)
		got(s.ApplyBatch(ctx, batch(1, base+3, 3)))(t)
		must(t, FinishRun(ctx, s, runID(1), run.Result{Outcome: run.Failed}, nil))
		same(t, "the run finished", numbers(t, s, 0, 0), []int64{4, 5, 6})
		claim(t, s, 2, 1, 2) // never finished
		same(t, "the next began", numbers(t, s, 0, 0), []int64{4, 5, 6})
		claim(t, s, 3, 2, 0)
		same(t, "and was superseded", numbers(t, s, 0, 0), []int64{4, 5, 6})
	})
	it(t, open, "deleting a member clears the values of all its audit rows", func(t *testing.T, s *store.Store) {
		m, other := person(1), person(2)
		after := next(m, title("secret title"))
		apply(t, s, 1, added(m, other)...)
		apply(t, s, 2, change(plan.Update, &m, &after))
		apply(t, s, 3, change(plan.Delete, &after, nil))
		for _, c := range all(t, s.Changes(ctx, acme, 0, 0)) {
			if len(c.Fields) == 0 {
				t.Errorf("%d, %s: no field names", c.Seq, c.Op)
			}
			for name, values := range c.Fields {
				if blank := values == [2]any{}; blank != (c.Member == m.ID) {
					t.Errorf("%d, %s, %s: %v", c.Seq, c.Op, name, values)
				}
			}
		}
		same(t, "run", []uuid.UUID{runID(2)}, []uuid.UUID{all(t, s.Changes(ctx, acme, 2, 1))[0].Run})
	})
}
