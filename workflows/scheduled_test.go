package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

var tick = workflows.Input{Tenant: "acme", Origin: run.Scheduled}

func TestATickSharesTheResultOfItsSync(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.admit(true)
	want := h.result
	want.Outcome, want.Finished = run.Applied, finished
	h.OnWorkflow(workflows.SyncName, mock.Anything, tick).Return(want, nil).Once()
	h.ExecuteWorkflow(workflows.ScheduledSyncName, tick)
	require.Equal(t, want, h.ended())
}

func TestATickRunsTheSyncUnderItsFixedID(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.admit(true)
	h.untilUnchanged(tick)
	var id string
	h.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		id = info.WorkflowExecution.ID
	})
	h.ExecuteWorkflow(workflows.ScheduledSyncName, workflows.Input{Tenant: "acme"})
	h.ended()
	require.Equal(t, "sync-acme", id)
}

func TestATickWhoseSyncFailsFailsWithItsKindAndResult(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.admit(true)
	failed := h.result
	failed.Outcome, failed.Finished = run.Failed, finished
	failed.Error = &run.ResultError{Kind: "column_missing", Detail: "no email", Hint: "map it"}
	h.OnWorkflow(workflows.SyncName, mock.Anything, tick).Return(run.Result{}, temporal.NewApplicationErrorWithOptions(
		"no email", "column_missing", temporal.ApplicationErrorOptions{
			NonRetryable: true,
			Details:      []any{failed},
		})).Once()
	h.ExecuteWorkflow(workflows.ScheduledSyncName, tick)
	failure, result := h.failed()
	require.Equal(t, "column_missing", failure.Type())
	require.Equal(t, failed, result)
}

func TestAQuarantinedTenantSyncsOnceADay(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.admit(false)
	h.ExecuteWorkflow(workflows.ScheduledSyncName, tick)
	result := h.ended()
	require.Equal(t, run.Quarantined, result.Outcome)
	require.Equal(t, "acme", result.Tenant)
	require.NotZero(t, result.Finished)
	h.AssertWorkflowNotCalled(t, workflows.SyncName, mock.Anything, mock.Anything)
}

func TestATickSyncsWhenTheQuarantineIsUnknown(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	away := temporal.NewApplicationError("the store is away", "store_unavailable", "wait")
	h.OnActivity(h.do.Admit, mock.Anything, mock.Anything).Return(activities.AdmitResult{}, away)
	want := h.result
	want.Outcome, want.Finished = run.Applied, finished
	h.OnWorkflow(workflows.SyncName, mock.Anything, tick).Return(want, nil).Once()
	h.ExecuteWorkflow(workflows.ScheduledSyncName, tick)
	require.Equal(t, want, h.ended())
}

// beside runs a tick while a Sync is open.
func beside(ctx workflow.Context) (result run.Result, err error) {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: workflows.SyncID("acme")})
	sync := workflow.ExecuteChildWorkflow(ctx, workflows.SyncName, manual)
	if err := sync.GetChildWorkflowExecution().Get(ctx, nil); err != nil {
		return result, err
	}
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: "tick"})
	err = workflow.ExecuteChildWorkflow(ctx, workflows.ScheduledSyncName, tick).Get(ctx, &result)
	return result, err
}

func TestATickJoinsAnOpenSync(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.admit(true)
	h.RegisterWorkflow(beside)
	h.OnActivity(h.do.Begin, mock.Anything, mock.Anything).After(time.Hour).Return(activities.BeginResult{},
		nil).Maybe()
	h.ExecuteWorkflow(beside)
	result := h.ended()
	require.Equal(t, run.Joined, result.Outcome)
	require.Equal(t, "acme", result.Tenant)
	require.WithinDuration(t, started, result.Finished, time.Minute)
}
