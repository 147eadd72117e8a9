package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// guarded returns a harness with n members, whose additions and changes are held from four and three on.
func guarded(t *testing.T, n int) *harness {
	t.Helper()
	o := open(t)
	o.rules.Limits.Additions, o.rules.Limits.Changes = &guard.Limit{Count: 3}, &guard.Limit{Count: 2}
	o.source.users = people(n)
	o.sync(run.Applied)
	o.origin = run.Scheduled
	return o
}

// underNewNames returns the persons with other last names from one to another.
func underNewNames(all []person, from, to int) []person {
	for i := from; i < to; i++ {
		all = with(all, i, "Last_Name", "Renamed")
	}
	return all
}

// approveOnly approves one kind of what is held, and returns the plan that is held of the rest.
func (o *harness) approveOnly(held run.Result, only run.Kind) run.Result {
	o.t.Helper()
	o.act = func(env *testsuite.TestWorkflowEnvironment) {
		env.UpdateWorkflow(workflows.ApproveUpdate, "u", &testsuite.TestUpdateCallback{
			OnReject:   func(err error) { o.t.Errorf("refused: %v", err) },
			OnAccept:   func() {},
			OnComplete: func(any, error) {},
		}, workflows.Decision{Plan: held.Held.Plan, Request: "d1", Only: only})
	}
	require.Equal(o.t, held.Held, o.sync(run.Held).Held)
	o.act = nil
	return o.sync(run.Held)
}

