package plan_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

func TestRemovalsGoByWhatPeopleDecidedBefore(t *testing.T) {
	t.Parallel()
	a := active("a")
	newer := a
	newer.Version++
	depart := plan.Change{Verb: plan.Depart, Member: a.ID, Before: &a, Why: plan.Absent}
	deactivate := plan.Change{Verb: plan.Deactivate, Member: a.ID, Before: &a, Why: plan.RowInactive}
	unlisted := plan.Change{Verb: plan.RemoveMembership, Member: a.ID, Group: id("g"), Why: plan.Unlisted}
	other := plan.Change{Verb: plan.RemoveMembership, Member: a.ID, Group: id("h"), Why: plan.Unlisted}
	left := plan.Change{Verb: plan.RemoveMembership, Member: a.ID, Group: id("g"), Why: plan.MemberLeft}
	moved := depart
	moved.Before = &newer
	deleted := depart
	deleted.Verb = plan.Delete
	group := plan.Change{
		Verb:        plan.RemoveGroup,
		Group:       id("g"),
		BeforeGroup: &roster.Group{ID: id("g")},
		Why:         plan.GroupGone,
	}
	approved := func(changes ...plan.Change) func(*plan.Decisions) {
		return func(r *plan.Decisions) {
			for _, c := range changes {
				r.Approve(c)
			}
		}
	}
	dropped := func(c plan.Change) func(*plan.Decisions) {
		return func(r *plan.Decisions) {
			list := c.Withheld()
			require.NotEmpty(t, list)
			for _, w := range list {
				r.Drop(w)
			}
		}
	}
	always := func(uuid.UUID, int) bool { return true }
	type counts struct{ planned, approved, left, kept int }
	for name, c := range map[string]struct {
		rulings func(*plan.Decisions)
		over    func(uuid.UUID, int) bool
		changes []plan.Change
		parts   map[plan.Part]int
		counts  counts
	}{
		"nothing is decided": {
			approved(), never, []plan.Change{left, depart}, map[plan.Part]int{plan.PartRemovals: 2}, counts{planned: 1},
		},
		"approved, with the memberships that go with it": {
			approved(depart, left), never, []plan.Change{left, depart}, map[plan.Part]int{plan.PartReleased: 2}, counts{approved: 1},
		},
		"approved twice": {
			approved(depart, depart), never, []plan.Change{depart}, map[plan.Part]int{plan.PartReleased: 1}, counts{approved: 1},
		},
		"approved, and back": {approved(depart, unlisted), never, nil, nil, counts{left: 2}},
		"approved, but the member has changed since": {
			approved(depart), never, []plan.Change{moved}, map[plan.Part]int{plan.PartRemovals: 1}, counts{planned: 1, left: 1},
		},
		"approved to be deactivated, now absent": {
			approved(deactivate), never, []plan.Change{depart}, map[plan.Part]int{plan.PartRemovals: 1}, counts{planned: 1, left: 1},
		},
		"approved beyond a group's limit": {
			approved(unlisted), always,
			[]plan.Change{unlisted, other},
			map[plan.Part]int{plan.PartReleased: 1, plan.PartWithheld: 1},
			counts{approved: 1},
		},
		"dropped, with the memberships that go with it": {
			dropped(depart), never, []plan.Change{left, depart}, map[plan.Part]int{plan.PartDropped: 2}, counts{kept: 1},
		},
		"dropped, at another version": {
			dropped(depart), never, []plan.Change{moved}, map[plan.Part]int{plan.PartDropped: 1}, counts{kept: 1},
		},
		"dropped, and without a grace time by now": {
			dropped(depart), never, []plan.Change{deleted}, map[plan.Part]int{plan.PartDropped: 1}, counts{kept: 1},
		},
		"a deactivation was dropped, now absent": {
			dropped(deactivate), never, []plan.Change{depart}, map[plan.Part]int{plan.PartDropped: 1}, counts{kept: 1},
		},
		"a departure was dropped, now present and inactive": {
			dropped(depart), never, []plan.Change{deactivate}, map[plan.Part]int{plan.PartRemovals: 1}, counts{planned: 1},
		},
		"a membership was dropped": {
			dropped(unlisted), never,
			[]plan.Change{unlisted, other},
			map[plan.Part]int{plan.PartDropped: 1, plan.PartReleased: 1},
			counts{kept: 1},
		},
		"a group of which a membership was dropped stays": {
			dropped(unlisted), never, []plan.Change{unlisted, group}, map[plan.Part]int{plan.PartDropped: 2}, counts{kept: 2},
		},
		"a group whose own removal was dropped stays": {
			dropped(group), never,
			[]plan.Change{unlisted, group},
			map[plan.Part]int{plan.PartReleased: 1, plan.PartDropped: 1},
			counts{kept: 1},
		},
		"a group with members who are held stays with them": {
			approved(), never, []plan.Change{left, depart, group}, map[plan.Part]int{plan.PartRemovals: 3}, counts{planned: 1},
		},
		"a group with members who were dropped stays with them": {
			dropped(depart), never, []plan.Change{left, depart, group}, map[plan.Part]int{plan.PartDropped: 3}, counts{kept: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, chunks := collect()
			rulings := plan.NewDecisions()
			c.rulings(rulings)
			b.UseDecisions(rulings)
			require.NoError(t, b.Add(c.changes...))
			summary, err := b.Close(c.over)
			require.NoError(t, err)
			parts := map[plan.Part]int{}
			for _, chunk := range *chunks {
				parts[chunk.Part] += len(chunk.Changes)
			}
			if c.parts == nil {
				c.parts = map[plan.Part]int{}
			}
			assert.Equal(t, c.parts, parts)
			assert.Equal(t, c.counts, counts{summary.Planned, summary.Approved, summary.Left, summary.Kept})
		})
	}
	assert.Empty(t, left.Withheld(), "goes with its member")
}

func TestTheHeldIDTellsWhichPartsAreHeld(t *testing.T) {
	t.Parallel()
	removals, withheld := plan.PartSummary{ID: "r"}, plan.PartSummary{ID: "w"}
	for _, c := range []struct {
		summary  plan.Summary
		removals bool
		want     []plan.Part
	}{
		{plan.Summary{}, true, nil},
		{plan.Summary{Removals: removals}, true, []plan.Part{plan.PartRemovals}},
		{plan.Summary{Removals: removals}, false, nil},
		{plan.Summary{Withheld: withheld}, false, []plan.Part{plan.PartWithheld}},
		{plan.Summary{Withheld: withheld}, true, []plan.Part{plan.PartWithheld}},
		{plan.Summary{Removals: removals, Withheld: withheld}, false, []plan.Part{plan.PartWithheld}},
		{plan.Summary{Removals: removals, Withheld: withheld}, true, []plan.Part{plan.PartRemovals, plan.PartWithheld}},
	} {
		assert.Equal(t, c.want, c.summary.Held(c.summary.HeldID(plan.Kinds{Removals: c.removals})))
		assert.Empty(t, c.summary.Held("another"))
	}
}
