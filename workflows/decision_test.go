package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// slow is how long the store takes to record something in these tests.
const slow = 10 * time.Minute

// holdings are the two workflows that hold a plan, and what each holds.
func holdings() map[string]func(*env) (name string, in workflows.Input, plan string) {
	return map[string]func(*env) (string, workflows.Input, string){
		"a sync": func(h *env) (string, workflows.Input, string) {
			h.holds(manual)
			return workflows.SyncName, manual, "bb"
		},
		"an undo": func(h *env) (string, workflows.Input, string) {
			h.holdsUndo()
			return workflows.UndoName, undoing(), "uu"
		},
	}
}

// concludes expects the hold of a plan to end, which takes a while.
func (h *env) concludes(in activities.ConcludeInput) *env {
	in.Undoes = h.round.Undoes
	h.conclude(in).After(slow)
	return h
}

func (h *env) resync(request string) {
	h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: request})
}

func (h *env) tick() {
	h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Scheduled})
}

func TestADecisionIsRefusedWhileTheEndOfItsHoldIsRecorded(t *testing.T) {
	t.Parallel()
	const within = slow / 2
	for name, holding := range holdings() {
		for how, c := range map[string]struct {
			end  func(h *env, plan string)
			from time.Duration // when the end begins to be recorded
			want string
		}{
			"it expired": {func(h *env, plan string) {
				h.concludes(activities.ConcludeInput{Plan: plan, Outcome: run.Expired})
			}, holdTime, "has expired"},
			"it was rejected": {func(h *env, plan string) {
				h.concludes(activities.ConcludeInput{Plan: plan, Outcome: run.Rejected, Request: "x1"})
				h.after(time.Hour, func() {
					h.decide(workflows.RejectUpdate, workflows.Decision{
						Plan:    plan,
						Request: "x1",
					})
				})
			}, time.Hour, "was rejected"},
			"it was cancelled": {func(h *env, _ string) {
				h.OnActivity(h.do.Conclude, mock.Anything, mock.Anything).After(slow).
					Return(activities.ConcludeResult{Result: run.Result{Outcome: run.Failed}}, nil).Once()
				h.after(time.Hour, h.CancelWorkflow)
			}, time.Hour, "was cancelled"},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				h := newEnv(t)
				workflow, in, plan := holding(h)
				c.end(h, plan)
				var got []*answer
				h.after(c.from+within, func() {
					require.Equal(t, workflows.Finishing, h.status().Step)
					require.Nil(t, h.status().Hold)
					for _, update := range []string{workflows.ApproveUpdate, workflows.RejectUpdate} {
						got = append(got, h.decide(update, workflows.Decision{Plan: plan, Request: "late"}))
					}
				})
				h.ExecuteWorkflow(workflow, in)
				require.True(t, h.IsWorkflowCompleted())
				h.AssertExpectations(t)
				require.Len(t, got, 2)
				for _, answer := range got {
					var refused *temporal.ApplicationError
					require.ErrorAs(t, answer.err, &refused)
					require.Equal(t, "not_held", refused.Type())
					require.Contains(t, refused.Message(), c.want)
				}
			})
		}
	}
}

func TestAResyncWhileTheEndOfAHoldIsRecordedHasItsRound(t *testing.T) {
	t.Parallel()
	for name, holding := range holdings() {
		for how, end := range map[string]func(h *env, plan string) (from time.Duration){
			"expired": func(h *env, plan string) time.Duration {
				h.concludes(activities.ConcludeInput{Plan: plan, Outcome: run.Expired})
				return holdTime
			},
			"rejected": func(h *env, plan string) time.Duration {
				h.concludes(activities.ConcludeInput{Plan: plan, Outcome: run.Rejected, Request: "x1"})
				h.after(time.Hour, func() {
					h.decide(workflows.RejectUpdate, workflows.Decision{
						Plan:    plan,
						Request: "x1",
					})
				})
				return time.Hour
			},
			"cancelled": func(h *env, _ string) time.Duration {
				h.OnActivity(h.do.Conclude, mock.Anything, mock.Anything).After(slow).
					Return(activities.ConcludeResult{Result: run.Result{Outcome: run.Failed}}, nil).Once()
				h.after(time.Hour, h.CancelWorkflow)
				return time.Hour
			},
			"not to be recorded": func(h *env, _ string) time.Duration {
				h.OnActivity(h.do.Conclude, mock.Anything, mock.Anything).After(slow).
					Return(activities.ConcludeResult{}, refused("internal", "a fault of ours", "report it")).Once()
				return holdTime
			},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				h := newEnv(t)
				workflow, in, plan := holding(h)
				from := end(h, plan)
				h.after(from+slow/2, func() { h.resync("late") })
				h.ExecuteWorkflow(workflow, in)
				require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "late"}, h.nextInput())
			})
		}
	}
}

