package workflows_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

const holdTime = 72 * time.Hour

// conclude expects the hold to end with that outcome.
func (h *env) conclude(in activities.ConcludeInput) *testsuite.MockCallWrapper {
	in.Tenant = "acme"
	if in.Run == uuid.Nil {
		in.Run = runID
	}
	result := h.result
	result.Outcome, result.Error, result.Finished = in.Outcome, in.Error, finished
	return h.OnActivity(h.do.Conclude, mock.Anything, in).Return(activities.ConcludeResult{Result: result}, nil).Once()
}

// holds expects a round that holds its five removals.
func (h *env) holds(in workflows.Input) {
	h.begin(in, false)
	h.fetch()
	h.validate()
	h.plan.Additions, h.plan.HeldWhole = activities.Part{}, "bb"
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}, Limit: 3}
	h.runGuard()
	h.result.Outcome, h.result.Held = run.Held, h.guard.Held
	h.finish(h.result)
}

// after does something once the hold has lasted so long.
func (h *env) after(d time.Duration, do func()) { h.RegisterDelayedCallback(do, d) }

// answer is what a decision came to.
type answer struct {
	plan run.HeldPlan
	err  error
}

// decide sends a decision, and keeps the answer.
func (h *env) decide(update string, d workflows.Decision) *answer {
	var got answer
	h.UpdateWorkflow(update, "u-"+update+d.Plan+d.Request, &testsuite.TestUpdateCallback{
		OnReject: func(err error) { got.err = err },
		OnAccept: func() {},
		OnComplete: func(value any, err error) {
			if got.err = err; err == nil {
				got.plan = value.(run.HeldPlan)
			}
		},
	}, d)
	return &got
}

// carried is the held plan as another round gets it.
func carried() *workflows.Hold {
	return &workflows.Hold{
		Plan: "bb", Removals: 5, Run: uuid.MustParse("01a20928-0000-74e5-8a9c-4baad448e3cd"),
		Since: started.Add(-time.Hour), Until: started.Add(holdTime - time.Hour),
	}
}

func replanned() workflows.Input {
	return workflows.Input{Tenant: "acme", Origin: run.Scheduled, Hold: carried()}
}

func TestAHeldSyncWaitsForAPersonAndSaysSo(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
	h.after(time.Hour, func() {
		status := h.status()
		require.Equal(t, workflows.Holding, status.Step)
		require.Equal(t, run.Held, status.Result.Outcome)
		require.False(t, status.Waiting)
		require.Equal(t, "bb", status.Hold.Plan)
		require.Equal(t, runID, status.Hold.Run)
		require.WithinDuration(t, started.Add(holdTime), status.Hold.Until, time.Minute)
		require.False(t, status.Hold.Reminded)
	})
	h.after(37*time.Hour, func() { require.True(t, h.status().Hold.Reminded, "half-way") })
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Expired, h.ended().Outcome, "nothing for 72 hours drops them")
	require.Nil(t, h.status().Hold)
	require.WithinDuration(t, started.Add(holdTime), h.Now(), time.Minute)
}

func TestTheHoldTimeIsTheTenants(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.round.Hold = 2 * time.Hour
	h.holds(manual)
	h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
	h.after(65*time.Minute, func() { require.True(t, h.status().Hold.Reminded) })
	h.ExecuteWorkflow(workflows.SyncName, manual)
	h.ended()
	require.WithinDuration(t, started.Add(2*time.Hour), h.Now(), time.Minute)
}

func TestApproveIsAnsweredAtOnceAndAFreshReadFollows(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	var got *answer
	h.after(time.Hour, func() {
		got = h.decide(workflows.ApproveUpdate, workflows.Decision{
			Plan:    "bb",
			Request: "a1",
		})
	})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	in := h.nextInput()
	require.NoError(t, got.err)
	require.Equal(t, run.HeldPlan{Plan: "bb", Removals: 5}, got.plan)
	require.Equal(t, "a1", in.Request)
	require.Equal(t, run.Manual, in.Origin)
	require.True(t, in.Hold.Approved)
	require.Equal(t, runID, in.Hold.Run)
	require.Equal(t, "bb", in.Hold.Plan)
}

