package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// deciding has a round that holds that plan be approved or rejected.
func deciding(t *testing.T, update, plan string) func(*testsuite.TestWorkflowEnvironment) {
	t.Helper()
	return func(env *testsuite.TestWorkflowEnvironment) {
		env.UpdateWorkflow(update, "u", &testsuite.TestUpdateCallback{
			OnReject:   func(err error) { t.Errorf("refused: %v", err) },
			OnAccept:   func() {},
			OnComplete: func(any, error) {},
		}, workflows.Decision{Plan: plan, Request: "d1"})
	}
}

func (o *harness) approve(held run.Result) {
	o.t.Helper()
	o.act = deciding(o.t, workflows.ApproveUpdate, held.Held.Plan)
	require.Equal(o.t, held.Held, o.sync(run.Held).Held, "a tick finds the same plan")
	o.act = nil
}

func (o *harness) reject(held run.Result) run.Result {
	o.t.Helper()
	o.act = deciding(o.t, workflows.RejectUpdate, held.Held.Plan)
	defer func() { o.act = nil }()
	return o.sync(run.Rejected)
}

func (o *harness) expire() run.Result {
	o.t.Helper()
	o.act = func(*testsuite.TestWorkflowEnvironment) {}
	defer func() { o.act = nil }()
	return o.sync(run.Expired)
}

// statuses count the members by status.
func (o *harness) statuses() map[string]int {
	o.t.Helper()
	found := map[string]int{}
	for _, member := range o.members() {
		found[member.Values[roster.Status]]++
	}
	return found
}

// fifteen returns a harness with 30 members. The removal of 15 of them is held.
func fifteen(t *testing.T) (*harness, run.Result) {
	t.Helper()
	o := open(t)
	o.source.users = people(30)
	o.sync(run.Applied)
	o.origin = run.Scheduled
	o.source.users = people(15)
	return o, o.sync(run.Held)
}

// TestHold holds the sentences of docs/rules.md section 5 about what people decide.
func TestHold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"approve applies nothing but what was shown, less those whom a fresh read finds back":     approveAppliesWhatWasShown,
		"in the plan, plus those applied without approval in the last 24 hours":                   approvedDoNotCount,
		"a removal rejected or expired stays withheld (and shown as withheld)":                    droppedStaysWithheld,
		"until that person has been present again":                                                withheldUntilPresent,
		"or someone resyncs by hand":                                                              withheldUntilResync,
		"groups have their own limit: more than half of the memberships of a group of 10 or more": groupsHaveTheirOwnLimit,
		"reject drops them":               rejectDropsThem,
		"nothing for 72 hours drops them": nothingDropsThem,
		"a run with failed, held or undecided changes does not count as last applied": undecidedIsNotLastApplied,
	} {
		t.Run(name, test)
	}
}

func rejectDropsThem(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	require.Equal(t, held.Held, o.reject(held).Held)
	require.Nil(t, o.next, "the sync has ended")
	require.Equal(t, map[string]int{roster.Active: 30}, o.statuses())
}

func nothingDropsThem(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	require.Equal(t, 72*time.Hour, o.next.Hold.Until.Sub(o.next.Hold.Since))
	require.Equal(t, held.Held, o.expire().Held)
	require.Equal(t, map[string]int{roster.Active: 30}, o.statuses())
}

func undecidedIsNotLastApplied(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	settled := func() bool {
		state, err := o.kept.State(t.Context(), acme)
		require.NoError(t, err)
		return state.Complete
	}
	require.False(t, settled(), "held")
	o.reject(held)
	require.False(t, settled(), "rejected")
	require.Equal(t, 15, o.sync(run.Unchanged).Withheld)
	require.False(t, settled(), "withheld")
	o.source.users = people(30)
	o.sync(run.Unchanged)
	require.True(t, settled(), "present again")
}

func approveAppliesWhatWasShown(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.approve(held)
	o.source.users = append(people(15), worker(20), worker(21), worker(40)) // two are back, one joins
	o.source.users = without(o.source.users, 3)                             // and one more leaves, whom nobody has approved
	result := o.sync(run.Applied)
	require.Equal(t, &run.ApprovedPlan{Plan: held.Held.Plan, Removals: 13, LeftOut: 2}, result.Approved)
	require.Equal(t, run.ChangeCounts{Added: 1, Departed: 14}, result.Changes)
	require.Equal(t, map[string]int{roster.Active: 17, roster.Departed: 14}, o.statuses())
	kept, err := o.kept.Run(t.Context(), acme, mustID(t, result.Run))
	require.NoError(t, err)
	require.Equal(t, "d1", kept.Request, "the run names who approved it")
	o.sync(run.Unchanged)
}