func TestATickWhileTheEndOfAHoldIsRecordedHasItsRoundUnlessItIsAnUndo(t *testing.T) {
	t.Parallel()
	for name, holding := range holdings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEnv(t)
			workflow, in, plan := holding(h)
			h.concludes(activities.ConcludeInput{Plan: plan, Outcome: run.Expired})
			h.after(holdTime+slow/2, h.tick)
			h.ExecuteWorkflow(workflow, in)
			if workflow == workflows.UndoName {
				require.Equal(t, run.Expired, h.ended().Outcome)
				return
			}
			require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Scheduled}, h.nextInput())
		})
	}
}

// reminding is a held sync whose reminder is recorded from half of its time on, for ten minutes.
func reminding(t *testing.T, meanwhile func(*env)) *env {
	t.Helper()
	h := newEnv(t)
	h.holds(manual)
	h.OnActivity(h.do.Remind, mock.Anything, mock.Anything).After(slow).Return(activities.RemindResult{}, nil).Once()
	h.after(holdTime/2+slow/2, func() { meanwhile(h) })
	return h
}

func TestRequestsDuringAReminderAreCarriedOut(t *testing.T) {
	t.Parallel()
	t.Run("an approval", func(t *testing.T) {
		t.Parallel()
		h := reminding(t, func(h *env) {
			h.decide(workflows.ApproveUpdate, workflows.Decision{
				Plan:    "bb",
				Request: "a1",
			})
		})
		h.ExecuteWorkflow(workflows.SyncName, manual)
		require.True(t, h.nextInput().Hold.Approved)
		require.WithinDuration(t, started.Add(holdTime/2+slow), h.Now(), time.Minute)
	})
	t.Run("a rejection", func(t *testing.T) {
		t.Parallel()
		h := reminding(t, func(h *env) {
			h.decide(workflows.RejectUpdate, workflows.Decision{
				Plan:    "bb",
				Request: "x1",
			})
		})
		h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Rejected, Request: "x1"})
		h.ExecuteWorkflow(workflows.SyncName, manual)
		require.Equal(t, run.Rejected, h.ended().Outcome)
	})
	t.Run("a resync", func(t *testing.T) {
		t.Parallel()
		h := reminding(t, func(h *env) { h.resync("r2") })
		h.ExecuteWorkflow(workflows.SyncName, manual)
		require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, h.nextInput())
	})
	t.Run("a cancellation, which no approval outlives", func(t *testing.T) {
		t.Parallel()
		h := reminding(t, func(h *env) {
			h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "bb", Request: "a1"})
			h.CancelWorkflow()
		})
		h.OnActivity(h.do.Conclude, mock.Anything, mock.MatchedBy(func(in activities.ConcludeInput) bool {
			return in.Outcome == run.Failed && in.Error.Kind == "canceled"
		})).Return(activities.ConcludeResult{Result: run.Result{Outcome: run.Failed}}, nil).Once()
		h.ExecuteWorkflow(workflows.SyncName, manual)
		var canceled *temporal.CanceledError
		require.ErrorAs(t, h.GetWorkflowError(), &canceled)
		h.AssertExpectations(t)
	})
	t.Run("a cancellation, which a rejection outlives", func(t *testing.T) {
		t.Parallel()
		h := reminding(t, func(h *env) {
			h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "bb", Request: "x1"})
			h.CancelWorkflow()
		})
		h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Rejected, Request: "x1"})
		h.ExecuteWorkflow(workflows.SyncName, manual)
		var canceled *temporal.CanceledError
		require.ErrorAs(t, h.GetWorkflowError(), &canceled)
		h.AssertExpectations(t)
	})
}

// findsNothing expects a round that replans and no longer holds anything. A decision is accepted meanwhile.
func (h *env) findsNothing(in workflows.Input, update string) {
	h.begin(in, false)
	h.fetch()
	h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).After(slow).Return(h.valid, nil).Once()
	h.after(slow/2, func() { h.decide(update, workflows.Decision{Plan: "bb", Request: "d1"}) })
	h.plan = activities.Plan{}
	h.diff()
	h.runGuard()
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
}

