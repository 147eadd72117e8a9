package plan_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// value is m with another value.
func value(m roster.Member, field roster.Field, value string) roster.Member {
	m.Values[field] = value
	return m
}

func one(m roster.Member, groups ...string) plan.Current {
	return plan.Current{
		Members:     members(m),
		Memberships: joined(string(m.ID[15]), groups...),
		Groups:      []roster.Group{{ID: id("g"), Key: "G", Name: "G"}},
	}
}

func TestReverse(t *testing.T) {
	t.Parallel()
	nobody := plan.Current{Groups: one(active("a")).Groups}
	moved := value(value(active("a"), roster.City, "Oslo"), roster.Office, "North")
	gone := departed("a", 0)
	director := value(value(active("a"), roster.ManagementLevel, "D1"), roster.Role, "Director")
	unlearned := active("a")
	unlearned.ExternalID, unlearned.ExternalKind = "", ""
	other := active("a")
	other.ExternalID, other.ExternalKind = "W1", "w"
	for name, c := range map[string]struct {
		before, after plan.Current
		now           plan.Current // zero: as after
		taken         bool
		covered       bool
		want, left    []string
	}{
		"a member that the run added departs, not deleted": {before: nobody, after: one(active("a"), "g"), want: []string{"remove_membership a g (member_left)", "depart a (undone)"}},
		"added, and changed since: stays":                  {before: nobody, after: one(active("a")), now: one(moved), left: []string{"add a (changed_since)"}},
		"added, and put into a group since: stays":         {before: nobody, after: one(active("a")), now: one(active("a"), "g"), left: []string{"add a (changed_since)"}},
		"added, and departed since: nothing to do":         {before: nobody, after: one(active("a")), now: one(gone)},
		"added, and deleted since: nothing to do":          {before: nobody, after: one(active("a")), now: nobody},
		"updated: the values before":                       {before: one(active("a")), after: one(moved), want: []string{"update a (undone)"}},
		"one field changed since: the others all the same": {before: one(active("a")), after: one(moved), now: one(value(moved, roster.City, "Rome")), want: []string{"update a (undone)"}, left: []string{"update a (changed_since)"}},
		"everything changed since: nothing to do":          {before: one(active("a")), after: one(moved), now: one(value(value(moved, roster.City, "Rome"), roster.Office, "South")), left: []string{"update a (changed_since)"}},
		"corrected since: nothing to do":                   {before: one(active("a")), after: one(moved), now: one(active("a"))},
		"the role follows its level":                       {before: one(active("a")), after: one(director), now: one(value(director, roster.ManagementLevel, "D2")), left: []string{"update a (changed_since)"}},
		"departed: active again, and in the groups":        {before: one(active("a"), "g"), after: one(gone), want: []string{"return a (undone)", "add_membership a g (undone)"}},
		"departed, and back since: nothing to do":          {before: one(active("a")), after: one(gone), now: one(active("a"))},
		"departed, and deleted since: can't be undone":     {before: one(active("a")), after: one(gone), now: nobody, left: []string{"depart a (gone)"}},
		"deleted: can't be undone":                         {before: one(active("a"), "g"), after: nobody, left: []string{"delete a (person_deleted)"}},
		"deactivated: active again":                        {before: one(active("a")), after: one(inactive("a")), want: []string{"reactivate a (undone)"}},
		"reactivated: inactive again":                      {before: one(inactive("a")), after: one(active("a")), want: []string{"deactivate a (undone)"}},
		"returned: departed again":                         {before: one(gone), after: one(active("a"), "g"), want: []string{"remove_membership a g (member_left)", "depart a (undone)"}},
		"returned, and changed since: stays":               {before: one(gone), after: one(active("a")), now: one(active("a"), "g"), left: []string{"return a (changed_since)"}},
		"an id learned is forgotten":                       {before: one(unlearned), after: one(active("a")), want: []string{"update a (undone)"}},
		"an id of another kind stays":                      {before: one(active("a")), after: one(other), left: []string{"update a (not_kept)"}},
		"the email is somebody else's by now":              {before: one(active("a")), after: one(value(active("a"), roster.Email, "b@x.io")), taken: true, left: []string{"update a (identity_taken)"}},
		"departed, and somebody else is that person now":   {before: one(active("a"), "g"), after: one(gone), taken: true, left: []string{"depart a (identity_taken)", "remove_membership a g (gone)"}},
		"added, and protected: stays":                      {before: nobody, after: one(active("a")), covered: true, left: []string{"add a (person_protected)"}},
		"reactivated, and protected: stays active":         {before: one(inactive("a")), after: one(moved), covered: true, want: []string{"update a (undone)"}, left: []string{"reactivate a (person_protected)"}},
		"returned, and protected: stays":                   {before: one(gone), after: one(active("a")), covered: true, left: []string{"return a (person_protected)"}},
		"departed, and protected: is back":                 {before: one(active("a")), after: one(gone), covered: true, want: []string{"return a (undone)"}},
		"put into a group: out again":                      {before: one(active("a")), after: one(active("a"), "g"), want: []string{"remove_membership a g (undone)", "remember a"}},
		"taken out of a group that is gone by now":         {before: one(active("a"), "g"), after: one(active("a")), now: plan.Current{Members: members(active("a"))}, left: []string{"remove_membership a g (gone)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := audited(plan.Diff(c.before, plan.Goal{Current: c.after}))
			if c.now.Members == nil && c.now.Groups == nil {
				c.now = c.after
			}
			by := plan.Reverser{
				Taken:   map[uuid.UUID]bool{id("a"): c.taken},
				Covered: func(*roster.Member) bool { return c.covered },
			}
			reverse := takeBackBy(c.now, done, by)
			assert.ElementsMatch(t, c.want, story(reverse.Changes))
			assert.ElementsMatch(t, c.left, story(reverse.Left))
		})
	}
}