// docs/rules.md, section 5, the guard of additions and changes.
func TestGuardOfAdditionsAndChanges(t *testing.T) {
	t.Parallel()
	t.Run("many additions are held, and all else flows", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 10)
		o.source.users = with(append(people(9), worker(20), worker(21), worker(22), worker(23)), 0, "City", "Rome")
		held := o.sync(run.Held)
		require.Equal(t, run.ChangeCounts{Updated: 1, Departed: 1}, held.Changes)
		require.Equal(t, 4, held.Held.Additions)
		require.Zero(t, held.Held.Removals)
		again := o.sync(run.Held)
		require.Equal(t, held.Held, again.Held, "the ids of newcomers differ, the plan is the same")
		o.approve(again)
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Added: 4}, result.Changes)
		require.Equal(t, run.ApprovedPlan{Plan: held.Held.Plan, Additions: 4}, *result.Approved)
		o.source.users = append(o.source.users, worker(30))
		require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes, "approved ones don't count")
	})

	t.Run("many additions within 24 hours", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 5)
		o.source.users = append(people(5), worker(20), worker(21))
		require.Equal(t, run.ChangeCounts{Added: 2}, o.sync(run.Applied).Changes, "the first load doesn't count")
		o.source.users = append(o.source.users, worker(22), worker(23))
		require.Equal(t, 2, o.sync(run.Held).Held.Additions)
	})

	t.Run("what is held", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 5)
		newcomers := func(city string) []person {
			all := people(5)
			for i := 20; i < 24; i++ {
				row := worker(i)
				row["City"] = city
				all = append(all, row)
			}
			return all
		}
		o.source.users = newcomers("Rome")
		one := o.sync(run.Held)
		o.source.users = newcomers("Oslo")
		other := o.sync(run.Held)
		require.NotEqual(t, one.Held.Plan, other.Held.Plan)
		o.source.users = newcomers("Rome")
		require.Equal(t, one.Held.Plan, o.sync(run.Held).Held.Plan)
	})

	t.Run("`guard: {first: hold}`", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.rules.Limits.HoldFirst = true
		o.source.users = people(4)
		held := o.sync(run.Held)
		require.Equal(t, 4, held.Held.Additions)
		require.Empty(t, o.members())
		o.approve(held)
		require.Equal(t, run.ChangeCounts{Added: 4}, o.sync(run.Applied).Changes)
	})

	t.Run("a member with a held update", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 10)
		o.source.users = with(with(underNewNames(people(11), 0, 3), 0, "City", "Rome"), 5, "City", "Oslo")
		held := o.sync(run.Held)
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 1}, held.Changes)
		require.Equal(t, 3, held.Held.Changes)
		require.Equal(t, "Toronto", o.members()[email(0)].Values[roster.City])
		o.approve(held)
		require.Equal(t, run.ChangeCounts{Updated: 3}, o.sync(run.Applied).Changes)
		require.Equal(t, "Renamed", o.members()[email(0)].Values[roster.LastName])
	})

	t.Run("a field that emptied out and a renumbering are changes", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 8)
		for _, row := range o.source.users {
			delete(row, "City")
		}
		o.source.users = append(o.source.users, worker(20))
		require.Equal(t, 8, o.sync(run.Held).Held.Changes)
		o = guarded(t, 8)
		for i, row := range o.source.users {
			row["Employee_ID"] = fmt.Sprintf("N%d", i)
		}
		held := o.sync(run.Held)
		require.Equal(t, 8, held.Held.Changes, "nobody is added or removed meanwhile")
		require.Zero(t, held.Held.Removals+held.Held.Additions)
		o.approve(held)
		require.Equal(t, run.ChangeCounts{Updated: 8}, o.sync(run.Applied).Changes)
	})

	t.Run("approve only one kind", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 30)
		o.source.users = append(underNewNames(people(15), 0, 3), worker(40), worker(41), worker(42), worker(43))
		held := o.sync(run.Held)
		require.Equal(t, []int{15, 4, 3}, []int{held.Held.Removals, held.Held.Additions, held.Held.Changes})
		require.Zero(t, held.Changes.Total())
		since := o.next.Hold.Since
		rest := o.approveOnly(held, run.Additions)
		require.Equal(t, run.ChangeCounts{Added: 4}, rest.Changes)
		require.Equal(t, []int{15, 0, 3}, []int{rest.Held.Removals, rest.Held.Additions, rest.Held.Changes})
		require.Equal(t, since, o.next.Hold.Since, "the rest keeps its clock")
		rest = o.approveOnly(rest, run.Updates)
		require.Equal(t, run.ChangeCounts{Updated: 3}, rest.Changes)
		o.approve(rest)
		require.Equal(t, run.ChangeCounts{Departed: 15}, o.sync(run.Applied).Changes)
	})

	t.Run("rejected or expired", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 10)
		o.source.users = append(underNewNames(people(10), 0, 3), worker(20), worker(21), worker(22), worker(23))
		o.reject(o.sync(run.Held))
		again := o.sync(run.Unchanged)
		require.Equal(t, 7, again.Withheld)
		o.source.users = with(o.source.users, 0, "Last_Name", "Again")
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes, "until the row says something else")
		absent := o.source.users[13]
		o.source.users = o.source.users[:13]
		require.Equal(t, 5, o.sync(run.Unchanged).Withheld)
		o.source.users = append(o.source.users, absent)
		require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes, "until that person was absent once")
		o.origin = run.Manual
		held := o.sync(run.Held)
		require.Equal(t, 3, held.Held.Additions, "a resync by hand plans them anew")
		require.Equal(t, 2, held.Held.Changes, "with the one of today they exceed the limit")
	})

	t.Run("a removal of a member with a held update is weighed as usual", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.rules.Limits.Additions, o.rules.Limits.Changes = &guard.Limit{Count: 3}, &guard.Limit{Count: 2}
		o.source.users = withStatus(10)
		o.sync(run.Applied)
		o.source.users = underNewNames(withStatus(10), 0, 4)
		o.source.users[0]["Status"] = "On leave"
		held := o.sync(run.Held)
		require.Equal(t, 1, held.Changes.Deactivated)
		require.Equal(t, 3, held.Held.Changes)
		held = o.sync(run.Held)
		require.Equal(t, 4, held.Held.Changes, "the change is planned after the removal")
		o.approve(held)
		require.Equal(t, run.ChangeCounts{Updated: 4}, o.sync(run.Applied).Changes)
	})

	t.Run("a newcomer waits for the change that frees the email", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 10)
		all := people(10)
		for i := range 3 {
			all = with(all, i, "Work_Email", fmt.Sprintf("moved%d@acme.example", i))
		}
		o.source.users = append(all, heir(1), worker(20))
		held := o.sync(run.Held)
		require.Equal(t, run.ChangeCounts{Added: 1}, held.Changes)
		require.Equal(t, "First1", o.members()[email(1)].Values[roster.FirstName])
		o.uniqueEmails()
		o.approve(held)
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 3}, result.Changes)
		require.Equal(t, "Heir", o.members()[email(1)].Values[roster.FirstName])
		o.uniqueEmails()
	})
}

