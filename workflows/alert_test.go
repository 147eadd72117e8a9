package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

var told = activities.Announcement{
	Alert: uuid.MustParse("9643fdc8-facd-5483-9772-9d6f61ada6fa"), Tenant: "acme",
	Condition: health.Failed,
}

func (h *env) take(names ...string) {
	h.OnActivity(h.do.Take, mock.Anything, activities.TakeInput{
		Tenant: "acme",
		Alert:  told.Alert,
	}).Return(activities.TakeResult{Hooks: names}, nil).Once()
}

func to(name string) activities.TellInput {
	return activities.TellInput{Tenant: "acme", Alert: told.Alert, Hook: name}
}

func passing() error {
	return temporal.NewApplicationErrorWithOptions("it answers with status 503", "hook_failed",
		temporal.ApplicationErrorOptions{Details: []any{""}})
}

func TestAnAlertGoesToAllItsHooks(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.take("slack", "pager")
	h.OnActivity(h.do.Tell, mock.Anything, to("slack")).Return(activities.TellResult{}, passing()).Times(3)
	h.OnActivity(h.do.Tell, mock.Anything, to("slack")).Return(activities.TellResult{}, nil).Once()
	h.OnActivity(h.do.Tell, mock.Anything, to("pager")).Return(activities.TellResult{}, nil).Once()
	h.ExecuteWorkflow(workflows.AlertName, told)
	require.NoError(t, h.GetWorkflowError())
	var result workflows.AlertResult
	require.NoError(t, h.GetWorkflowResult(&result))
	require.Equal(t, 2, result.Delivered)
	h.AssertExpectations(t)
}

func TestARefusingHookDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.take("slack", "pager")
	h.OnActivity(h.do.Tell, mock.Anything, to("slack")).Return(activities.TellResult{},
		refused("hook_refused", "it answers that it is gone", "put it right")).Once()
	h.OnActivity(h.do.Tell, mock.Anything, to("pager")).Return(activities.TellResult{}, nil).Once()
	h.ExecuteWorkflow(workflows.AlertName, told)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, h.GetWorkflowError(), &failure)
	require.Equal(t, "hook_refused", failure.Type())
	h.AssertExpectations(t)
}

func TestAnAlertIsRetried(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.take("slack")
	var tries []time.Time
	h.OnActivity(h.do.Tell, mock.Anything, mock.Anything).Return(func(ctx context.Context,
		_ activities.TellInput,
	) (activities.TellResult, error) {
		require.Equal(t, 24*time.Hour, activity.GetInfo(ctx).ScheduleToCloseTimeout)
		tries = append(tries, h.Now())
		return activities.TellResult{}, passing()
	})
	h.ExecuteWorkflow(workflows.AlertName, told)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, h.GetWorkflowError(), &failure)
	require.Equal(t, "hook_failed", failure.Type())
	require.Len(t, tries, 10, "the most that the test's environment tries")
	require.Equal(t, 5*time.Second, tries[1].Sub(tries[0]))
	require.Equal(t, 15*time.Minute, tries[9].Sub(tries[8]))
}

func TestAnAlertWithoutHooksEndsAtOnce(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.take()
	h.ExecuteWorkflow(workflows.AlertName, told)
	require.NoError(t, h.GetWorkflowError())
	h.AssertExpectations(t)
}

func TestASyncStartsItsAlertsAndDoesNotWait(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.valid.Unchanged = true
	h.validate()
	h.result.Outcome = run.Unchanged
	recorded := h.result
	recorded.Finished = finished
	h.OnActivity(h.do.Finish, mock.Anything, activities.FinishInput{
		Round: h.round, Result: h.result, Read: h.read,
		SameAs: h.valid.Same,
	}).
		Return(activities.FinishResult{Result: recorded, Alerts: []activities.Announcement{told}}, nil).Once()
	tries, ended := 0, false
	h.starting(func(activity string) {
		if activity == workflows.TellName {
			tries++
			ended = h.IsWorkflowCompleted()
		}
	})
	h.take("slack")
	h.OnActivity(h.do.Tell, mock.Anything, to("slack")).Return(activities.TellResult{}, passing()).Times(5)
	h.OnActivity(h.do.Tell, mock.Anything, to("slack")).Return(activities.TellResult{}, nil).Once()
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, recorded, h.ended())
	require.Equal(t, 6, tries)
	require.True(t, ended, "before the alert was told")
}

func TestAHoldSendsAReminderAndItsEnd(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.plan.Additions = activities.Part{}
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}, Limit: 3}
	h.runGuard()
	h.result.Outcome, h.result.Held = run.Held, h.guard.Held
	h.finish(h.result)
	var until time.Time
	h.OnActivity(h.do.Remind, mock.Anything, mock.Anything).Return(func(_ context.Context,
		in activities.RemindInput,
	) (activities.RemindResult, error) {
		until = in.Until
		require.Equal(t, activities.RemindInput{
			Tenant: "acme", Run: runID, Plan: "bb", Removals: 5, Since: in.Since,
			Until: in.Until,
		}, in)
		require.WithinDuration(t, started.Add(36*time.Hour), h.Now(), time.Minute)
		return activities.RemindResult{Alerts: []activities.Announcement{told}}, nil
	}).Once()
	expired := told
	expired.Alert = uuid.MustParse("01a20928-b9b0-74e5-8a9c-4baad448e3cd")
	h.OnActivity(h.do.Conclude, mock.Anything, mock.Anything).
		Return(activities.ConcludeResult{
			Result: run.Result{Tenant: "acme", Outcome: run.Expired},
			Alerts: []activities.Announcement{expired},
		}, nil).Once()
	h.OnWorkflow(workflows.AlertName, mock.Anything, told).Return(workflows.AlertResult{}, nil).Once()
	h.OnWorkflow(workflows.AlertName, mock.Anything, expired).Return(workflows.AlertResult{}, nil).Once()
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Expired, h.ended().Outcome)
	require.WithinDuration(t, started.Add(72*time.Hour), until, time.Minute)
}

func TestAHoldContinuesWhenItsReminderFails(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.plan.Additions = activities.Part{}
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}, Limit: 3}
	h.runGuard()
	h.result.Outcome, h.result.Held = run.Held, h.guard.Held
	h.finish(h.result)
	h.OnActivity(h.do.Remind, mock.Anything, mock.Anything).Return(activities.RemindResult{}, passing())
	h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Expired, h.ended().Outcome)
}

func TestWatchStartsAlertsForWhatItFinds(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	other := activities.Announcement{
		Alert: uuid.MustParse("01a20928-b9b0-74e5-8a9c-4baad448e3cd"), Tenant: "globex",
		Condition: health.Overdue,
	}
	seen := activities.WatchResult{Tenants: 7, Overdue: 1, Alerts: []activities.Announcement{told, other}}
	h.OnActivity(h.do.Watch, mock.Anything, mock.Anything).Return(seen, nil).Once()
	h.OnWorkflow(workflows.AlertName, mock.Anything, told).Return(workflows.AlertResult{}, nil).Once()
	h.OnWorkflow(workflows.AlertName, mock.Anything, other).Return(workflows.AlertResult{}, nil).Once()
	h.ExecuteWorkflow(workflows.WatchName)
	require.NoError(t, h.GetWorkflowError())
	var result activities.WatchResult
	require.NoError(t, h.GetWorkflowResult(&result))
	require.Equal(t, seen, result)
	h.AssertExpectations(t)
}
