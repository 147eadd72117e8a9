package plan_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// TestLifecycle holds the sentences of docs/rules.md section 4.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	byName := map[string]uuid.UUID{"g": id("g"), "h": id("h")}
	for name, c := range map[string]struct {
		input plan.Input
		want  []string
	}{
		"active <-> inactive: leave": {
			plan.Input{Members: members(active("a")), Users: users(with(row("a"), roster.Status, "inactive"))},
			[]string{"deactivate a (row_inactive)"},
		},
		"active <-> inactive: return": {
			plan.Input{Members: members(inactive("a")), Users: users(with(row("a"), roster.Status, "active"))},
			[]string{"reactivate a (row_active)"},
		},
		"a leave with other changes: those don't wait for it": {
			plan.Input{
				Members: members(active("a")),
				Users:   users(with(with(row("a"), roster.City, "Oslo"), roster.Status, "inactive")),
			},
			[]string{"update a (row_changed)", "deactivate a (row_inactive)"},
		},
		"a return from leave carries its other changes": {
			plan.Input{
				Members: members(inactive("a")),
				Users:   users(with(with(row("a"), roster.City, "Oslo"), roster.Status, "active")),
			},
			[]string{"reactivate a (row_active)"},
		},
		"an empty status leaves the status unchanged": {
			plan.Input{Members: members(inactive("a")), Users: users(keeping(row("a"), roster.Status))},
			[]string{},
		},
		"absent: deactivated at once": {
			plan.Input{Members: members(active("a"), inactive("b")), Absent: []uuid.UUID{id("a"), id("b")}},
			[]string{"depart a (absent)", "depart b (absent)"},
		},
		"kept for the tenant's grace time": {
			plan.Input{Members: members(departed("a", grace)), Absent: []uuid.UUID{id("a")}},
			[]string{},
		},
		"a grace time that ran out is part of the next plan even when the roster is the same": {
			plan.Input{Members: members(departed("a", grace+time.Second), active("b"))},
			[]string{"delete a (grace_over)"},
		},
		"0 = delete at once": {
			plan.Input{Grace: -1, Members: members(active("a")), Absent: []uuid.UUID{id("a")}},
			[]string{"delete a (absent)"},
		},
		"rehire inside the grace time: the same member comes back": {
			plan.Input{Members: members(departed("a", grace/2)), Users: users(row("a"))},
			[]string{"return a (reappeared)"},
		},
		"rehire on leave comes back inactive, in one change": {
			plan.Input{
				Members: members(departed("a", grace/2)),
				Users:   users(with(row("a"), roster.Status, "inactive")),
			},
			[]string{"return a (reappeared)"},
		},
		"rehire whose row says nothing of status": {
			plan.Input{Members: members(departed("a", grace/2)), Users: users(keeping(row("a"), roster.Status))},
			[]string{"return a (reappeared)"},
		},
		"somebody new": {
			plan.Input{Users: users(row("a"))},
			[]string{"add a (appeared)"},
		},
		"somebody new on leave is no removal": {
			plan.Input{Users: users(with(row("a"), roster.Status, "inactive"))},
			[]string{"add a (appeared)"},
		},
		"present is present: a rejected row's member stays": {
			plan.Input{Members: members(active("a")), Absent: []uuid.UUID{id("a")}, Kept: []uuid.UUID{id("a")}},
			[]string{},
		},
		"present is present: not deleted either": {
			plan.Input{Members: members(departed("a", 2*grace)), Kept: []uuid.UUID{id("a")}},
			[]string{},
		},
		"a member that the input does not name stays unchanged": {
			plan.Input{Members: members(active("a"), inactive("b"), departed("c", grace/2))},
			[]string{},
		},
		"email changed, same external_id: an update, the member id stays": {
			plan.Input{Members: members(active("a")), Users: users(with(row("a"), roster.Email, "z@x.io"))},
			[]string{"update a (row_changed)"},
		},
		"two people swap emails": {
			plan.Input{
				Members: members(active("a"), active("b")),
				Users:   users(with(row("a"), roster.Email, "b@x.io"), with(row("b"), roster.Email, "a@x.io")),
			},
			[]string{"update a (row_changed)", "update b (row_changed)"},
		},
		"the external_id is learned": {
			plan.Input{Members: members(nameless(active("a"))), Users: users(row("a"))},
			[]string{"update a (id_learned)"},
		},
		"the external_id is never cleared": {
			plan.Input{Members: members(active("a")), Users: users(without(row("a")))},
			[]string{},
		},
		"the kind of id changes: nobody is renamed or removed by it": {
			plan.Input{Members: members(active("a")), Users: users(ofKind(row("a"), "w", "7"))},
			[]string{"update a (id_learned)"},
		},
		"another row that says the same changes nothing that can be seen": {
			plan.Input{Members: members(active("a")), Users: users(with(row("a"), roster.City, ""))},
			[]string{"remember a"},
		},
		"drift is corrected": {
			plan.Input{Members: members(moved(active("a"))), Users: users(recognised(row("a")))},
			[]string{"update a (edited)"},
		},
		"memberships follow the row's groups": {
			plan.Input{
				Members: members(active("a")), Memberships: joined("a", "g"), Groups: byName,
				Users: users(in(row("a"), "h")),
			},
			[]string{"remove_membership a g (unlisted)", "remember a", "add_membership a h (listed)"},
		},
		"a row that says nothing of groups leaves memberships": {
			plan.Input{
				Members: members(active("a")), Memberships: joined("a", "g"), Groups: byName, Users: users(row("a")),
			},
			[]string{},
		},
		"memberships go with their member": {
			plan.Input{
				Members: members(active("a")), Memberships: joined("a", "g", "h"), Absent: []uuid.UUID{id("a")},
			},
			[]string{"remove_membership a g (member_left)", "remove_membership a h (member_left)", "depart a (absent)"},
		},
		"a kept member keeps his memberships": {
			plan.Input{Members: members(active("a")), Memberships: joined("a", "g"), Kept: []uuid.UUID{id("a")}},
			[]string{},
		},
		"memberships of a removed group are left to its removal": {
			plan.Input{
				Members: members(active("a")), Memberships: joined("a", "q"), Groups: byName,
				Users: users(in(row("a"), "g")),
			},
			[]string{"remember a", "add_membership a g (listed)"},
		},
		"a group that isn't known is passed over": {
			plan.Input{Members: members(active("a")), Groups: byName, Users: users(in(row("a"), "q"))},
			[]string{"remember a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.input.Now = today
			switch c.input.Grace {
			case 0:
				c.input.Grace = grace
			case -1:
				c.input.Grace = 0
			}
			assert.Equal(t, c.want, story(changes(t, c.input)))
		})
	}
}

