package activities_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/wire"
	"github.com/rollcall/rollcall/workflows"
)

// undo takes a run back: it plans that, has it approved and applied. held is the plan as it was shown.
func (o *harness) undo(of run.Result) (held, applied run.Result) {
	o.t.Helper()
	held = o.planUndo(of, func(env *testsuite.TestWorkflowEnvironment) {
		deciding(o.t, workflows.ApproveUpdate, o.status(env).Hold.Plan)(env)
	})
	require.Equal(o.t, run.Held, held.Outcome)
	require.NotNil(o.t, o.next)
	applied, err := o.round(workflows.UndoName)
	require.NoError(o.t, err)
	return held, applied
}

// planUndo plans to take a run back, and does act once that is held.
func (o *harness) planUndo(of run.Result, act func(*testsuite.TestWorkflowEnvironment)) run.Result {
	o.t.Helper()
	o.act = act
	defer func() { o.act = nil }()
	o.next = &workflows.Input{Tenant: acme, Origin: run.Undo, Request: "u1", Undoes: mustID(o.t, of.Run)}
	result, err := o.round(workflows.UndoName)
	require.NoError(o.t, err)
	return result
}

// profiles are all members as anybody sees them, by id.
func (o *harness) profiles() map[uuid.UUID]string {
	o.t.Helper()
	names, groups := map[uuid.UUID]string{}, map[uuid.UUID][]string{}
	kept, err := o.kept.Groups(o.t.Context(), acme)
	require.NoError(o.t, err)
	for _, group := range kept {
		names[group.ID] = group.Name
	}
	for m, err := range o.kept.Memberships(o.t.Context(), acme) {
		require.NoError(o.t, err)
		groups[m.Member] = append(groups[m.Member], names[m.Group])
	}
	found := map[uuid.UUID]string{}
	for m, err := range o.kept.Members(o.t.Context(), acme) {
		require.NoError(o.t, err)
		slices.Sort(groups[m.ID])
		found[m.ID] = fmt.Sprintf("%q %s %s %s departed %t", m.Values, m.ExternalKind, m.ExternalID, groups[m.ID],
			!m.DepartedAt.IsZero())
	}
	return found
}

// left are the changes that an undo left alone: "verb why fields".
func (o *harness) left(of run.Result) []string {
	o.t.Helper()
	left := []string{}
	for data, err := range o.kept.Chunks(o.t.Context(), mustID(o.t, of.Run), string(plan.PartLeft), 0, -1) {
		require.NoError(o.t, err)
		var piece plan.Batch
		require.NoError(o.t, wire.Decode(data, &piece))
		for _, c := range piece.Changes {
			left = append(left, fmt.Sprint(c.Verb, " ", c.Why, " ", slices.Sorted(maps.Keys(c.Fields()))))
		}
	}
	require.Len(o.t, left, of.Undoes.Skipped)
	return left
}

// grouped are n persons, every second in a group.
func grouped(n int) []person {
	all := people(n)
	for i, p := range all {
		p["Groups"] = "Everybody"
		if i%2 == 0 {
			p["Groups"] = "Everybody; Even"
		}
	}
	return all
}

// renamed are persons whom a bad report calls by another name, in other groups, with other addresses.
func renamed(all []person) []person {
	var wrong []person
	for i, p := range all {
		q := maps.Clone(p)
		q["First_Name"], q["Last_Name"], q["City"], q["Groups"] = p["Last_Name"], p["First_Name"], "", "Nobody"
		q["Work_Email"] = email((i + 1) % len(all)) // everybody has somebody else's
		wrong = append(wrong, q)
	}
	return wrong
}

func TestABadSyncIsUndoneFieldByField(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Everybody", "Even", "Nobody")
	o.source.users = grouped(33)
	o.sync(run.Applied)
	before := o.profiles()

	o.origin = run.Scheduled
	o.source.users = renamed(o.source.users[:22])
	first := o.sync(run.Held)
	require.Equal(t, 22, first.Changes.Updated)
	o.approve(first)
	second := o.sync(run.Applied)
	require.Equal(t, 11, second.Changes.Departed)

	held, applied := o.undo(second)
	require.Equal(t, 11, applied.Changes.Returned)
	require.Equal(t, second.Run, applied.Undoes.Run)
	require.Equal(t, held.Held.Plan, applied.Approved.Plan)
	require.Equal(t, held.Held.Changes, applied.Changes.Total())
	_, applied = o.undo(first)
	require.Equal(t, 22, applied.Changes.Updated)
	require.Equal(t, before, o.profiles(), "every member, field by field, and in every group")
	require.Empty(t, o.left(applied))

	recent, err := o.kept.Recent(t.Context(), acme, time.Time{})
	require.NoError(t, err)
	require.Equal(t, ledger.Recent{Changes: 22}, recent, "what was approved doesn't count")
	again := o.sync(run.Held)
	require.Equal(t, 22, again.Changes.Updated, "the next sync redoes them")
	require.Equal(t, first.Held.Removals, again.Held.Removals)
}