func TestApproveAppliesNothingButWhatWasShown(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "a1", Hold: carried()}
	in.Hold.Approved, in.Hold.Request = true, "a1"
	h.round.Approved = &run.Approved{Plan: "bb", Run: in.Hold.Run}
	h.begin(in, false)
	h.fetch()
	h.validate()
	h.plan = activities.Plan{
		Released: activities.Part{Batches: 1, Changes: 4, Counts: run.ChangeCounts{Departed: 4}, ID: "cc"},
		Removals: activities.Part{Batches: 1, Changes: 7, Counts: run.ChangeCounts{Departed: 7}, ID: "dd"},
		Leaving:  7, Approved: 4, LeftOut: 1, HeldWhole: "dd",
	}
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "dd", Removals: 7}, Limit: 3}
	h.runGuard()
	h.apply(activities.ApplyInput{Part: plan.PartReleased, To: 1, Changes: 4, Batches: 1},
		run.ChangeCounts{Departed: 4})
	h.result.Outcome, h.result.Held, h.result.Changes = run.Held, h.guard.Held, run.ChangeCounts{Departed: 4}
	h.result.Approved = &run.ApprovedPlan{Plan: "bb", Removals: 4, LeftOut: 1}
	h.finish(h.result)
	h.conclude(activities.ConcludeInput{Plan: "dd", Outcome: run.Expired})
	var old *answer
	h.after(time.Hour, func() {
		status := h.status()
		require.Equal(t, "dd", status.Hold.Plan, "other removals are another plan")
		require.WithinDuration(t, started.Add(holdTime), status.Hold.Until, time.Minute, "with a clock of its own")
		require.False(t, status.Hold.Approved)
		old = h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "bb", Request: "a2"})
	})
	h.ExecuteWorkflow(workflows.SyncName, in)
	require.Equal(t, 1, h.ended().Approved.LeftOut)
	require.ErrorContains(t, old.err, "is not held; the held plan is dd", "which no old approval releases")
}

func TestRejectDropsThePlan(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Rejected, Request: "x1"})
	var got *answer
	h.after(time.Hour, func() { got = h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "bb", Request: "x1"}) })
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Rejected, h.ended().Outcome)
	require.NoError(t, got.err)
	require.WithinDuration(t, started.Add(time.Hour), h.Now(), time.Minute)
}

func TestOnlyAHeldPlanIsDecidedAboutAndOnlyByItsID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		decision workflows.Decision
		want     string
	}{
		"another plan": {workflows.Decision{Plan: "zz", Request: "a1"}, `plan "zz" is not held; the held plan is bb`},
		"no plan":      {workflows.Decision{Request: "a1"}, "is not held"},
		"a kind that it doesn't hold": {
			workflows.Decision{Plan: "bb", Request: "a1", Only: run.Additions}, "plan bb holds no additions",
		},
		"nobody": {workflows.Decision{Plan: "bb"}, "names no request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEnv(t)
			h.holds(manual)
			h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
			var got []*answer
			h.after(time.Hour, func() {
				got = append(got, h.decide(workflows.ApproveUpdate, c.decision), h.decide(workflows.RejectUpdate,
					c.decision))
			})
			h.ExecuteWorkflow(workflows.SyncName, manual)
			require.Equal(t, run.Expired, h.ended().Outcome)
			for _, answer := range got {
				require.ErrorContains(t, answer.err, c.want)
			}
		})
	}
	t.Run("nothing is held", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		var got *answer
		h.begin(manual, false).After(time.Hour)
		h.after(time.Minute, func() {
			got = h.decide(workflows.ApproveUpdate, workflows.Decision{
				Plan:    "bb",
				Request: "a1",
			})
		})
		h.fetch()
		h.valid.Unchanged = true
		h.validate()
		h.result.Outcome = run.Unchanged
		h.finish(h.result)
		h.ExecuteWorkflow(workflows.SyncName, manual)
		h.ended()
		require.ErrorContains(t, got.err, "no plan is held")
	})
}

func TestATickPlansAHeldSyncAgainAndTheSameRemovalsKeepPlanAndClock(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.after(15*time.Minute, func() {
		h.SignalWorkflow(workflows.ResyncSignal,
			workflows.Resync{Origin: run.Scheduled})
	})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	in := h.nextInput()
	require.Equal(t, run.Scheduled, in.Origin)
	require.Equal(t, "bb", in.Hold.Plan)
	require.WithinDuration(t, started, in.Hold.Since, time.Minute)

	second := newEnv(t)
	in.Hold.Since, in.Hold.Reminded = started.Add(-40*time.Hour), true
	second.holds(in)
	second.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
	second.after(time.Minute, func() {
		require.Equal(t, started.Add(-40*time.Hour), second.status().Hold.Since)
		require.True(t, second.status().Hold.Reminded)
	})
	second.ExecuteWorkflow(workflows.SyncName, in)
	require.Equal(t, run.Expired, second.ended().Outcome)
	require.WithinDuration(t, started.Add(32*time.Hour), second.Now(), time.Minute)
}

