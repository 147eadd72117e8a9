package plandiff_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// id is somebody's who is kept; made is an id that a run made.
func id(n int) uuid.UUID { return uuid.UUID{6: 0x70, 8: 0x80, 15: byte(n)} }

func made(run, n int) uuid.UUID { return uuid.UUID{0: byte(run), 6: 0x70, 8: 0x80, 15: byte(n)} }

func of(list ...plandiff.Change) plandiff.Plan {
	return func() iter.Seq2[plandiff.Change, error] {
		return func(yield func(plandiff.Change, error) bool) {
			for _, c := range list {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

func in(part plan.Part, c plan.Change) plandiff.Change { return plandiff.Change{Change: c, Part: part} }

// add adds somebody, under an id that a run made.
func add(member uuid.UUID, kind, external, email string) plandiff.Change {
	m := roster.Member{ID: member, Version: 1, ExternalID: external, ExternalKind: kind}
	if external == "" {
		m.ExternalKind = ""
	}
	m.Values[roster.Email], m.Values[roster.Status] = email, roster.Active
	return in(plan.PartAdditions, plan.Change{Verb: plan.Add, Member: member, After: &m, Why: plan.Appeared})
}

// update moves somebody to a city.
func update(n int, from, to string) plandiff.Change {
	before := roster.Member{ID: id(n), Version: 1}
	before.Values[roster.City] = from
	after := before
	after.Version++
	after.Values[roster.City] = to
	return in(
		plan.PartAdditions,
		plan.Change{Verb: plan.Update, Member: id(n), Before: &before, After: &after, Why: plan.RowChanged},
	)
}

func depart(n int, part plan.Part) plandiff.Change {
	before := roster.Member{ID: id(n), Version: 1}
	before.Values[roster.Status] = roster.Active
	after := before
	after.Values[roster.Status] = roster.Departed
	return in(part, plan.Change{Verb: plan.Depart, Member: id(n), Before: &before, After: &after, Why: plan.Absent})
}

func join(member, group uuid.UUID) plandiff.Change {
	return in(plan.PartAdditions, plan.Change{Verb: plan.AddMembership, Member: member, Group: group, Why: plan.Listed})
}

func addGroup(group uuid.UUID, key string) plandiff.Change {
	return in(
		plan.PartAdditions,
		plan.Change{Verb: plan.AddGroup, Group: group, AfterGroup: &roster.Group{ID: group, Key: key, Name: key}},
	)
}

// said is a difference in a word or two.
func said(d plandiff.Difference) string {
	c := d.After
	if c == nil {
		c = d.Before
	}
	who := c.Member.String()
	if c.After != nil && c.After.Values[roster.Email] != "" {
		who = c.After.Values[roster.Email]
	}
	return fmt.Sprintf("%s %s %s", d.Kind, c.Verb.Op(), who[max(0, len(who)-6):])
}

func differences(t require.TestingT, before, after plandiff.Plan) (list []plandiff.Difference, tally plandiff.Tally) {
	for d, err := range plandiff.CompareChanges(before, after, &tally) {
		require.NoError(t, err)
		list = append(list, d)
	}
	return list, tally
}

func TestTwoPlansOfOneTenantAreCompared(t *testing.T) {
	t.Parallel()
	const kind, other = "workday:Employee_ID", "workday:WID"
	for name, c := range map[string]struct {
		before, after []plandiff.Change
		want          []string
	}{
		"nothing with nothing": {},
		"what only the later has is new": {
			after: []plandiff.Change{update(1, "Oslo", "Rome")},
			want:  []string{"new updated 000001"},
		},
		"what only the earlier has is gone": {
			before: []plandiff.Change{depart(1, plan.PartRemovals)},
			want:   []string{"gone departed 000001"},
		},
		"another value is a change": {
			before: []plandiff.Change{update(1, "Oslo", "Rome"), update(2, "Oslo", "Rome")},
			after:  []plandiff.Change{update(2, "Oslo", "Paris"), update(1, "Oslo", "Rome")},
			want:   []string{"changed updated 000002"},
		},
		"a removal that no longer waits is a change": {
			before: []plandiff.Change{depart(1, plan.PartRemovals)},
			after:  []plandiff.Change{depart(1, plan.PartDropped)},
			want:   []string{"changed departed 000001"},
		},
		"somebody updated and removed has two changes": {
			before: []plandiff.Change{update(1, "Oslo", "Rome")},
			after:  []plandiff.Change{update(1, "Oslo", "Rome"), depart(1, plan.PartRemovals)},
			want:   []string{"new departed 000001"},
		},
		"somebody added is the same under another id": {
			before: []plandiff.Change{add(made(1, 1), kind, "E1", "a@x.io"), join(made(1, 1), id(9))},
			after:  []plandiff.Change{add(made(2, 7), kind, "E1", "a@x.io"), join(made(2, 7), id(9))},
		},
		"two people added aren't taken for each other because their ids are": {
			before: []plandiff.Change{add(made(1, 1), kind, "E1", "a@x.io")},
			after:  []plandiff.Change{add(made(1, 1), kind, "E2", "b@x.io")},
			want:   []string{"new added b@x.io", "gone added a@x.io"},
		},
		"somebody added whose email is another now": {
			before: []plandiff.Change{add(made(1, 1), kind, "E1", "a@x.io")},
			after:  []plandiff.Change{add(made(2, 1), kind, "E1", "b@x.io")},
			want:   []string{"changed added b@x.io"},
		},
		"people are known by email where another column is taken for their ids": {
			before: []plandiff.Change{add(made(1, 1), kind, "E1", "a@x.io"), join(made(1, 1), id(9))},
			after:  []plandiff.Change{add(made(2, 1), other, "W1", "a@x.io"), join(made(2, 1), id(9))},
			want:   []string{"changed added a@x.io"},
		},
		"and where there are no ids": {
			before: []plandiff.Change{add(made(1, 1), "", "", "a@x.io")},
			after:  []plandiff.Change{add(made(2, 1), "", "", "a@x.io")},
		},
		"a group added is the same under another id": {
			before: []plandiff.Change{addGroup(made(1, 8), "Team"), join(id(1), made(1, 8))},
			after:  []plandiff.Change{addGroup(made(2, 8), "Team"), join(id(1), made(2, 8)), join(id(2), made(2, 8))},
			want:   []string{"new membership_added 000002"},
		},
		"what nobody sees isn't compared": {
			after: []plandiff.Change{in(plan.PartAdditions, plan.Change{Verb: plan.Remember, Member: id(1)})},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, tally := differences(t, of(c.before...), of(c.after...))
			var got []string
			for _, d := range list {
				got = append(got, said(d))
			}
			assert.ElementsMatch(t, c.want, got)
			assert.Equal(t, len(c.want), tally.New+tally.Gone+tally.Changed)
		})
	}
}

func TestBothSidesOfAChangedChangeAreGiven(t *testing.T) {
	t.Parallel()
	list, tally := differences(
		t,
		of(update(1, "Oslo", "Rome")),
		of(update(1, "Oslo", "Paris"), depart(2, plan.PartRemovals)),
	)
	require.Len(t, list, 2)
	changed := list[slices.IndexFunc(list, func(d plandiff.Difference) bool { return d.Kind == plandiff.Changed })]
	assert.Equal(t, "Rome", changed.Before.After.Values[roster.City])
	assert.Equal(t, "Paris", changed.After.After.Values[roster.City])
	assert.Equal(t, plandiff.Tally{
		Before: run.ChangeCounts{Updated: 1}, After: run.ChangeCounts{Updated: 1, Departed: 1}, New: 1, Changed: 1,
	}, tally)
}

func TestAPlanThatCannotBeReadEndsTheComparison(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	bad := func() iter.Seq2[plandiff.Change, error] {
		return func(yield func(plandiff.Change, error) bool) { yield(plandiff.Change{}, broken) }
	}
	for _, pair := range [][2]plandiff.Plan{{bad, of(update(1, "a", "b"))}, {of(update(1, "a", "b")), bad}} {
		var last error
		for _, err := range plandiff.CompareChanges(pair[0], pair[1], new(plandiff.Tally)) {
			last = err
		}
		assert.ErrorIs(t, last, broken)
	}
}

func TestWhoHasHeardEnoughIsNotToldMore(t *testing.T) {
	t.Parallel()
	heard := 0
	for range plandiff.CompareChanges(of(depart(1, plan.PartRemovals), depart(2, plan.PartRemovals)), of(update(1, "a", "b"), update(2, "a", "b")), new(plandiff.Tally)) {
		heard++
		break
	}
	assert.Equal(t, 1, heard)
}