func TestLaterChangesAreKeptAndListed(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	before := o.members()
	o.source.users = with(with(with(o.source.users, 0, "City", "Paris"), 1, "City", "Paris"), 1, "Last_Name", "Wrong")
	bad := o.sync(run.Applied)
	o.source.users = with(with(o.source.users, 1, "City", "Rome"), 2, "City", "Lyon")
	o.sync(run.Applied)

	held, applied := o.undo(bad)
	require.Equal(t, 1, held.Undoes.Skipped)
	require.Equal(t, []string{"update changed_since [city]"}, o.left(held))
	require.Equal(t, []string{"update changed_since [city]"}, o.left(applied))
	after := o.members()
	require.Equal(t, before[email(0)].Values, after[email(0)].Values)
	require.Equal(t, "Last1", after[email(1)].Values[roster.LastName])
	require.Equal(t, "Rome", after[email(1)].Values[roster.City])
	require.Equal(t, "Lyon", after[email(2)].Values[roster.City])
	for _, c := range o.audit() {
		if c.Run == mustID(t, applied.Run) {
			require.Equal(t, string(plan.Undone), c.Why)
		}
	}
}

func TestMembersAddedByABadSyncDepartAndReturn(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.users = people(25)
	bad := o.sync(run.Applied)
	there := o.members()
	_, applied := o.undo(bad)
	require.Equal(t, run.ChangeCounts{Departed: 20}, applied.Changes)
	require.Equal(t, map[string]int{roster.Active: 5, roster.Departed: 20}, o.statuses())
	require.Equal(t, 20, o.sync(run.Applied).Changes.Returned,
		"the directory has not changed, and the sync isn't unchanged")
	for mail, member := range o.members() {
		require.Equal(t, there[mail].ID, member.ID)
	}
	o.sync(run.Unchanged)
}

func TestAnUndoCanBeUndone(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Everybody", "Even", "Nobody")
	o.source.users = grouped(8)
	o.sync(run.Applied)
	o.source.users = renamed(o.source.users)[:6]
	bad := o.sync(run.Applied)
	after := o.profiles()
	_, applied := o.undo(bad)
	require.NotEqual(t, after, o.profiles())
	_, again := o.undo(applied)
	require.Equal(t, after, o.profiles())
	require.Equal(t, applied.Run, again.Undoes.Run)
}

func TestAnUndoTwiceFindsNothingToDo(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.users = people(8)
	bad := o.sync(run.Applied)
	o.undo(bad)
	state, err := o.kept.State(t.Context(), acme)
	require.NoError(t, err)
	result := o.planUndo(bad, nil)
	require.Equal(t, run.Unchanged, result.Outcome)
	require.Nil(t, result.Held)
	now, err := o.kept.State(t.Context(), acme)
	require.NoError(t, err)
	require.Equal(t, state.Generation, now.Generation, "nothing is claimed")
}

// All employees get new numbers: every member departs, and is added as another one.
func TestAChangedIdentityIsRestored(t *testing.T) {
	t.Parallel()
	strangers := func(n int) []person {
		all := people(n)
		for i, p := range all {
			p["Employee_ID"], p["Last_Name"] = fmt.Sprint(9000+i), "Stranger"
		}
		return all
	}
	t.Run("undone at once", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = people(6)
		o.sync(run.Applied)
		before := o.members()
		o.source.users = strangers(6)
		bad := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Added: 6, Departed: 6}, bad.Changes)
		_, applied := o.undo(bad)
		require.Equal(t, run.ChangeCounts{Departed: 6, Returned: 6}, applied.Changes)
		for member, err := range o.kept.Members(t.Context(), acme) {
			require.NoError(t, err)
			was, there := before[member.Values[roster.Email]]
			require.Equal(t, there && was.ID == member.ID, member.Values[roster.Status] == roster.Active)
		}
		o.uniqueEmails()
	})
	t.Run("one of the new ones has changed since, and keeps the email", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = people(6)
		o.sync(run.Applied)
		o.source.users = strangers(6)
		bad := o.sync(run.Applied)
		o.source.users = with(o.source.users, 2, "City", "Rome")
		o.sync(run.Applied)
		_, applied := o.undo(bad)
		require.Equal(t, run.ChangeCounts{Departed: 5, Returned: 5}, applied.Changes)
		require.ElementsMatch(t, []string{"add changed_since []", "depart identity_taken [email status]"}, o.left(applied))
		o.uniqueEmails()
		active := map[string]int{}
		for member, err := range o.kept.Members(t.Context(), acme) {
			require.NoError(t, err)
			if member.Values[roster.Status] == roster.Active {
				active[member.Values[roster.Email]]++
			}
		}
		require.Equal(t, map[string]int{email(0): 1, email(1): 1, email(2): 1, email(3): 1, email(4): 1, email(5): 1},
			active)
	})
}

