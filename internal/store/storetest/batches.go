package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func batches(t *testing.T, open Opener) {
	ctx := t.Context()

	it(t, open, "a batch applies each verb", func(t *testing.T, s *store.Store) {
		before, changes, want := everyVerb()
		apply(t, s, 1, before...)
		applied := apply(t, s, 2, changes...)
		same(t, "applied", applied, ledger.Applied{Counts: run.ChangeCounts{
			Updated: 1, Deactivated: 1, Reactivated: 1, Departed: 1, Returned: 1, Deleted: 1, GroupsAdded: 1,
			GroupsUpdated: 1,
			GroupsRemoved: 1, MembershipsAdded: 1, MembershipsRemoved: 2, Drift: 1,
		}})
		checkState(t, s, want)
	})
	it(t, open, "an update keeps the time of creation and sets the time of change",
		func(t *testing.T, s *store.Store) {
			m := person(1)
			apply(t, s, 1, added(m)...)
			after := next(m, title("new"))
			after.CreatedAt = noon.Add(-time.Hour)
			got(s.Claim(ctx, ledger.Claim{Tenant: acme, Run: runID(2), Generation: 1, Changes: 1}))(t)
			later := ledger.Batch{
				Tenant: acme, Run: runID(2), Base: 1, At: noon.Add(time.Hour),
				Changes: []plan.Change{change(plan.Update, &m, &after)},
			}
			got(s.ApplyBatch(ctx, later))(t)
			have := all(t, s.Members(ctx, acme))[0]
			if !have.CreatedAt.Equal(noon) || !have.UpdatedAt.Equal(noon.Add(time.Hour)) || have.Version != 2 {
				t.Errorf("%+v", have)
			}
		})
	it(t, open, "remembering changes only the known row: no version, no time, no audit",
		func(t *testing.T, s *store.Store) {
			m := person(1)
			apply(t, s, 1, added(m)...)
			after := m
			after.Known = roster.Known{Row: roster.HashBytes([]byte("other")), Columns: 1, Issues: 2, Content: 3}
			same(t, "applied", apply(t, s, 2, change(plan.Remember, &m, &after)), ledger.Applied{})
			after.CreatedAt, after.UpdatedAt = noon, noon
			same(t, "member", all(t, s.Members(ctx, acme)), []roster.Member{after})
			same(t, "audit", len(all(t, s.RunChanges(ctx, acme, runID(2)))), 0)
		})
	it(t, open, "several changes of one member in a batch are applied in their order",
		func(t *testing.T, s *store.Store) {
			m := person(1)
			b := next(m, title("b"))
			c := next(b, title("c"))
			left := next(c, away)
			applied := apply(t, s, 1, change(plan.Add, nil, &m), change(plan.Update, &m, &b),
				change(plan.Update, &b, &c), change(plan.Depart, &c, &left))
			same(t, "applied", applied.Counts, run.ChangeCounts{Added: 1, Updated: 2, Departed: 1})
			same(t, "member", unstamped(all(t, s.Members(ctx, acme))), []roster.Member{left})
		})
	it(t, open, "a change from another version is listed as a conflict, and the others are applied",
		func(t *testing.T, s *store.Store) {
			m, other, gone := person(1), person(2), person(3)
			apply(t, s, 1, added(m, other)...)
			stale := m
			stale.Version = 7
			after, fine := next(stale, title("lost")), next(other, title("kept"))
			applied := apply(t, s, 2,
				change(plan.Update, &stale, &after), change(plan.Update, &other, &fine), change(plan.Add, nil, &m),
				change(plan.Delete, &gone, nil))
			same(t, "counts", applied.Counts, run.ChangeCounts{Updated: 1})
			same(t, "failed", applied.Failed, []ledger.Failure{
				{Seq: 3, Verb: plan.Update, Member: m.ID, Code: ledger.Conflict},
				{Seq: 5, Verb: plan.Add, Member: m.ID, Code: ledger.Conflict},
				{Seq: 6, Verb: plan.Delete, Member: gone.ID, Code: ledger.Conflict},
			})
			same(t, "members", unstamped(all(t, s.Members(ctx, acme))), []roster.Member{m, fine})
			same(t, "audit", len(all(t, s.RunChanges(ctx, acme, runID(2)))), 1)
		})
	it(t, open, "a repeated batch returns the first result and writes nothing", func(t *testing.T, s *store.Store) {
		b := claimed(t, s, added(person(1), person(2))...)
		applied := got(s.ApplyBatch(ctx, b))(t)
		before := pictured(t, s)
		b.At = noon.Add(time.Hour)
		b.Changes = added(person(3))
		same(t, "applied", got(s.ApplyBatch(ctx, b))(t), applied)
		same(t, "picture", pictured(t, s), before)
	})
	it(t, open, "concurrent attempts apply a batch once", func(t *testing.T, s *store.Store) {
		b := claimed(t, s, added(people(0, 200)...)...)
		other := open(t)
		applied := make([]ledger.Applied, 8)
		errs := make([]error, len(applied))
		var all sync.WaitGroup
		for i := range applied {
			all.Go(func() { applied[i], errs[i] = []*store.Store{s, other}[i%2].ApplyBatch(ctx, b) })
		}
		all.Wait()
		must(t, errors.Join(errs...))
		for _, a := range applied {
			same(t, "applied", a, ledger.Applied{Counts: run.ChangeCounts{Added: 200}})
		}
		same(t, "audit", len(pictured(t, s).Changes), 200)
	})
	it(t, open, "a batch of a superseded run is refused and writes nothing",
		func(t *testing.T, s *store.Store) {
			b := claimed(t, s, added(person(1))...)
			claim(t, s, 2, 1, 1)
			if _, err := s.ApplyBatch(ctx, b); !errors.Is(err, ledger.ErrSuperseded) {
				t.Error(err)
			}
			same(t, "members", len(all(t, s.Members(ctx, acme))), 0)
			b.Run = runID(9)
			if _, err := s.ApplyBatch(ctx, b); !errors.Is(err, ledger.ErrSuperseded) {
				t.Errorf("without a claim: %v", err)
			}
		})
	it(t, open, "a batch of a finished run is refused unless it was applied before",
		func(t *testing.T, s *store.Store) {
			begin(t, s, 1)
			base := claim(t, s, 1, 0, 2)
			b := ledger.Batch{Tenant: acme, Run: runID(1), Number: 0, Base: base, At: noon, Changes: added(person(1))}
			applied := got(s.ApplyBatch(ctx, b))(t)
			must(t, FinishRun(ctx, s, runID(1), run.Result{}, nil))
			same(t, "again", got(s.ApplyBatch(ctx, b))(t), applied)
			late := ledger.Batch{
				Tenant: acme, Run: runID(1), Number: 1, Base: base + 1, At: noon,
				Changes: added(person(2)),
			}
			if _, err := s.ApplyBatch(ctx, late); !errors.Is(err, ledger.ErrSuperseded) {
				t.Error(err)
			}
		})
	it(t, open, "a batch with audit numbers of another is refused", func(t *testing.T, s *store.Store) {
		base := claim(t, s, 1, 0, 4)
		at := func(number int, base int64) ledger.Batch {
			n := 10 * number
			return ledger.Batch{
				Tenant: acme, Run: runID(1), Number: number, Base: base, At: noon,
				Changes: added(person(n), person(n+1)),
			}
		}
		got(s.ApplyBatch(ctx, at(0, base)))(t)
		for _, wrong := range []ledger.Batch{at(1, base), at(1, base+1), at(1, base+3), at(1, base-1)} {
			if _, err := s.ApplyBatch(ctx, wrong); err == nil || errors.Is(err, ledger.ErrSuperseded) {
				t.Errorf("base %d: %v", wrong.Base, err)
			}
		}
		got(s.ApplyBatch(ctx, at(1, base+2)))(t)
		same(t, "audit", len(pictured(t, s).Changes), 4)
	})
	it(t, open, "batches in any order give the planned state", func(t *testing.T, s *store.Store) {
		order := rand.New(rand.NewPCG(1, 2))
		var state plan.Current
		var generation int64
		for round := range 6 {
			changes := plan.Diff(state, plan.Goal{Current: randomState(order, state)})
			want, err := plan.Apply(state, changes)
			must(t, err)
			base := claim(t, s, round+1, generation, len(changes))
			generation++
			var counts run.ChangeCounts
			for _, b := range shuffled(order, cut(changes, base, round+1)) {
				applied := got(s.ApplyBatch(ctx, b))(t)
				same(t, "failed", len(applied.Failed), 0)
				counts = counts.Plus(applied.Counts)
			}
			var counted run.ChangeCounts
			for _, c := range changes {
				c.Count(&counted)
			}
			same(t, fmt.Sprintf("counts of round %d", round), counts, counted)
			checkState(t, s, want)
			state = want
		}
	})
}

