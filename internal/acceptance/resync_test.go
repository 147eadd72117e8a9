package acceptance_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/workflows"
)

// newSlowWorld returns a world with an open sync that takes some seconds.
func newSlowWorld(t *testing.T, tenant string) *world {
	t.Helper()
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 40, Seed: 31})
	w.apply(tenant, "")
	w.start()
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: simulator.Users, Kind: simulator.SlowStart, Delay: 4 * time.Second, Times: 1,
	})
	w.starter(0, "resync", tenant, "--by", "acceptance")
	w.waitForStep(tenant, workflows.Fetching)
	return w
}

func TestResyncsRequestedDuringASyncMakeOneMoreRun(t *testing.T) {
	t.Parallel()
	t.Run("two syncs of one tenant at once", func(t *testing.T) {
		t.Parallel()
		const tenant = "resync-acme"
		w := newSlowWorld(t, tenant)
		w.starter(0, "resync", tenant, "--by", "acceptance")
		require.NoError(
			t,
			w.client().SignalWorkflow(context.Background(), workflows.SyncID(tenant), "", workflows.ResyncSignal, nil),
		)
		require.Contains(t, w.starter(0, "status", tenant), "another round follows")
		last := w.resync(0, tenant)
		require.Equal(t, run.Unchanged, last.Outcome, "--wait returns the last run")
		runs := w.lines("runs", tenant)
		require.Len(t, runs, 2)
		require.Equal(t, last.Run, runs[0]["run"])
		require.Equal(t, "acceptance", runs[0]["by"])
		w.requireSynced(tenant)
	})
}

func TestASignalWithoutPayloadIsAManualResync(t *testing.T) {
	t.Parallel()
	const tenant = "signal-acme"
	w := newSlowWorld(t, tenant)
	c := w.client()
	_, err := c.WorkflowService().SignalWorkflowExecution(context.Background(),
		&workflowservice.SignalWorkflowExecutionRequest{
			Namespace:         client.DefaultNamespace,
			WorkflowExecution: &common.WorkflowExecution{WorkflowId: workflows.SyncID(tenant)},
			SignalName:        workflows.ResyncSignal,
		})
	require.NoError(t, err)
	require.Equal(t, run.Unchanged, w.waitForResult(tenant).Outcome)
	runs := w.lines("runs", tenant)
	require.Len(t, runs, 2)
	require.Equal(t, "manual", runs[0]["origin"])
}

func TestATickDuringASyncEndsAsJoined(t *testing.T) {
	t.Parallel()
	const tenant = "tick-acme"
	w := newSlowWorld(t, tenant)
	tick := func() run.Result {
		c := w.client()
		schedule := c.ScheduleClient().GetHandle(context.Background(), workflows.ScheduleID(tenant))
		before := w.ticks(schedule)
		require.NoError(t, schedule.Trigger(context.Background(), client.ScheduleTriggerOptions{}))
		w.eventually(func() bool { return len(w.ticks(schedule)) > len(before) }, "the Schedule never fired")
		after := w.ticks(schedule)
		var result run.Result
		last := after[len(after)-1].StartWorkflowResult
		require.NoError(t, c.GetWorkflow(context.Background(), last.WorkflowID, "").Get(context.Background(), &result))
		return result
	}
	require.Equal(t, run.Joined, tick().Outcome)
	require.Equal(t, run.Applied, w.waitForResult(tenant).Outcome)
	require.Len(t, w.lines("runs", tenant), 1, "a tick during a sync makes no further run")
	require.Equal(t, run.Unchanged, tick().Outcome, "a tick without an open sync runs one")
	require.Equal(t, "scheduled", w.lines("runs", tenant)[0]["origin"])
}

func (w *world) ticks(schedule client.ScheduleHandle) []client.ScheduleActionResult {
	w.Helper()
	described, err := schedule.Describe(context.Background())
	require.NoError(w, err)
	return described.Info.RecentActions
}