func TestADecisionIsCarriedOutWhenTheRoundHoldsNothing(t *testing.T) {
	t.Parallel()
	t.Run("approved", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		h.findsNothing(replanned(), workflows.ApproveUpdate)
		h.ExecuteWorkflow(workflows.SyncName, replanned())
		in := h.nextInput()
		require.True(t, in.Hold.Approved)
		require.Equal(t, carried().Run, in.Hold.Run)
		require.Equal(t, "d1", in.Request)
	})
	t.Run("rejected", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		h.findsNothing(replanned(), workflows.RejectUpdate)
		h.conclude(activities.ConcludeInput{
			Plan: "bb", Run: carried().Run, Latest: runID, Outcome: run.Rejected,
			Request: "d1",
		})
		h.ExecuteWorkflow(workflows.SyncName, replanned())
		require.Equal(t, run.Unchanged, h.ended().Outcome, "the round's own result")
	})
}

func TestARejectionIsRecordedWhenTheRoundIsCancelled(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(replanned(), false)
	h.fetch()
	h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).After(time.Hour).Return(h.valid, nil).Maybe()
	h.after(10*time.Minute, func() { h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "bb", Request: "x1"}) })
	h.after(20*time.Minute, h.CancelWorkflow)
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(activities.FinishResult{}, nil).Once()
	h.conclude(activities.ConcludeInput{
		Plan: "bb", Run: carried().Run, Latest: runID, Outcome: run.Rejected,
		Request: "x1",
	})
	h.ExecuteWorkflow(workflows.SyncName, replanned())
	var canceled *temporal.CanceledError
	require.ErrorAs(t, h.GetWorkflowError(), &canceled)
	h.AssertExpectations(t)
}

func TestARejectionIsRecordedWhenTheSyncIsCancelled(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.concludes(activities.ConcludeInput{Plan: "bb", Outcome: run.Rejected, Request: "x1"})
	h.after(time.Hour, func() { h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "bb", Request: "x1"}) })
	h.after(time.Hour+slow/2, h.CancelWorkflow)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Rejected, h.ended().Outcome)
	require.WithinDuration(t, started.Add(time.Hour+slow), h.Now(), time.Minute, "recorded, not given up")
}

func TestACancelledSyncRunsAgainOnlyForLaterResyncs(t *testing.T) {
	t.Parallel()
	const cancelled = 20 * time.Minute
	for name, c := range map[string]struct {
		arrives func(*env)
		again   bool
	}{
		"before": {func(h *env) {
			h.after(cancelled-time.Minute, func() { h.resync("r2") })
			h.after(cancelled, h.CancelWorkflow)
		}, false},
		"in the same workflow task": {func(h *env) {
			h.after(cancelled, func() {
				h.SignalWorkflowSkippingWorkflowTask(workflows.ResyncSignal, workflows.Resync{
					Origin:  run.Manual,
					Request: "r2",
				})
				h.CancelWorkflow()
			})
		}, true},
		"after": {func(h *env) {
			h.after(cancelled, h.CancelWorkflow)
			h.after(cancelled+time.Minute, func() { h.resync("r2") })
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEnv(t)
			h.begin(manual, false)
			h.fetch()
			h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).After(time.Hour).Return(h.valid, nil).Maybe()
			h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).After(slow).Return(activities.FinishResult{},
				nil).Once()
			c.arrives(h)
			h.ExecuteWorkflow(workflows.SyncName, manual)
			if c.again {
				require.Equal(t, "r2", h.nextInput().Request)
				return
			}
			var canceled *temporal.CanceledError
			require.ErrorAs(t, h.GetWorkflowError(), &canceled)
			h.AssertExpectations(t)
		})
	}
}

func TestADecisionIsAcceptedWhileAnotherPlansRejectionIsRecorded(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(replanned(), false)
	h.fetch()
	h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).After(slow).Return(h.valid, nil).Once()
	h.after(slow/2, func() { h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "bb", Request: "x1"}) })
	h.plan = activities.Plan{Removals: activities.Part{Batches: 1, Changes: 4, ID: "ee"}, Leaving: 4, HeldWhole: "ee"}
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "ee", Removals: 4}, Limit: 3}
	h.runGuard()
	h.result.Outcome, h.result.Held = run.Held, h.guard.Held
	h.finish(h.result)
	h.concludes(activities.ConcludeInput{
		Plan: "bb", Run: carried().Run, Latest: runID, Outcome: run.Rejected,
		Request: "x1",
	})
	var dropped *answer
	h.after(slow+slow/2, func() {
		dropped = h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "bb", Request: "a0"})
		h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "ee", Request: "a1"})
	})
	h.ExecuteWorkflow(workflows.SyncName, replanned())
	require.ErrorContains(t, dropped.err, "is not held; the held plan is ee")
	in := h.nextInput()
	require.Equal(t, []any{"ee", true, "a1"}, []any{in.Hold.Plan, in.Hold.Approved, in.Request})
}

