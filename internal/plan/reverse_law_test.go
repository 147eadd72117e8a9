package plan_test

import (
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

var tomorrow = today.Add(24 * time.Hour)

// audited are changes as the audit has them.
func audited(list []plan.Change) (done []plan.AppliedChange) {
	for _, c := range list {
		if op := c.Verb.Op(); op != "" {
			verb, _ := plan.ParseOp(op)
			done = append(done, plan.AppliedChange{Verb: verb, Member: c.Member, Group: c.Group, Fields: c.Fields()})
		}
	}
	return done
}

// takeBack is what takes a run back, groups and all.
func takeBack(now plan.Current, done []plan.AppliedChange, taken map[uuid.UUID]bool) plan.Reversal {
	return takeBackBy(now, done, plan.Reverser{Taken: taken})
}

func takeBackBy(now plan.Current, done []plan.AppliedChange, by plan.Reverser) plan.Reversal {
	ofGroups := func(d plan.AppliedChange) bool { return d.Member == uuid.Nil }
	var groups, members []plan.AppliedChange
	for _, d := range done {
		if ofGroups(d) {
			groups = append(groups, d)
		} else {
			members = append(members, d)
		}
	}
	reverse, there, doubtful := plan.ReverseGroups(now.Groups, groups)
	by.Now, by.Groups = tomorrow, there
	of := by.Members(plan.Current{Members: now.Members, Memberships: now.Memberships}, members)
	sizes, removed := map[uuid.UUID]int{}, map[uuid.UUID]int{}
	for _, m := range now.Memberships {
		sizes[m.Group]++
	}
	for _, c := range of.Changes {
		if c.Verb == plan.RemoveMembership {
			removed[c.Group]++
		}
	}
	last := plan.RemoveGroups(doubtful, sizes, removed)
	return plan.Reversal{
		Changes: slices.Concat(
			reverse.Changes,
			of.Changes,
			last.Changes,
		), Left: slices.Concat(reverse.Left, of.Left, last.Left),
	}
}

// sensible is a state as a sync would leave it: nobody departed is in a group, groups have names of their own, and where
// there is no external id there is no kind.
func sensible(s plan.Current, byName bool) plan.Current {
	there := map[uuid.UUID]bool{}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Name += g.Key
		if there[g.ID] = true; byName {
			g.Key = g.Name
		}
	}
	departed := map[uuid.UUID]bool{}
	for i := range s.Members {
		m := &s.Members[i]
		departed[m.ID] = m.Values[roster.Status] == roster.Departed
		if m.ExternalID == "" {
			m.ExternalKind = ""
		}
	}
	s.Memberships = slices.DeleteFunc(
		s.Memberships,
		func(m roster.Membership) bool { return departed[m.Member] || !there[m.Group] },
	)
	return s
}

func byIDs(s plan.Current) map[uuid.UUID]roster.Member {
	members := map[uuid.UUID]roster.Member{}
	for _, m := range s.Members {
		members[m.ID] = m
	}
	return members
}

// takenBack is what should come of before when a run made after of it and is taken back at once.
func takenBack(before, after plan.Current) plan.Current {
	then := byIDs(after)
	var want plan.Current
	deleted := map[uuid.UUID]bool{}
	for _, m := range before.Members {
		now, is := then[m.ID]
		delete(then, m.ID)
		if !is {
			deleted[m.ID] = true
			continue
		}
		if m.ExternalID != "" && (m.ExternalID != now.ExternalID || m.ExternalKind != now.ExternalKind) {
			m.ExternalID, m.ExternalKind = now.ExternalID, now.ExternalKind
		}
		if m.Values[roster.Status] == roster.Departed {
			if m.DepartedAt = now.DepartedAt; now.Values[roster.Status] != roster.Departed {
				m.DepartedAt = tomorrow
			}
		}
		want.Members = append(want.Members, m)
	}
	for _, m := range then { // added
		if m.Values[roster.Status] != roster.Departed {
			m.Values[roster.Status], m.DepartedAt = roster.Departed, tomorrow
		}
		want.Members = append(want.Members, m)
	}
	slices.SortFunc(want.Members, func(a, b roster.Member) int { return byID(a.ID, b.ID) })
	want.Groups = before.Groups
	for _, m := range before.Memberships {
		if !deleted[m.Member] {
			want.Memberships = append(want.Memberships, m)
		}
	}
	return want
}

