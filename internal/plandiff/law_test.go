package plandiff_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/roster"
)

// letters name everybody and everything in drawn plans.
const letters = "abcdef"

// drawn draws a plan of one run: each member, person to be added, group and membership at most once.
func drawn(t *rapid.T, run int) []plandiff.Change {
	var list []plandiff.Change
	maybe := func(what string) bool { return rapid.Bool().Draw(t, what) }
	one := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "value") }
	groups := []uuid.UUID{id(100)}
	for n := range 2 {
		if maybe("a new group") {
			groups = append(groups, made(run, 200+n))
			list = append(list, addGroup(made(run, 200+n), letters[n:n+1]))
		}
	}
	for n := range len(letters) {
		name := letters[n : n+1]
		switch member := made(run, n); one("nothing", "add", "update", "depart", "both") {
		case "add":
			list = append(list, add(member, "kind", name, name+one("", "2")+"@x.io"))
			for _, group := range groups {
				if maybe("in a group") {
					list = append(list, join(member, group))
				}
			}
		case "update":
			list = append(list, update(n, "Oslo", one("Rome", "Paris")))
		case "depart":
			list = append(list, depart(n, plan.PartRemovals))
		case "both":
			list = append(
				list,
				update(n, "Oslo", "Rome"),
				depart(n, plan.Part(one(string(plan.PartRemovals), string(plan.PartDropped)))),
			)
		}
	}
	return list
}

// readable is a plan with names for ids that a run made, sorted: equal for plans that say the same.
func readable(list []plandiff.Change) []string {
	names := map[uuid.UUID]string{}
	var said []string
	for _, c := range list {
		if c.Verb == plan.Add {
			names[c.Member] = c.After.ExternalID
		}
		if c.Verb == plan.AddGroup {
			names[c.Group] = c.AfterGroup.Key
		}
	}
	for _, c := range list {
		member, group := c.Member.String(), c.Group.String()
		if name, ok := names[c.Member]; ok {
			member = name
		}
		if name, ok := names[c.Group]; ok {
			group = name
		}
		text := string(c.Part) + " " + string(c.Verb) + " " + member + " " + group
		if c.After != nil {
			text += " " + c.After.Values[roster.City] + c.After.Values[roster.Email]
		}
		said = append(said, text)
	}
	slices.Sort(said)
	return said
}

// shuffled is the plan in another order that it might come in: what is added before who is in it.
func shuffled(t *rapid.T, list []plandiff.Change) []plandiff.Change {
	mixed := rapid.Permutation(list).Draw(t, "order")
	late := func(c plandiff.Change) int {
		if c.Verb == plan.AddMembership {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(mixed, func(a, b plandiff.Change) int { return late(a) - late(b) })
	return mixed
}

func TestAPlanDoesNotDifferFromItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawn(t, 1)
		again := shuffled(t, remade(list, 1, 2))
		none, tally := differences(t, of(list...), of(again...))
		require.Empty(t, none)
		require.Equal(t, tally.Before, tally.After)
		require.Equal(t, len(list), tally.Before.Total())
	})
}

// remade is the plan as another run would have made it: with other ids for what it adds.
func remade(list []plandiff.Change, from, to int) []plandiff.Change {
	other := func(id uuid.UUID) uuid.UUID {
		if id[0] == byte(from) {
			id[0], id[14] = byte(to), 9
		}
		return id
	}
	var again []plandiff.Change
	for _, c := range list {
		c.Member, c.Group = other(c.Member), other(c.Group)
		again = append(again, c)
	}
	return again
}

func TestTheDifferencesMakeOnePlanOfTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawn(t, 1), drawn(t, 2)
		list, tally := differences(t, of(before...), of(shuffled(t, after)...))
		have := map[string]int{}
		for _, text := range readable(before) {
			have[text]++
		}
		names := readableIn(before, after)
		for _, d := range list {
			if d.Before != nil {
				have[names(*d.Before)]--
			}
			if d.After != nil {
				have[names(*d.After)]++
			}
		}
		for _, text := range readable(after) {
			have[text]--
		}
		for text, n := range have {
			require.Zero(t, n, text)
		}
		require.Equal(t, len(list), tally.New+tally.Gone+tally.Changed)
		require.Equal(t, tally.After.Total()-tally.Before.Total(), tally.New-tally.Gone)

		var few plandiff.Tally
		heard := 0
		for _, err := range plandiff.ChangesFew(of(before...), of(after...), &few) {
			require.NoError(t, err)
			heard++
		}
		require.Equal(t, len(list), heard)
		require.Equal(t, tally, few, "however few wait at once")

		back, swapped := differences(t, of(after...), of(before...))
		require.Len(t, back, len(list))
		require.Equal(t, plandiff.Tally{
			Before: tally.After, After: tally.Before, New: tally.Gone, Gone: tally.New, Changed: tally.Changed,
		}, swapped)
	})
}

// readableIn says one change of either plan as readable says it.
func readableIn(plans ...[]plandiff.Change) func(plandiff.Change) string {
	var named []plandiff.Change
	for _, list := range plans {
		for _, c := range list {
			if c.Verb == plan.Add || c.Verb == plan.AddGroup {
				named = append(named, c)
			}
		}
	}
	return func(c plandiff.Change) string {
		all := map[string]int{}
		for _, text := range readable(named) {
			all[text]++
		}
		for _, text := range readable(append(slices.Clone(named), c)) {
			if all[text]--; all[text] < 0 {
				return text
			}
		}
		return ""
	}
}