func TestOtherRemovalsAreAnotherPlanWithAClockOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := replanned()
	in.Hold.Plan, in.Hold.Reminded = "aa", true
	h.holds(in)
	h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
	h.after(time.Minute, func() { require.False(t, h.status().Hold.Reminded) })
	h.ExecuteWorkflow(workflows.SyncName, in)
	h.ended()
	require.WithinDuration(t, started.Add(holdTime), h.Now(), time.Minute)
}

func TestAPlanWithoutHeldRemovalsEndsTheHold(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(replanned(), false)
	h.fetch()
	h.validate()
	h.plan = activities.Plan{}
	h.diff()
	h.runGuard()
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, replanned())
	require.Equal(t, run.Unchanged, h.ended().Outcome)
	require.Nil(t, h.status().Hold)
}

func TestAResyncReplacesAHeldPlanAtOnce(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.after(time.Hour, func() {
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"})
	})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, h.nextInput())
	require.WithinDuration(t, started.Add(time.Hour), h.Now(), time.Minute)
}

func TestAResyncDuringTheRoundReplacesItsPlan(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.after(0, func() { h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"}) })
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, h.nextInput())
}

func TestAResyncDuringAnApprovalHasItsRoundAfterwards(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.after(time.Hour, func() {
		h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "bb", Request: "a1"})
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"})
	})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	in := h.nextInput()
	if in.Hold == nil {
		t.Fatal("the approval that was answered is lost")
	}
	if in.Next == nil {
		return // it had not arrived when the round was continued: the server delivers it to the next
	}
	require.Equal(t, "r2", in.Next.Request)
	second := newEnv(t)
	second.round.Approved = &run.Approved{Plan: "bb", Run: in.Hold.Run}
	second.untilUnchanged(in)
	second.ExecuteWorkflow(workflows.SyncName, in)
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, second.nextInput())
}

func TestAFailedRoundKeepsTheHeldPlan(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(replanned(), false)
	h.shared = true
	h.OnActivity(h.do.FetchUsers, mock.Anything, mock.Anything).Return(activities.FetchUsersResult{},
		refused("not_found", "no report", "look")).Once()
	h.OnActivity(h.do.FetchGroups, mock.Anything, mock.Anything).Return(activities.FetchGroupsResult{}, nil).Maybe()
	var recorded run.Result
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(func(_ context.Context,
		in activities.FinishInput,
	) (activities.FinishResult, error) {
		recorded = in.Result
		return activities.FinishResult{Result: in.Result}, nil
	}).Once()
	h.conclude(activities.ConcludeInput{
		Plan: "bb", Run: carried().Run, Latest: runID, Outcome: run.Rejected,
		Request: "x1",
	})
	h.after(time.Hour, func() {
		status := h.status()
		require.Equal(t, workflows.Holding, status.Step)
		require.Equal(t, carried().Since, status.Hold.Since)
		require.Equal(t, "not_found", status.Result.Error.Kind)
		h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "bb", Request: "x1"})
	})
	h.ExecuteWorkflow(workflows.SyncName, replanned())
	require.Equal(t, run.Rejected, h.ended().Outcome)
	require.Equal(t, run.Failed, recorded.Outcome)
	require.Equal(t, &run.HeldPlan{Plan: "bb", Removals: 5}, recorded.Held)
}

func TestAnApprovalOutlivesAReadThatFails(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := replanned()
	in.Hold.Approved, in.Hold.Request = true, "a1"
	h.OnActivity(h.do.Begin, mock.Anything, mock.Anything).Return(activities.BeginResult{},
		refused("store", "gone", "wait")).Once()
	h.after(time.Hour, func() { h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Scheduled}) })
	h.ExecuteWorkflow(workflows.SyncName, in)
	next := h.nextInput()
	require.True(t, next.Hold.Approved)
	require.Equal(t, "a1", next.Request)
}