// shown is a state without what nobody sees: what is remembered of rows, and the keys of groups.
func shown(s plan.Current) plan.Current {
	s = bare(s)
	s.Groups = slices.Clone(s.Groups)
	for i := range s.Members {
		s.Members[i].Known = roster.Known{}
	}
	for i := range s.Groups {
		s.Groups[i].Key = ""
	}
	return s
}

func TestARunTakenBackGivesTheStateBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		byName := rapid.Bool().Draw(t, "by name")
		before, target := sensible(anyState().Draw(t, "before"), byName), sensible(anyState().Draw(t, "target"), byName)
		run := plan.Diff(before, plan.Goal{Current: target})
		after := apply(t, before, run)
		reverse := takeBack(after, audited(run), nil)
		back := apply(t, after, reverse.Changes)
		if want := takenBack(before, after); !same(shown(back), shown(want)) {
			t.Fatalf("got  %+v\nwant %+v\nby %v", shown(back), shown(want), story(reverse.Changes))
		}
		for _, c := range reverse.Left {
			if c.Why != plan.PersonDeleted && c.Why != plan.NotKept {
				t.Fatalf("left alone: %v", story([]plan.Change{c}))
			}
		}
	})
}

func TestAnUndoNeverTouchesWhatChangedSince(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, target, later := sensible(
			anyState().Draw(t, "before"),
			true,
		), sensible(
			anyState().Draw(t, "target"),
			true,
		),
			sensible(
				anyState().Draw(t, "later"),
				true,
			)
		run := plan.Diff(before, plan.Goal{Current: target})
		after := apply(t, before, run)
		now := apply(t, after, plan.Diff(after, plan.Goal{Current: later}))
		reverse := takeBack(now, audited(run), nil)
		back := apply(t, now, reverse.Changes)
		left, there := byIDs(after), byIDs(now)
		for _, m := range back.Members {
			was, is := left[m.ID], there[m.ID]
			for f := range is.Values {
				if is.Values[f] != was.Values[f] && m.Values[f] != is.Values[f] {
					t.Fatalf("%s of %s became %q, though it has changed since", roster.Field(f), m.ID, m.Values[f])
				}
			}
			if is.ExternalID != was.ExternalID && m.ExternalID != is.ExternalID {
				t.Fatalf("external id of %s", m.ID)
			}
		}
		for _, c := range reverse.Changes {
			of := roster.Membership{Group: c.Group, Member: c.Member}
			if c.Verb == plan.RemoveMembership && !slices.Contains(after.Memberships, of) {
				t.Fatalf("a membership that came since is taken away: %v", of)
			}
			if c.Verb == plan.AddMembership && slices.Contains(after.Memberships, of) {
				t.Fatalf("a membership that went since comes back: %v", of)
			}
		}
		if len(reverse.Changes) > 0 && len(back.Members) < len(now.Members) {
			t.Fatal("somebody is destroyed")
		}
	})
}

func TestAnUndoTakenBackAgainFindsNothingToDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, target, later := sensible(
			anyState().Draw(t, "before"),
			true,
		), sensible(
			anyState().Draw(t, "target"),
			true,
		),
			sensible(
				anyState().Draw(t, "later"),
				true,
			)
		run := plan.Diff(before, plan.Goal{Current: target})
		now := apply(t, before, run)
		if rapid.Bool().Draw(t, "something since") {
			now = apply(t, now, plan.Diff(now, plan.Goal{Current: later}))
		}
		back := apply(t, now, takeBack(now, audited(run), nil).Changes)
		if again := takeBack(back, audited(run), nil); len(again.Changes) > 0 {
			t.Fatalf("again: %v", story(again.Changes))
		}
	})
}

func TestRowsOfAllWhomAnUndoTouchesAreJudgedAnew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, target := sensible(anyState().Draw(t, "before"), true), sensible(anyState().Draw(t, "target"), true)
		run := plan.Diff(before, plan.Goal{Current: target})
		after := apply(t, before, run)
		reverse := takeBack(after, audited(run), nil)
		back := byIDs(apply(t, after, reverse.Changes))
		for _, c := range reverse.Changes {
			if c.Member != uuid.Nil && back[c.Member].Known != (roster.Known{}) {
				t.Fatalf("%v, and its row is still known", story([]plan.Change{c}))
			}
		}
	})
}