func nameless(m roster.Member) roster.Member {
	m.ExternalID, m.ExternalKind = "", ""
	return m
}

func moved(m roster.Member) roster.Member {
	m.Values[roster.City] = "Rome"
	return m
}

func without(u roster.User) roster.User {
	u.ExternalID, u.ExternalKind = "", ""
	return u
}

func ofKind(u roster.User, kind, external string) roster.User {
	u.ExternalKind, u.ExternalID = kind, external
	return u
}

func recognised(u roster.User) roster.User {
	u.Recognised = true
	return u
}

func TestABadOptionalValueLeavesThatFieldAsItIs(t *testing.T) {
	t.Parallel()
	m := active("a")
	m.Values[roster.City], m.Values[roster.Locale] = "Rome", "ko"
	u := keeping(keeping(with(row("a"), roster.Office, "3"), roster.City), roster.Locale)
	after := goal(t, plan.Input{Now: today, Grace: grace, Members: members(m), Users: users(u)}).Members[0]
	want := m.Values
	want[roster.Office] = "3"
	assert.Equal(t, want, after.Values)
}

func TestANewMemberGetsTheDefaults(t *testing.T) {
	t.Parallel()
	u := keeping(keeping(row("a"), roster.Status), roster.Locale)
	u.New = true
	after := goal(t, plan.Input{Now: today, Grace: grace, Users: users(u)}).Members
	assert.Equal(t, active("a").Values, after[0].Values)
}

func TestADepartedMemberMatchesNoRowUntilItReturns(t *testing.T) {
	t.Parallel()
	after := goal(t, plan.Input{
		Now: today, Grace: grace, Members: members(active("a")), Absent: []uuid.UUID{id("a")},
	}).Members[0]
	want := departed("a", 0)
	assert.Equal(t, want, after)
	back := goal(
		t,
		plan.Input{Now: today.Add(time.Hour), Grace: grace, Members: members(after), Users: users(row("a"))},
	)
	assert.Equal(t, active("a"), back.Members[0])
}

func TestWhatWaitsDoesNotLookKnown(t *testing.T) {
	t.Parallel()
	t.Run("an update while the status waits", func(t *testing.T) {
		t.Parallel()
		u := with(with(row("a"), roster.City, "Oslo"), roster.Status, "inactive")
		list := changes(t, plan.Input{Now: today, Grace: grace, Members: members(active("a")), Users: users(u)})
		update, deactivate := list[0].After, list[1].After
		if update.Known != (roster.Known{}) || deactivate.Known != u.Known {
			t.Errorf("known after the update %v, after the deactivation %v", update.Known, deactivate.Known)
		}
		if update.Version != 2 || list[1].Before.Version != 2 || deactivate.Version != 3 {
			t.Errorf("versions %d, %d, %d", update.Version, list[1].Before.Version, deactivate.Version)
		}
	})
	t.Run("a row that drops a group", func(t *testing.T) {
		t.Parallel()
		target := goal(t, plan.Input{
			Now: today, Grace: grace, Members: members(active("a")), Memberships: joined("a", "g"),
			Groups: map[string]uuid.UUID{"g": id("g")}, Users: users(in(row("a"))),
		})
		if target.Members[0].Known != (roster.Known{}) {
			t.Error("the row is known although a removal waits")
		}
	})
}

func TestARowTiedByItsHashAloneIsRefused(t *testing.T) {
	t.Parallel()
	other := row("a")
	other.Member, other.Row = id("b"), 7
	stranger := without(other)
	edited := active("a")
	edited.ExternalID = "edited"
	for name, c := range map[string]struct {
		member  roster.Member
		user    roster.User
		collide bool
	}{
		"another external id of the same kind":       {active("b"), other, true},
		"no external id and another email":           {active("b"), stranger, true},
		"another kind and another email":             {active("b"), ofKind(other, "w", "b"), true},
		"the same email, the kind differs":           {active("a"), ofKind(row("a"), "w", "b"), false},
		"the very row that made the member":          {edited, recognised(row("a")), false},
		"a recognised row that made another":         {active("b"), recognised(other), true},
		"the external id is the same, the email not": {active("a"), with(row("a"), roster.Email, "q@x.io"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.user.Member = c.member.ID
			_, err := plan.Target(plan.Input{Now: today, Members: members(c.member), Users: users(c.user)})
			var collision *plan.CollisionError
			if errors.As(err, &collision) != c.collide {
				t.Fatalf("error %v, want a collision: %t", err, c.collide)
			}
			if c.collide && (collision.Row != c.user.Row || collision.Member != c.member.ID) {
				t.Errorf("collision %+v", collision)
			}
		})
	}
}