func TestARejectIsRecordedWithEveryRunThatHoldsThePlan(t *testing.T) {
	t.Parallel()
	last := func(o *harness) *run.Result {
		runs, err := o.kept.Runs(t.Context(), acme, 1)
		require.NoError(t, err)
		return runs[0].Result
	}
	t.Run("decided while the plan is made anew, and within the limit by now", func(t *testing.T) {
		t.Parallel()
		o, held := fifteen(t)
		o.rules.Limits.Removals = 20
		rejecting := deciding(t, workflows.RejectUpdate, held.Held.Plan)
		o.during = func(env *testsuite.TestWorkflowEnvironment) {
			env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
				if info.ActivityType.Name == workflows.DiffName {
					rejecting(env)
				}
			})
		}
		result := o.sync(run.Rejected)
		require.Equal(t, run.Rejected, last(o).Outcome)
		require.Zero(t, result.Changes.Departed)
		o.during = nil
		require.Equal(t, 15, o.sync(run.Unchanged).Withheld)
	})
	t.Run("decided after a read that failed", func(t *testing.T) {
		t.Parallel()
		o, held := fifteen(t)
		o.source.refuse = func(int) error { return fault.Superseded("for the test") }
		o.act = deciding(t, workflows.RejectUpdate, held.Held.Plan)
		result, err := o.round(workflows.SyncName)
		require.NoError(t, err)
		require.Equal(t, run.Rejected, result.Outcome)
		require.Equal(t, run.Failed, last(o).Outcome)
		require.Nil(t, last(o).Held, "it holds nothing on")
		o.source.refuse, o.act = nil, nil
		require.Equal(t, 15, o.sync(run.Unchanged).Withheld)
	})
}

func TestACancelledHoldNeitherAppliesNorDropsThePlan(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.act = func(env *testsuite.TestWorkflowEnvironment) { env.CancelWorkflow() }
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	workflows.Register(env)
	workflows.RegisterActivities(env, o.do)
	o.watch(env)
	env.ExecuteWorkflow(workflows.SyncName, *o.next)
	o.next, o.act = nil, nil
	require.ErrorContains(t, env.GetWorkflowError(), "canceled")
	runs, err := o.kept.Runs(t.Context(), acme, 1)
	require.NoError(t, err)
	require.Equal(t, "canceled", runs[0].Result.Error.Kind)
	require.Nil(t, runs[0].Result.Held)
	require.Equal(t, held.Held, o.sync(run.Held).Held, "the next sync plans it again")
}

func TestOtherRemovalsThanThoseApprovedAreHeldAsAnotherPlan(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.rules.Limits.Removals = 2
	o.approve(held)
	o.source.users = people(10)
	result := o.sync(run.Held)
	require.Equal(t, 15, result.Changes.Departed)
	require.Equal(t, 5, result.Held.Removals)
	require.NotEqual(t, held.Held.Plan, result.Held.Plan)
	require.Equal(t, map[string]int{roster.Active: 15, roster.Departed: 15}, o.statuses())
}

func approvedDoNotCount(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.approve(held)
	require.Equal(t, 15, o.sync(run.Applied).Changes.Departed)
	o.source.users = people(5)
	require.Equal(t, 10, o.sync(run.Applied).Changes.Departed, "ten are within the limit")
	o.source.users = people(4)
	require.Equal(t, 1, o.sync(run.Held).Held.Removals, "and one more is not: those ten count")
}

func droppedStaysWithheld(t *testing.T) {
	t.Parallel()
	for outcome, drop := range map[run.Outcome]func(*harness, run.Result) run.Result{
		run.Rejected: (*harness).reject,
		run.Expired:  func(o *harness, _ run.Result) run.Result { return o.expire() },
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			o, held := fifteen(t)
			ended := drop(o, held)
			require.Equal(t, held.Held, ended.Held, "the result says what was dropped")
			require.Equal(t, map[string]int{roster.Active: 30}, o.statuses())
			var kept []ledger.Withheld
			for w, err := range o.kept.Withheld(t.Context(), acme) {
				require.NoError(t, err)
				require.Equal(t, outcome, w.Outcome)
				require.Equal(t, held.Held.Plan, w.Plan)
				kept = append(kept, w)
			}
			require.Len(t, kept, 15)

			o.source.users = append(people(15), worker(40))
			next := o.sync(run.Applied)
			require.Equal(t, 15, next.Withheld)
			require.Equal(t, run.ChangeCounts{Added: 1}, next.Changes)
			require.Nil(t, next.Held)
			require.Equal(t, 15, o.sync(run.Unchanged).Withheld, "sync after sync")
		})
	}
}

func withheldUntilPresent(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.reject(held)
	o.source.users = append(people(15), worker(20))
	require.Equal(t, 14, o.sync(run.Unchanged).Withheld)
	o.source.users = people(15)
	result := o.sync(run.Applied)
	require.Equal(t, 1, result.Changes.Departed, "present again, and gone again: within the limit")
	require.Equal(t, 14, result.Withheld)
	require.Equal(t, roster.Departed, o.members()[email(20)].Values[roster.Status])
}

func withheldUntilResync(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.reject(held)
	o.origin = run.Manual
	again := o.sync(run.Held)
	require.Equal(t, held.Held, again.Held)
	require.Zero(t, again.Withheld)
}