func TestWhatIsLeftAloneSaysWhatItIsAndWouldHaveBecome(t *testing.T) {
	t.Parallel()
	before, after := active("a"), value(value(active("a"), roster.City, "Oslo"), roster.Office, "North")
	run := plan.Diff(one(before), plan.Goal{Current: one(after)})
	reverse := takeBack(one(value(after, roster.City, "Rome")), audited(run), nil)
	require.Len(t, reverse.Left, 1)
	assert.Equal(t, map[string][2]any{"city": {"Rome", nil}}, reverse.Left[0].Fields())
	assert.Equal(t, map[string][2]any{"office": {"North", nil}}, reverse.Changes[0].Fields())
}

func TestValuesThatAreNoLongerKeptCannotBeGivenBack(t *testing.T) {
	t.Parallel()
	for _, verb := range []plan.Verb{plan.Update, plan.Add} {
		reverse := takeBack(
			one(active("a")),
			[]plan.AppliedChange{{Verb: verb, Member: id("a"), Fields: map[string][2]any{"city": {}}}},
			nil,
		)
		assert.Empty(t, reverse.Changes)
		assert.Equal(t, []string{string(verb) + " a (not_kept)"}, story(reverse.Left))
	}
}

func TestReverseGroups(t *testing.T) {
	t.Parallel()
	g := func(key, name string) plan.Current {
		return plan.Current{Groups: []roster.Group{{ID: id("g"), Key: key, Name: name}}}
	}
	withOther := func(s plan.Current, name string) plan.Current {
		s.Groups = append(s.Groups, roster.Group{ID: id("o"), Key: name, Name: name})
		return s
	}
	withMember := func(s plan.Current) plan.Current {
		s.Members, s.Memberships = members(active("a")), joined("a", "g")
		return s
	}
	none := plan.Current{}
	for name, c := range map[string]struct {
		before, after, now plan.Current
		want, left         []string
		key                string
	}{
		"added: goes":                           {before: none, after: g("G", "G"), now: g("G", "G"), want: []string{"remove_group g (undone)"}},
		"added, and used since: stays":          {before: none, after: g("G", "G"), now: withMember(g("G", "G")), left: []string{"add_group g (group_in_use)"}},
		"added, and renamed since: stays":       {before: none, after: g("1", "G"), now: g("1", "H"), left: []string{"add_group g (changed_since)"}},
		"removed: comes back, by its name":      {before: g("G", "G"), after: none, now: none, want: []string{"add_group g (undone)"}, key: "G"},
		"removed, and a new one has its name":   {before: g("G", "G"), after: none, now: withOther(none, "G"), left: []string{"remove_group g (name_taken)"}},
		"renamed: its name before":              {before: g("1", "G"), after: g("1", "H"), now: g("1", "H"), want: []string{"update_group g (undone)"}, key: "1"},
		"renamed where the name is the key":     {before: g("G", "G"), after: g("H", "H"), now: g("H", "H"), want: []string{"update_group g (undone)"}, key: "G"},
		"renamed again since: stays":            {before: g("1", "G"), after: g("1", "H"), now: g("1", "I"), left: []string{"update_group g (changed_since)"}},
		"renamed, and removed since":            {before: g("1", "G"), after: g("1", "H"), now: none, left: []string{"update_group g (gone)"}},
		"its key is learned: it isn't kept":     {before: g("G", "G"), after: g("1", "G"), now: g("1", "G"), left: []string{"update_group g (not_kept)"}},
		"renamed, and another has the name now": {before: g("G", "G"), after: g("H", "H"), now: withOther(g("H", "H"), "G"), left: []string{"update_group g (name_taken)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reverse := takeBack(c.now, audited(plan.Diff(c.before, plan.Goal{Current: c.after})), nil)
			assert.ElementsMatch(t, c.want, story(reverse.Changes))
			assert.ElementsMatch(t, c.left, story(reverse.Left))
			if c.key != "" {
				assert.Equal(t, c.key, reverse.Changes[0].AfterGroup.Key)
			}
		})
	}
}

func TestEveryOpHasItsVerb(t *testing.T) {
	t.Parallel()
	for _, verb := range []plan.Verb{
		plan.Add, plan.Update, plan.Deactivate, plan.Reactivate, plan.Depart, plan.Return, plan.Delete,
		plan.AddGroup, plan.UpdateGroup, plan.RemoveGroup, plan.AddMembership, plan.RemoveMembership,
	} {
		got, ok := plan.ParseOp(verb.Op())
		assert.True(t, ok)
		assert.Equal(t, verb, got)
	}
	_, ok := plan.ParseOp("pardoned")
	assert.False(t, ok)
}