func TestAnUndoIsTheSameForShuffledInput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, target := sensible(anyState().Draw(t, "before"), true), sensible(anyState().Draw(t, "target"), true)
		run := plan.Diff(before, plan.Goal{Current: target})
		after := apply(t, before, run)
		want := takeBack(after, audited(run), nil)
		got := takeBack(mix(rapid.Uint64().Draw(t, "seed"), after), audited(run), nil)
		if !slices.Equal(story(got.Changes), story(want.Changes)) || !slices.Equal(story(got.Left), story(want.Left)) {
			t.Fatalf("%v, want %v", story(got.Changes), story(want.Changes))
		}
	})
}

// TestNoTwoWhoArePresentShareAnIdentity after those have moved who can.
func TestNoTwoWhoArePresentShareAnIdentity(t *testing.T) {
	t.Parallel()
	anyIdentity := rapid.Custom(func(t *rapid.T) plan.Identity {
		i := plan.Identity{Email: rapid.Uint64Range(1, 6).Draw(t, "email"), Present: rapid.Bool().Draw(t, "present")}
		if i.External = rapid.Uint64Range(0, 6).Draw(t, "external"); i.External != 0 {
			i.Kind = rapid.Uint64Range(1, 2).Draw(t, "kind")
		}
		return i
	})
	shares := func(a, b plan.Identity) bool {
		return a.Present && b.Present &&
			(a.Email == b.Email || a.External != 0 && a.External == b.External && a.Kind == b.Kind)
	}
	clash := func(all map[uuid.UUID]plan.Identity, id uuid.UUID) bool {
		for other, i := range all {
			if other != id && shares(i, all[id]) {
				return true
			}
		}
		return false
	}
	rapid.Check(t, func(t *rapid.T) {
		now, wanted := map[uuid.UUID]plan.Identity{}, map[uuid.UUID]plan.Identity{}
		for _, name := range letters {
			now[id(string(name))] = anyIdentity.Draw(t, "now")
			if clash(now, id(string(name))) {
				delete(now, id(string(name)))
			}
		}
		for _, member := range slices.SortedFunc(maps.Keys(now), byID) {
			if rapid.Bool().Draw(t, "moves") {
				wanted[member] = anyIdentity.Draw(t, "wanted")
			}
		}
		stuck, err := plan.Clashes(entries(now), wanted)
		require.NoError(t, err)
		for member, identity := range wanted {
			if !stuck[member] {
				now[member] = identity
			}
		}
		for member := range now {
			if clash(now, member) {
				t.Fatalf("%s shares with another: %+v, stuck %v", member, now, stuck)
			}
		}
	})
}

func entries(all map[uuid.UUID]plan.Identity) iter.Seq2[roster.Entry, error] {
	return func(yield func(roster.Entry, error) bool) {
		for member, i := range all {
			e := roster.Entry{
				Member:   member,
				Email:    i.Email,
				Kind:     i.Kind,
				External: i.External,
				State:    roster.StateDeparted,
			}
			if i.Present {
				e.State = roster.StateActive
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestWhoeverSwappedIdentitiesCanSwapBack(t *testing.T) {
	t.Parallel()
	now := map[uuid.UUID]plan.Identity{
		id("a"): {Email: 1, Present: true},
		id("b"): {Email: 2, Present: true},
		id("c"): {Email: 3, Present: true},
	}
	back := map[uuid.UUID]plan.Identity{
		id("a"): {Email: 2, Present: true},
		id("b"): {Email: 3, Present: true},
		id("c"): {Email: 1, Present: true},
	}
	stuck, err := plan.Clashes(entries(now), back)
	require.NoError(t, err)
	assert.Empty(t, stuck)

	now[id("d")] = plan.Identity{Email: 4, Present: true}
	back[id("a")] = plan.Identity{Email: 4, Present: true} // which d keeps
	stuck, err = plan.Clashes(entries(now), back)
	require.NoError(t, err)
	assert.Equal(
		t,
		map[uuid.UUID]bool{id("a"): true, id("c"): true, id("b"): true},
		stuck,
		"and so those who wait for what a has",
	)
}