func TestARejectedOrExpiredUndoChangesNothing(t *testing.T) {
	t.Parallel()
	for outcome, act := range map[run.Outcome]func(*harness) func(*testsuite.TestWorkflowEnvironment){
		run.Rejected: func(o *harness) func(*testsuite.TestWorkflowEnvironment) {
			return func(env *testsuite.TestWorkflowEnvironment) {
				deciding(o.t, workflows.RejectUpdate, o.status(env).Hold.Plan)(env)
			}
		},
		run.Expired: func(*harness) func(*testsuite.TestWorkflowEnvironment) {
			return func(*testsuite.TestWorkflowEnvironment) {}
		},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users = people(5)
			o.sync(run.Applied)
			o.source.users = people(9)
			bad := o.sync(run.Applied)
			after, written := o.profiles(), len(o.audit())
			result := o.planUndo(bad, act(o))
			require.Equal(t, outcome, result.Outcome)
			kept, err := o.kept.Run(t.Context(), acme, mustID(t, result.Run))
			require.NoError(t, err)
			require.Equal(t, outcome, kept.Result.Outcome)
			require.Equal(t, run.Undo, kept.Origin)
			require.Equal(t, after, o.profiles())
			require.Len(t, o.audit(), written)
			for range o.kept.Withheld(t.Context(), acme) {
				t.Fatal("a dropped undo withholds nothing")
			}
			o.origin = run.Scheduled
			o.sync(run.Unchanged)
		})
	}
}

func TestAResyncDropsAnUndoAndTheRunSaysSo(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.users = people(9)
	bad := o.sync(run.Applied)
	result := o.planUndo(bad, func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"})
	})
	require.Equal(t, run.Rejected, result.Outcome)
	require.True(t, result.Undoes.Replaced)
	require.Equal(t, &workflows.Input{Tenant: acme, Origin: run.Manual, Request: "r2"}, o.next)
	o.sync(run.Unchanged)
}

func TestAnUndoAppliesNothingThatWasNotShown(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.users = with(with(o.source.users, 0, "City", "Paris"), 1, "City", "Paris")
	bad := o.sync(run.Applied)
	o.edit(`UPDATE members SET city = 'Rome', version = version + 1 WHERE email = '` + email(0) + `'`)
	held := o.planUndo(bad, func(env *testsuite.TestWorkflowEnvironment) {
		o.edit(`UPDATE members SET city = 'Paris', version = version + 1 WHERE email = '` + email(0) + `'`)
		o.edit(`UPDATE members SET city = 'Rome', version = version + 1 WHERE email = '` + email(1) + `'`)
		deciding(o.t, workflows.ApproveUpdate, o.status(env).Hold.Plan)(env)
	})
	require.Equal(t, 1, held.Held.Changes)
	applied, err := o.round(workflows.UndoName)
	require.NoError(t, err)
	require.Equal(t, run.Unchanged, applied.Outcome)
	require.Equal(t, &run.ApprovedPlan{Plan: held.Held.Plan, LeftOut: 1}, applied.Approved)
	require.ElementsMatch(t, []string{"update not_shown [city]", "update changed_since [city]"}, o.left(applied))
	require.Equal(t, "Paris", o.members()[email(0)].Values[roster.City])
}

func TestChangesThatCannotBeUndoneAreListed(t *testing.T) {
	t.Parallel()
	t.Run("people deleted", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.rules.Grace = 0
		o.source.users = people(5)
		o.sync(run.Applied)
		o.source.users = people(4)
		bad := o.sync(run.Applied)
		require.Equal(t, 1, bad.Changes.Deleted)
		result := o.planUndo(bad, nil)
		require.Equal(t, run.Unchanged, result.Outcome)
		require.Equal(t, []string{"delete person_deleted []"}, o.left(result))
	})
	t.Run("values that are no longer kept", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = people(5)
		o.sync(run.Applied)
		o.source.users = with(o.source.users, 0, "City", "Paris")
		bad := o.sync(run.Applied)
		o.edit(`UPDATE changes SET vals = NULL`)
		result := o.planUndo(bad, nil)
		require.Equal(t, run.Unchanged, result.Outcome)
		require.Equal(t, []string{"update not_kept []"}, o.left(result))
	})
}