func TestAFailureWhileApplyingRemovalsKeepsThePlanHeld(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(replanned(), false)
	h.fetch()
	h.validate()
	h.plan.Additions = activities.Part{}
	h.diff()
	h.runGuard()
	h.OnActivity(h.do.Apply, mock.Anything, mock.Anything).Return(activities.ApplyResult{},
		refused("superseded", "taken over", "wait")).Once()
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(activities.FinishResult{}, nil).Once()
	h.after(time.Hour, func() {
		require.Equal(t, "bb", h.status().Hold.Plan)
		require.NoError(t, h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "bb", Request: "a1"}).err)
	})
	h.ExecuteWorkflow(workflows.SyncName, replanned())
	require.True(t, h.nextInput().Hold.Approved)
}

// approvedFails expects the round of an approval whose directory can't be read.
func (h *env) approvedFails() workflows.Input {
	in := replanned()
	in.Origin, in.Request = run.Manual, "a1"
	in.Hold.Approved, in.Hold.Request = true, "a1"
	h.OnActivity(h.do.Begin, mock.Anything, mock.Anything).Return(activities.BeginResult{},
		refused("store", "gone", "wait")).Once()
	return in
}

func TestAResyncAppliesAnApprovalWhoseRoundFailed(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := h.approvedFails()
	h.after(time.Hour, func() { h.resync("r2") })
	h.ExecuteWorkflow(workflows.SyncName, in)
	next := h.nextInput()
	require.Equal(t, []any{run.Manual, "r2"}, []any{next.Origin, next.Request})
	require.True(t, next.Hold.Approved)

	second := newEnv(t)
	var began activities.BeginInput
	second.OnActivity(second.do.Begin, mock.Anything, mock.MatchedBy(func(in activities.BeginInput) bool {
		began = in
		return true
	})).Return(activities.BeginResult{}, refused("store", "gone", "wait")).Once()
	second.after(time.Hour, second.CancelWorkflow)
	second.OnActivity(second.do.Conclude, mock.Anything, mock.Anything).Return(activities.ConcludeResult{}, nil).Once()
	second.ExecuteWorkflow(workflows.SyncName, next)
	require.Equal(t, &run.Approved{Plan: "bb", Run: carried().Run}, began.Approved)
	require.True(t, began.IgnoreWithheld, "it is a resync by hand as well")
}

func TestAnApprovalLastsAsLongAsAHoldWithoutAReminder(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holds(manual)
	h.OnActivity(h.do.Remind, mock.Anything, mock.Anything).Return(activities.RemindResult{}, nil).Once()
	h.after(71*time.Hour, func() { h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "bb", Request: "a1"}) })
	h.ExecuteWorkflow(workflows.SyncName, manual)
	in := h.nextInput()
	require.WithinDuration(t, started.Add(71*time.Hour+holdTime), in.Hold.Until, time.Minute)

	second := newEnv(t)
	second.SetStartTime(started.Add(71 * time.Hour))
	in.Hold.Reminded = false
	second.OnActivity(second.do.Begin, mock.Anything, mock.Anything).Return(activities.BeginResult{},
		refused("store", "gone", "wait")).Once()
	second.OnActivity(second.do.Conclude, mock.Anything, mock.MatchedBy(func(in activities.ConcludeInput) bool {
		return in.Outcome == run.Expired
	})).Return(activities.ConcludeResult{Result: run.Result{Outcome: run.Expired}}, nil).Once()
	second.ExecuteWorkflow(workflows.SyncName, in)
	require.Equal(t, run.Expired, second.ended().Outcome)
	require.WithinDuration(t, in.Hold.Until, second.Now(), time.Minute)
}

func TestAnUndoTakesNoDecisionBeforeItHoldsAndWhileItIsApplied(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := approvedUndo()
	h.reverses(in, activities.ReverseResult{Plan: h.plan})
	h.OnActivity(h.do.Apply, mock.Anything, mock.Anything).After(slow).Return(activities.ApplyResult{}, nil)
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(activities.FinishResult{}, nil).Once()
	var got *answer
	h.after(slow/2, func() { got = h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "uu", Request: "x1"}) })
	h.ExecuteWorkflow(workflows.UndoName, in)
	require.NoError(t, h.GetWorkflowError())
	require.ErrorContains(t, got.err, "approved already")
}