func groupsHaveTheirOwnLimit(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*harness, run.Result) {
		t.Helper()
		o := open(t)
		o.source.users, o.source.groups = people(20), namedGroups("Sales", "Ops", "East", "West")
		all := each(o.source.users, func(row person) { row["Groups"] = []string{"Sales", "Ops", "East", "West"} })
		o.source.users = all
		o.sync(run.Applied)
		o.origin = run.Scheduled
		for i := range 12 {
			o.source.users = with(o.source.users, i, "Groups", []string{"Ops", "East", "West"})
		}
		o.source.users = with(o.source.users, 19, "Groups", []string{"Sales", "East", "West"}) // one leaves Ops: within its limit
		held := o.sync(run.Held)
		require.Equal(t, 12, held.Held.Removals)
		require.Equal(t, 1, held.Changes.MembershipsRemoved)
		return o, held
	}
	t.Run("approve", func(t *testing.T) {
		t.Parallel()
		o, held := begin(t)
		o.approve(held)
		require.Equal(t, run.ChangeCounts{MembershipsRemoved: 12}, o.sync(run.Applied).Changes)
		o.sync(run.Unchanged)
	})
	t.Run("reject", func(t *testing.T) {
		t.Parallel()
		o, held := begin(t)
		o.reject(held)
		result := o.sync(run.Unchanged)
		require.Equal(t, 12, result.Withheld)
		require.Nil(t, result.Held)
	})
}

func TestAGroupWithHeldMembersIsNotRemovedBeforeThem(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(30), namedGroups("Sales")
	o.source.users = with(o.source.users, 29, "Groups", []string{"Sales"})
	o.sync(run.Applied)
	o.origin = run.Scheduled
	o.source.users, o.source.groups = people(15), namedGroups("Ops")
	held := o.sync(run.Held)
	require.Zero(t, held.Changes.GroupsRemoved)
	require.Equal(t, 16, held.Held.Removals)
	o.approve(held)
	result := o.sync(run.Applied)
	require.Equal(t, 1, result.Changes.GroupsRemoved)
	require.Equal(t, 15, result.Changes.Departed)
	o.sync(run.Unchanged)
}

func TestAHeldSyncThatPlansAgainAppliesAdditions(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	since := o.next.Hold.Since
	o.source.users = append(people(15), worker(40))
	again := o.sync(run.Held)
	require.Equal(t, run.ChangeCounts{Added: 1}, again.Changes)
	require.Equal(t, held.Held, again.Held)
	require.Equal(t, since, o.next.Hold.Since, "the same removals keep plan id and clock")
	o.source.users = append(people(15), worker(40), worker(22))
	require.NotEqual(t, held.Held.Plan, o.sync(run.Held).Held.Plan, "other removals are another plan")
}

func TestAPlanPastItsRetentionIsHeldAgain(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.approve(held)
	o.edit("DELETE FROM chunks")
	result := o.sync(run.Held)
	require.Equal(t, held.Held, result.Held)
	require.Zero(t, result.Approved.Removals)
}

func TestANewGroupWith80PercentOfTheMembersIsARename(t *testing.T) {
	t.Parallel()
	id := func(o *harness, name string) string {
		groups, err := o.kept.Groups(t.Context(), acme)
		require.NoError(t, err)
		for _, group := range groups {
			if group.Name == name {
				return group.ID.String()
			}
		}
		return ""
	}
	for _, from := range []roster.Source{workday.Source(), workos.Source()} {
		t.Run(from.Name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.from = from
			fill := func(key, name string, members int) {
				o.source.users = each(people(20), func(row person) { row["idp_id"] = row["Employee_ID"] })
				o.source.groups = []directory.Group{{Row: 1, Key: key, Name: name}}
				o.source.memberships = nil
				for i := range members {
					if !from.ListsMembers() {
						o.source.groups[0].Key = ""
						o.source.users = with(o.source.users, i, "Groups", []string{name})
						continue
					}
					o.source.memberships = append(o.source.memberships,
						directory.Membership{Group: key, User: worker(i)["Employee_ID"].(string), Email: email(i)})
				}
			}
			fill("g1", "Sales", 15)
			o.sync(run.Applied)
			before := id(o, "Sales")
			fill("g2", "Revenue", 12)
			result := o.sync(run.Applied)
			require.Equal(t, run.ChangeCounts{GroupsUpdated: 1, MembershipsRemoved: 3}, result.Changes)
			require.Equal(t, before, id(o, "Revenue"))
			require.Contains(t, o.codes(result), roster.CodeGroupRenamed)
			o.sync(run.Unchanged)

			fill("g3", "Elsewhere", 9) // 75 % of twelve
			o.origin = run.Scheduled
			held := o.sync(run.Held)
			require.Equal(t, 1, held.Changes.GroupsAdded)
			require.NotContains(t, o.codes(held), roster.CodeGroupRenamed)
			require.Equal(t, before, id(o, "Revenue"), "the whole of a group of 12 is beyond its limit")
		})
	}
}