func TestADecisionIsAcceptedWhileThePlanIsMadeAgain(t *testing.T) {
	t.Parallel()
	whileValidating := func(h *env, in workflows.Input, update string) {
		h.begin(in, false)
		h.fetch()
		h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).After(time.Minute).Return(h.valid, nil).Once()
		h.after(30*time.Second, func() {
			require.Equal(t, "bb", h.status().Hold.Plan)
			h.decide(update, workflows.Decision{Plan: "bb", Request: "d1"})
		})
		h.plan = activities.Plan{
			Removals: activities.Part{Batches: 1, Changes: 4, Counts: run.ChangeCounts{Departed: 4}, ID: "ee"},
			Leaving:  4, HeldWhole: "ee",
		}
		h.diff()
	}
	t.Run("approved, and other removals are held by now", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		whileValidating(h, replanned(), workflows.ApproveUpdate)
		h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "ee", Removals: 4}, Limit: 3}
		h.runGuard()
		h.result.Outcome, h.result.Held = run.Held, h.guard.Held
		h.finish(h.result)
		h.ExecuteWorkflow(workflows.SyncName, replanned())
		in := h.nextInput()
		require.Equal(t, "bb", in.Hold.Plan)
		require.Equal(t, carried().Run, in.Hold.Run, "as it was shown")
		require.True(t, in.Hold.Approved)
	})
	t.Run("rejected, though what is left is within the limit by now", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		whileValidating(h, replanned(), workflows.RejectUpdate)
		h.guard = activities.GuardResult{Release: true, Limit: 25}
		h.runGuard()
		h.result.Outcome, h.result.Held = run.Held, &run.HeldPlan{Plan: "bb", Removals: 5}
		h.finish(h.result)
		h.conclude(activities.ConcludeInput{
			Plan: "bb", Run: carried().Run, Latest: runID, Outcome: run.Rejected,
			Request: "d1",
		})
		h.ExecuteWorkflow(workflows.SyncName, replanned())
		require.Equal(t, run.Rejected, h.ended().Outcome, "none of them is applied")
	})
	t.Run("rejected, and other removals are held by now", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		whileValidating(h, replanned(), workflows.RejectUpdate)
		h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "ee", Removals: 4}, Limit: 3}
		h.runGuard()
		h.result.Outcome, h.result.Held = run.Held, h.guard.Held
		h.finish(h.result)
		h.conclude(activities.ConcludeInput{
			Plan: "bb", Run: carried().Run, Latest: runID, Outcome: run.Rejected,
			Request: "d1",
		})
		h.ExecuteWorkflow(workflows.SyncName, replanned())
		in := h.nextInput()
		require.Equal(t, "ee", in.Hold.Plan, "held on until it is planned without what was rejected")
		require.Equal(t, run.Scheduled, in.Origin)
	})
	t.Run("rejected too late: what is left is being applied", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		h.begin(replanned(), false)
		h.fetch()
		h.validate()
		h.plan.Additions = activities.Part{}
		h.diff()
		h.runGuard()
		h.OnActivity(h.do.Apply, mock.Anything, mock.Anything).After(time.Minute).Return(activities.ApplyResult{Counts: run.ChangeCounts{Departed: 5}}, nil).Once()
		var got *answer
		h.after(30*time.Second, func() {
			got = h.decide(workflows.RejectUpdate, workflows.Decision{
				Plan:    "bb",
				Request: "d1",
			})
		})
		h.result.Outcome, h.result.Changes = run.Applied, run.ChangeCounts{Departed: 5}
		h.finish(h.result)
		h.ExecuteWorkflow(workflows.SyncName, replanned())
		h.ended()
		require.ErrorContains(t, got.err, "is not held any more")
	})
}

func TestCancellingAHeldSyncRecordsItAndDropsNothing(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	canceled := &run.ResultError{}
	h.OnActivity(h.do.Conclude, mock.Anything, mock.Anything).Return(func(_ context.Context,
		in activities.ConcludeInput,
	) (activities.ConcludeResult, error) {
		require.Equal(t, run.Failed, in.Outcome)
		canceled = in.Error
		return activities.ConcludeResult{Result: run.Result{Outcome: run.Failed}}, nil
	}).Once()
	h.after(time.Hour, h.CancelWorkflow)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.True(t, h.IsWorkflowCompleted())
	var err *temporal.CanceledError
	require.ErrorAs(t, h.GetWorkflowError(), &err)
	require.Equal(t, "canceled", canceled.Kind)
	h.AssertExpectations(t)
}

// A tick every 15 minutes for 72 hours: every round is an execution of its own, with plan and clock carried along.
func TestAHoldOfThreeDaysWithATickEveryQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	in, now, rounds := manual, started, 0
	for {
		h := newEnv(t)
		h.SetStartTime(now)
		h.holds(in)
		h.OnActivity(h.do.Conclude, mock.Anything,
			mock.Anything).Return(activities.ConcludeResult{Result: run.Result{Outcome: run.Expired}}, nil).Maybe()
		h.after(15*time.Minute, func() {
			h.SignalWorkflow(workflows.ResyncSignal,
				workflows.Resync{Origin: run.Scheduled})
		})
		h.ExecuteWorkflow(workflows.SyncName, in)
		rounds++
		now = h.Now()
		if h.GetWorkflowError() == nil {
			break
		}
		in = h.nextInput()
		require.WithinDuration(t, started, in.Hold.Since, time.Minute)
		require.Less(t, rounds, 300)
	}
	require.WithinDuration(t, started.Add(holdTime), now, 15*time.Minute, fmt.Sprint(rounds, " rounds"))
	require.Greater(t, rounds, 280)
}