func TestGroupsWaitWithAHeldUpdate(t *testing.T) {
	t.Parallel()
	for name, renamed := range map[string]func([]person) []person{
		"a change of names": func(all []person) []person { return underNewNames(all, 0, 6) },
		"people on leave": func(all []person) []person {
			for i := range 6 {
				all = with(all, i, "Status", "On Leave")
			}
			return all
		},
		"swapped emails": func(all []person) []person {
			for i := range 6 {
				all = with(all, i, "Work_Email", email(i^1))
			}
			return all
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := guarded(t, 8)
			o.rules.Limits.Removals, o.rules.Limits.Percent = 2, 0
			first := withStatus(8)
			for i := range first {
				first[i]["Groups"] = "Alpha"
			}
			o.source.groups = namedGroups("Alpha", "Beta")
			o.source.users = first
			o.sync(run.Applied)
			before := o.profiles()
			o.source.users = with(renamed(first), 1, "Groups", "Beta")
			o.sync(run.Held)
			require.Equal(t, before, o.profiles())
			o.source.users = first
			o.sync(run.Unchanged)
			require.Equal(t, before, o.profiles(), "the directory is as before, and so are the groups")

			o.source.users = with(renamed(first), 1, "Groups", "Beta")
			o.approve(o.sync(run.Held))
			result := o.sync(run.Applied)
			require.Equal(t, run.ChangeCounts{
				Updated: result.Changes.Updated, Deactivated: result.Changes.Deactivated, MembershipsAdded: 1,
				MembershipsRemoved: 1,
			}, result.Changes)
			o.sync(run.Unchanged)
			require.Contains(t, o.profiles()[o.members()[o.source.users[1]["Work_Email"].(string)].ID], "[Beta]")
		})
	}
}

func TestARejectedUpdateStaysWithheldWhenAnotherColumnChanges(t *testing.T) {
	t.Parallel()
	o := guarded(t, 10)
	names := underNewNames(people(10), 0, 5)
	o.source.users = names
	o.reject(o.sync(run.Held))
	o.source.users = with(names, 0, "City", "Rome")
	require.Zero(t, o.sync(run.Unchanged).Changes)
	o.source.users = with(names, 0, "Last_Name", "Corrected")
	require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes, "another name is another change")
}

func TestARejectedAdditionStaysWithheldUnderAnotherID(t *testing.T) {
	t.Parallel()
	for column, value := range map[string]string{"Employee_ID": "X7", "Work_Email": "seven@acme.example", "City": "Rome"} {
		o := guarded(t, 5)
		added := people(9)
		o.source.users = added
		o.reject(o.sync(run.Held))
		o.source.users = with(added, 7, column, value)
		require.Zero(t, o.sync(run.Unchanged).Changes, column)
		o.source.users = people(7)
		o.sync(run.Unchanged)
		o.source.users = people(8)
		require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes, "the person was absent once")
	}
}

func TestARemovalAndAChangeOfOneMemberAreTwoDecisions(t *testing.T) {
	t.Parallel()
	t.Run("the removal passes, and the change is held later", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 10)
		o.source.users = with(underNewNames(withStatus(10), 0, 5), 0, "Status", "On Leave")
		held := o.sync(run.Held)
		require.Equal(t, run.ChangeCounts{Deactivated: 1}, held.Changes)
		require.Equal(t, 4, held.Held.Changes)
		require.Equal(t, "Last0", o.members()[email(0)].Values[roster.LastName])
		require.Equal(t, 5, o.sync(run.Held).Held.Changes)
	})
	t.Run("an approved removal changes no name", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 10)
		o.rules.Limits.Removals = 2
		o.rules.Limits.Percent = 0
		all := underNewNames(withStatus(10), 0, 5)
		for i := range 5 {
			all = with(all, i, "Status", "On Leave")
		}
		o.source.users = all
		held := o.sync(run.Held)
		require.Equal(t, 5, held.Held.Removals)
		require.Zero(t, held.Held.Changes)
		o.approve(held)
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Deactivated: 5}, result.Changes)
		require.Equal(t, 5, o.sync(run.Held).Held.Changes)
	})
	t.Run("who gets the email waits as well", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = withStatus(10)
		o.sync(run.Applied)
		all := with(withStatus(10), 0, "Work_Email", "zero@acme.example")
		all = with(with(all, 0, "Status", "On Leave"), 1, "Work_Email", email(0))
		o.source.users = append(all, heir(1))
		require.Equal(t, run.ChangeCounts{Deactivated: 1}, o.sync(run.Applied).Changes)
		o.uniqueEmails()
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 2}, o.sync(run.Applied).Changes)
		o.uniqueEmails()
		o.sync(run.Unchanged)
	})
}
