package plan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

func TestVerbs(t *testing.T) {
	t.Parallel()
	gone := departed("a", grace)
	here := active("a")
	for _, c := range []struct {
		verb    plan.Verb
		op      string
		phase   plan.Phase
		counted run.ChangeCounts
	}{
		{plan.Add, "added", plan.Additions, run.ChangeCounts{Added: 1}},
		{plan.Update, "updated", plan.Additions, run.ChangeCounts{Updated: 1}},
		{plan.Deactivate, "deactivated", plan.Removals, run.ChangeCounts{Deactivated: 1}},
		{plan.Reactivate, "reactivated", plan.Additions, run.ChangeCounts{Reactivated: 1}},
		{plan.Depart, "departed", plan.Removals, run.ChangeCounts{Departed: 1}},
		{plan.Return, "returned", plan.Additions, run.ChangeCounts{Returned: 1}},
		{plan.Delete, "deleted", plan.Removals, run.ChangeCounts{Deleted: 1}},
		{plan.AddGroup, "group_added", plan.Additions, run.ChangeCounts{GroupsAdded: 1}},
		{plan.UpdateGroup, "group_updated", plan.Additions, run.ChangeCounts{GroupsUpdated: 1}},
		{plan.RemoveGroup, "group_removed", plan.Removals, run.ChangeCounts{GroupsRemoved: 1}},
		{plan.AddMembership, "membership_added", plan.Additions, run.ChangeCounts{MembershipsAdded: 1}},
		{plan.RemoveMembership, "membership_removed", plan.Removals, run.ChangeCounts{MembershipsRemoved: 1}},
		{plan.Remember, "", plan.Additions, run.ChangeCounts{}},
	} {
		t.Run(string(c.verb), func(t *testing.T) {
			t.Parallel()
			change := plan.Change{Verb: c.verb, Before: &here}
			assert.Equal(t, c.op, c.verb.Op())
			assert.Equal(t, c.phase, c.verb.Phase())
			assert.Equal(t, c.phase, change.Phase())
			removal := c.verb == plan.Deactivate || c.verb == plan.Depart || c.verb == plan.Delete
			assert.Equal(t, removal, change.Removal())
			var counts run.ChangeCounts
			change.Count(&counts)
			assert.Equal(t, c.counted, counts)
		})
	}
	t.Run("the deletion of somebody departed waits for nothing and isn't counted by the guard", func(t *testing.T) {
		t.Parallel()
		change := plan.Change{Verb: plan.Delete, Before: &gone}
		assert.Equal(t, plan.Additions, change.Phase())
		assert.False(t, change.Removal())
	})
	t.Run("drift is counted beside what was done", func(t *testing.T) {
		t.Parallel()
		var counts run.ChangeCounts
		plan.Change{Verb: plan.Update, Drift: true}.Count(&counts)
		assert.Equal(t, run.ChangeCounts{Updated: 1, Drift: 1}, counts)
	})
}

func TestFields(t *testing.T) {
	t.Parallel()
	type fields = map[string][2]any
	manager := func(m roster.Member, is string) *roster.Member {
		m.Values[roster.PeopleManager] = is
		return &m
	}
	plain, left := active("a"), departed("a", 0)
	other := active("a")
	other.ExternalKind = "w"
	g, h := roster.Group{ID: id("g"), Key: "1", Name: "G"}, roster.Group{ID: id("g"), Key: "1", Name: "H"}
	for name, c := range map[string]struct {
		change plan.Change
		want   fields
	}{
		"an added member has every field that isn't empty": {
			plan.Change{Verb: plan.Add, After: manager(plain, "yes")},
			fields{
				"email": {nil, "a@x.io"}, "locale": {nil, "en-US"}, "status": {nil, "active"},
				"external_id": {nil, "a"}, "people_manager": {nil, true},
			},
		},
		"an update has what differs": {
			plan.Change{Verb: plan.Update, Before: manager(plain, "yes"), After: manager(moved(plain), "no")},
			fields{"people_manager": {true, false}, "city": {nil, "Rome"}},
		},
		"empty is null": {
			plan.Change{Verb: plan.Update, Before: manager(moved(plain), "no"), After: manager(plain, "")},
			fields{"people_manager": {false, nil}, "city": {"Rome", nil}},
		},
		"an id of another kind that reads the same": {
			plan.Change{Verb: plan.Update, Before: &plain, After: &other},
			fields{"external_id": {"a", "a"}},
		},
		"a departure": {
			plan.Change{Verb: plan.Depart, Before: &plain, After: &left},
			fields{"status": {"active", "departed"}},
		},
		"a deletion has names without values": {
			plan.Change{Verb: plan.Delete, Before: &left},
			fields{"email": {}, "locale": {}, "status": {}, "external_id": {}},
		},
		"what the index remembers is nobody's business": {
			plan.Change{Verb: plan.Remember, Before: &plain, After: &plain},
			fields{},
		},
		"a group added":   {plan.Change{Verb: plan.AddGroup, AfterGroup: &g}, fields{"group_name": {nil, "G"}}},
		"a group renamed": {plan.Change{Verb: plan.UpdateGroup, BeforeGroup: &g, AfterGroup: &h}, fields{"group_name": {"G", "H"}}},
		"a group removed": {plan.Change{Verb: plan.RemoveGroup, BeforeGroup: &h}, fields{"group_name": {"H", nil}}},
		"a membership":    {plan.Change{Verb: plan.AddMembership, Member: id("a"), Group: id("g")}, fields{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, c.change.Fields())
		})
	}
}