// claimed claims for run 1 and returns the batch with these changes.
func claimed(t *testing.T, s *store.Store, changes ...plan.Change) ledger.Batch {
	t.Helper()
	base := claim(t, s, 1, 0, len(changes))
	return ledger.Batch{Tenant: acme, Run: runID(1), Base: base, At: noon, Changes: changes}
}

// cut makes small batches of changes, additions first. Member and group changes, and those of memberships, mix.
func cut(changes []plan.Change, base int64, n int) (parts []ledger.Batch) {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b plan.Change) int { return int(a.Phase() - b.Phase()) })
	for part := range slices.Chunk(changes, 7) {
		parts = append(parts, ledger.Batch{
			Tenant: acme, Run: runID(n), Number: len(parts), Base: base, At: noon,
			Changes: part,
		})
		base += int64(len(part))
	}
	return parts
}

// shuffled shuffles the batches within each phase. A batch that has both phases stays in its place.
func shuffled(order *rand.Rand, parts []ledger.Batch) []ledger.Batch {
	mixed := slices.IndexFunc(parts, func(b ledger.Batch) bool {
		return b.Changes[len(b.Changes)-1].Phase() == plan.Removals
	})
	if mixed < 0 {
		mixed = len(parts)
	}
	order.Shuffle(mixed, func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	if mixed < len(parts) {
		rest := parts[mixed+1:]
		order.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	}
	return parts
}

// randomState is from with members and groups coming, going and changing.
func randomState(order *rand.Rand, from plan.Current) plan.Current {
	var to plan.Current
	there := map[int]roster.Member{}
	for _, m := range from.Members {
		there[int(m.ID[14])<<8|int(m.ID[15])] = m
	}
	for n := range 60 {
		m, ok := there[n]
		switch {
		case !ok && order.IntN(2) == 0:
			continue
		case !ok:
			m = person(n)
		case order.IntN(4) == 0:
			continue // deleted
		case order.IntN(2) == 0:
			m = next(m, title(fmt.Sprint("title ", order.IntN(1000))))
		}
		if ok && order.IntN(4) == 0 {
			m.Values[roster.Status] = []string{roster.Active, roster.Inactive}[order.IntN(2)]
			m.DepartedAt = time.Time{}
		}
		to.Members = append(to.Members, m)
	}
	for n := range 5 {
		if order.IntN(3) == 0 {
			continue
		}
		g := group(n)
		g.Name = fmt.Sprint("group ", order.IntN(3))
		to.Groups = append(to.Groups, g)
		for _, m := range to.Members {
			if order.IntN(3) == 0 {
				to.Memberships = append(to.Memberships, roster.Membership{Group: g.ID, Member: m.ID})
			}
		}
	}
	slices.SortFunc(to.Memberships, func(a, b roster.Membership) int {
		if c := bytes.Compare(a.Member[:], b.Member[:]); c != 0 {
			return c
		}
		return bytes.Compare(a.Group[:], b.Group[:])
	})
	return to
}

// checkState compares what is stored with a plan's state.
func checkState(t *testing.T, s *store.Store, want plan.Current) {
	t.Helper()
	same(t, "members", unstamped(all(t, s.Members(t.Context(), acme))), unstamped(want.Members))
	groups := got(s.Groups(t.Context(), acme))(t)
	slices.SortFunc(groups, func(a, b roster.Group) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	same(t, "groups", groups, want.Groups)
	var ids []roster.Membership
	for _, m := range want.Members {
		of := got(s.MembershipsOf(t.Context(), acme, []uuid.UUID{m.ID}))(t)
		ids = append(ids, of...)
	}
	same(t, "memberships", ids, want.Memberships)
}

// everyVerb is what is there before, changes of every verb but Add and Remember, and what is there after them.
func everyVerb() (before, changes []plan.Change, want plan.Current) {
	p := people(0, 7)
	p[2].Values[roster.Status] = roster.Inactive
	away(&p[4])
	one, two, three := group(20), group(21), group(22)
	before = append(added(p...), groupAdded(one), groupAdded(two),
		membership(plan.AddMembership, one.ID, p[0].ID), membership(plan.AddMembership, two.ID, p[6].ID),
		membership(plan.AddMembership, one.ID, p[3].ID))

	updated := next(p[0], title("other"))
	inactive := next(p[1], func(m *roster.Member) { m.Values[roster.Status] = roster.Inactive })
	active := next(p[2], func(m *roster.Member) { m.Values[roster.Status] = roster.Active })
	left := next(p[3], away)
	back := next(p[4], func(m *roster.Member) { *m = person(4); m.Version = 2 })
	renamed := one
	renamed.Name = "renamed"
	drift := change(plan.Update, &p[0], &updated)
	drift.Drift = true
	forget := membership(plan.RemoveMembership, two.ID, p[6].ID)
	forget.Forget = true
	changes = []plan.Change{
		drift, change(plan.Deactivate, &p[1], &inactive), change(plan.Reactivate, &p[2], &active),
		change(plan.Depart, &p[3], &left),
		change(plan.Return, &p[4], &back), change(plan.Delete, &p[5], nil), groupAdded(three),
		{Verb: plan.UpdateGroup, Group: one.ID, BeforeGroup: &one, AfterGroup: &renamed, Why: "test"},
		{Verb: plan.RemoveGroup, Group: two.ID, BeforeGroup: &two, Why: "test"},
		membership(plan.AddMembership, three.ID, p[0].ID), membership(plan.RemoveMembership, one.ID, p[3].ID), forget,
	}
	forgotten := p[6]
	forgotten.Known = roster.Known{}
	want = plan.Current{
		Members:     []roster.Member{updated, inactive, active, left, back, forgotten},
		Groups:      []roster.Group{renamed, three},
		Memberships: []roster.Membership{{Group: one.ID, Member: p[0].ID}, {Group: three.ID, Member: p[0].ID}},
	}
	return before, changes, want
}
