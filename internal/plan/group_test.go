package plan_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	run := id("r")
	g := roster.Group{ID: id("g"), Key: "1", Name: "G"}
	for name, c := range map[string]struct {
		groups []roster.Group
		units  []roster.SourceGroup
		want   []string
	}{
		"a new group":                            {nil, []roster.SourceGroup{{Key: "1", Name: "G"}}, []string{"group_appeared"}},
		"the same group":                         {[]roster.Group{g}, []roster.SourceGroup{{Key: "1", Name: "G"}}, nil},
		"keyed by WorkOS group id: renamed":      {[]roster.Group{g}, []roster.SourceGroup{{Key: "1", Name: "H"}}, []string{"group_renamed"}},
		"from WorkOS to a report: known by name": {[]roster.Group{g}, []roster.SourceGroup{{Key: "G", Name: "G"}}, []string{"group_moved"}},
		"from a report to WorkOS: known by key": {
			[]roster.Group{{ID: id("g"), Key: "G", Name: "G"}}, []roster.SourceGroup{{Key: "1", Name: "G"}}, []string{"group_moved"},
		},
		"another key at WorkOS is another group": {
			[]roster.Group{g}, []roster.SourceGroup{{Key: "2", Name: "G"}}, []string{"group_appeared", "group_gone"},
		},
		"which of two of one name has moved nobody knows": {
			[]roster.Group{{ID: id("g"), Key: "G", Name: "G"}},
			[]roster.SourceGroup{{Key: "1", Name: "G"}, {Key: "2", Name: "G"}},
			[]string{"group_appeared", "group_appeared", "group_gone"},
		},
		"a group that the directory has lost": {[]roster.Group{g}, nil, []string{"group_gone"}},
		"one key listed twice is one group": {
			nil, []roster.SourceGroup{{Key: "1", Name: "H"}, {Key: "1", Name: "G"}}, []string{"group_appeared"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := plan.TargetGroups(run, c.groups, c.units, nil)
			var got []string
			for _, change := range plan.Diff(plan.Current{Groups: c.groups}, target) {
				got = append(got, string(change.Why))
			}
			slices.Sort(got)
			assert.Equal(t, c.want, got)
			assert.Equal(t, target, plan.TargetGroups(run, c.groups, shuffled(3, c.units), nil))
		})
	}
	t.Run("another attempt at the same run gives a group the same id", func(t *testing.T) {
		t.Parallel()
		units := []roster.SourceGroup{{Key: "1", Name: "G"}}
		first, again := plan.TargetGroups(run, nil, units, nil), plan.TargetGroups(run, nil, units, nil)
		assert.Equal(t, first, again)
		assert.NotEqual(t, first, plan.TargetGroups(id("s"), nil, units, nil))
		assert.Equal(t, map[string]uuid.UUID{"1": first.Groups[0].ID}, plan.GroupIDs(first.Groups))
	})
}

func TestListing(t *testing.T) {
	t.Parallel()
	named := func(names string) []uuid.UUID {
		var list []uuid.UUID
		for _, name := range names {
			list = append(list, id(string(name)))
		}
		return list
	}
	among := func(names string) func(uuid.UUID) bool {
		return func(member uuid.UUID) bool { return slices.Contains(named(names), member) }
	}
	for name, c := range map[string]struct {
		listing plan.Listing
		want    []string
	}{
		"listed and unlisted": {
			plan.Listing{Current: named("cab"), Listed: named("dbdc")},
			[]string{"remove_membership a g (unlisted)", "add_membership d g (listed)"},
		},
		"a kept member keeps his membership": {
			plan.Listing{Current: named("ab"), Listed: named("c"), Kept: among("bc")},
			[]string{"remove_membership a g (unlisted)"},
		},
		"an absent member's goes with him, and he gains none": {
			plan.Listing{Current: named("a"), Listed: named("b"), Absent: among("ab")},
			nil,
		},
		"removed groups lose their memberships": {
			plan.Listing{
				Current: named("abc"), Listed: named("a"), Kept: among("b"), Absent: among("c"), Removed: true,
			},
			[]string{"remove_membership a g (group_gone)", "remove_membership b g (group_gone)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.listing.Group = id("g")
			list := slices.Collect(c.listing.Changes())
			if len(list) > 0 || len(c.want) > 0 {
				assert.Equal(t, c.want, story(list))
			}
			for range c.listing.Changes() {
				break // may stop early
			}
		})
	}
}

func TestApplyingAListingsChangesGivesWhatItLists(t *testing.T) {
	t.Parallel()
	some := rapid.SliceOf(rapid.Custom(func(t *rapid.T) uuid.UUID { return id(letter().Draw(t, "member")) }))
	rapid.Check(t, func(t *rapid.T) {
		current, listed := some.Draw(t, "current"), some.Draw(t, "listed")
		absent, kept := some.Draw(t, "absent"), some.Draw(t, "kept")
		l := plan.Listing{
			Group: id("g"), Current: current, Listed: listed, Removed: rapid.Bool().Draw(t, "removed"),
			Absent: func(member uuid.UUID) bool { return slices.Contains(absent, member) },
			Kept:   func(member uuid.UUID) bool { return slices.Contains(kept, member) },
		}
		var s plan.Current
		for _, member := range current {
			s.Memberships = append(s.Memberships, roster.Membership{Group: l.Group, Member: member})
		}
		after := apply(t, s, slices.Collect(l.Changes()))
		for _, name := range letters {
			member := id(string(name))
			want := slices.Contains(listed, member) && !l.Removed
			switch {
			case l.Absent(member), l.Kept(member) && !l.Removed:
				want = slices.Contains(current, member)
			}
			is := slices.Contains(after.Memberships, roster.Membership{Group: l.Group, Member: member})
			if is != want {
				t.Fatalf("%c: %t, want %t", name, is, want)
			}
		}
	})
}