func TestOnlyARunOfTheTenantCanBeUndone(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	preview, err := o.round(workflows.PreviewName)
	require.NoError(t, err)
	o.sync(run.Applied)
	for name, id := range map[string]uuid.UUID{
		"unknown":   uuid.MustParse("01a20927-0000-74e5-8a9c-4baad448e3cd"),
		"a preview": mustID(t, preview.Run),
	} {
		t.Run(name, func(t *testing.T) {
			o.next = &workflows.Input{Tenant: acme, Undoes: id}
			result, err := o.round(workflows.UndoName)
			var failure *temporal.ApplicationError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "not_undoable", failure.Type())
			require.Contains(t, result.Error.Detail, id.String())
			runs, err := o.kept.Runs(t.Context(), acme, 0)
			require.NoError(t, err)
			require.Len(t, runs, 2, "no run is made of it")
		})
	}
}

// At WorkOS groups have keys of their own and list their members.
func TestGroupsAndMembershipsOfABadSyncAreUndone(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.from = workos.Source()
	o.source.users = people(12)
	for _, row := range o.source.users {
		row["idp_id"] = row["Employee_ID"]
	}
	o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Sales"}, {Row: 2, Key: "g2", Name: "Ops"}}
	for i := range 5 {
		o.source.memberships = append(o.source.memberships,
			directory.Membership{Group: "g1", User: fmt.Sprint(1000 + i)}, directory.Membership{
				Group: "g2",
				User:  fmt.Sprint(1005 + i),
			})
	}
	o.sync(run.Applied)
	before, good := o.profiles(), o.source.memberships
	o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Vertrieb"}, {Row: 2, Key: "g3", Name: "New"}}
	o.source.memberships = []directory.Membership{
		{Group: "g1", User: "1000"},
		{Group: "g1", User: "1007"},
		{Group: "g3", User: "1001"},
	}
	bad := o.sync(run.Applied)
	require.Equal(t, 1, bad.Changes.GroupsRemoved)
	_, applied := o.undo(bad)
	require.Equal(t, before, o.profiles())
	require.Equal(t, 1, applied.Changes.GroupsRemoved)
	require.Empty(t, o.left(applied))

	o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Sales"}, {Row: 2, Key: "g2", Name: "Ops"}}
	o.source.memberships = good
	mended := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{GroupsUpdated: 1}, mended.Changes,
		"the group that came back by its name has its key again")
	require.Equal(t, before, o.profiles())
}

// Whichever write fails, before or after it was done, the undo goes on from there and leaves what it would have left.
func TestAnUndoInterruptedAtAnyWriteEndsTheSame(t *testing.T) {
	t.Parallel()
	play := func(o *harness, u *unreliable) []string {
		_, second := story(o, false)
		o.do.Runs, o.do.Stages, o.do.Ledger = u, u, u
		_, applied := o.undo(second)
		require.Equal(o.t, run.Applied, applied.Outcome)
		return picture(o)
	}
	whole := open(t)
	counting := &unreliable{Store: whole.kept}
	want := play(whole, counting)
	require.Greater(t, counting.writes, 20)
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for cut := 1; cut <= counting.writes; cut += stride {
		for _, after := range []bool{false, true} {
			o := open(t)
			require.Equal(t, want, play(o, &unreliable{Store: o.kept, cut: cut, after: after}), "write %d, after: %t",
				cut, after)
		}
	}
}

func TestNobodyProtectedIsRemovedByAnUndo(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.users = people(8)
	bad := o.sync(run.Applied)
	o.rules.Protected = []roster.Protected{{PersonRef: roster.PersonRef{Email: roster.Key(email(6))}}}
	_, applied := o.undo(bad)
	require.Equal(t, run.ChangeCounts{Departed: 2}, applied.Changes)
	require.Equal(t, []string{"add person_protected []"}, o.left(applied))
	require.Equal(t, roster.Active, o.members()[email(6)].Values[roster.Status])
}

func TestALeaverWhoReturnsByAnUndoGetsTheEmailBackFromANextOwnerWhoLeft(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(20)
	o.sync(run.Applied)
	o.source.users = append(people(20)[1:], heir(0))
	taken := o.sync(run.Applied)
	o.source.users = people(20)[1:]
	require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes)
	_, applied := o.undo(taken)
	require.Equal(t, run.ChangeCounts{Returned: 1, Updated: 1}, applied.Changes)
	o.uniqueEmails()
	require.Equal(t, "1000", o.members()[email(0)].ExternalID)
}
