package acceptance_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/workflows"
)

// waitForResult waits for the tenant's sync, which must succeed.
func (w *world) waitForResult(tenant string) run.Result {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var result run.Result
	require.NoError(w, w.client().GetWorkflow(ctx, workflows.SyncID(tenant), "").Get(ctx, &result))
	return result
}

// waitForStep waits until the tenant's sync is at a step.
func (w *world) waitForStep(tenant string, step workflows.Step) {
	w.Helper()
	c := w.client()
	w.eventually(func() bool {
		var status workflows.Status
		value, err := c.QueryWorkflow(context.Background(), workflows.SyncID(tenant), "", workflows.StatusQuery)
		return err == nil && value.Get(&status) == nil && status.Step == step
	}, "the sync was never at "+string(step))
}

// newWorldInMidApply returns a world whose first sync applied one of several batches and can't apply more until allow
// is called.
func newWorldInMidApply(t *testing.T, tenant string) (w *world, allow func()) {
	t.Helper()
	w = newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 700, Seed: 21})
	w.apply(tenant, "")
	allow = w.refuseBatches(1)
	w.start()
	w.starter(0, "resync", tenant, "--by", "acceptance")
	w.waitForBatches(1)
	return w, allow
}

// requireHandedOver requires that a step stopped by itself and reported it. So another worker can resume it at once,
// and not only after a heartbeat timeout.
func (w *world) requireHandedOver(tenant, step string) {
	w.Helper()
	described, err := w.client().DescribeWorkflowExecution(context.Background(), workflows.SyncID(tenant), "")
	require.NoError(w, err)
	for _, pending := range described.GetPendingActivities() {
		if pending.GetActivityType().GetName() == step {
			require.EqualValues(w, 2, pending.GetAttempt(), "the next attempt waits for a worker")
			require.NotNil(w, pending.GetLastFailure().GetApplicationFailureInfo(), "%v", pending.GetLastFailure())
			return
		}
	}
	require.FailNow(w, "the step isn't pending", step)
}

// requireConsistent requires that members and audit are correct and that the next syncs change nothing.
func (w *world) requireConsistent(tenant string) {
	w.Helper()
	w.requireSynced(tenant)
	w.requireAudit(tenant)
	require.Equal(w, run.Unchanged, w.resync(0, tenant).Outcome)
	require.Equal(w, run.Unchanged, w.resync(0, tenant).Outcome)
}

func TestASyncResumesAfterADatabaseOutage(t *testing.T) {
	t.Parallel()
	t.Run("database down for a minute in mid-apply", func(t *testing.T) {
		t.Parallel()
		const tenant = "refused-acme"
		w, allow := newWorldInMidApply(t, tenant)
		time.Sleep(time.Minute) // as docs/rules.md says; some retries
		allow()
		require.Equal(t, run.Applied, w.waitForResult(tenant).Outcome)
		w.requireConsistent(tenant)
	})
}

func TestASyncCancelledInMidApplyIsCompletedByTheNext(t *testing.T) {
	t.Parallel()
	const tenant = "cancelled-acme"
	w, allow := newWorldInMidApply(t, tenant)
	c := w.client()
	require.NoError(t, c.CancelWorkflow(context.Background(), workflows.SyncID(tenant), ""))
	err := c.GetWorkflow(context.Background(), workflows.SyncID(tenant), "").Get(context.Background(), nil)
	require.ErrorContains(t, err, "canceled")
	status := w.starter(0, "status", tenant)
	require.Contains(t, status, "the sync was cancelled (canceled)")
	require.Contains(t, status, "the next sync does the rest")
	allow()
	require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
	w.requireConsistent(tenant)
}

func TestASyncTerminatedInMidApplyIsCompletedByTheNext(t *testing.T) {
	t.Parallel()
	const tenant = "terminated-acme"
	w, allow := newWorldInMidApply(t, tenant)
	c := w.client()
	require.NoError(t, c.TerminateWorkflow(context.Background(), workflows.SyncID(tenant), "", "by a test"))
	status := w.starter(0, "status", tenant)
	require.Contains(t, status, "the sync was terminated before its end")
	allow() // the last step may not know yet that it was terminated
	require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
	w.requireConsistent(tenant)
	runs := w.starter(0, "runs", tenant)
	require.Contains(t, runs, "terminated")
	require.NotContains(t, runs, "open")
}

func TestAWorkerStoppedInMidSyncLeavesTheRestToAnother(t *testing.T) {
	t.Parallel()
	const tenant = "stopped-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 22})
	w.apply(tenant, "")
	w.start()
	slow := w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: simulator.Users, Kind: simulator.SlowDrip, Bytes: 1000, Delay: 500 * time.Millisecond,
	})
	w.starter(0, "resync", tenant, "--by", "acceptance")
	w.eventually(func() bool { return w.simulator.Served(tenant, simulator.Users).Requests == 1 }, "nothing was read")
	w.stop(syscall.SIGTERM)
	w.requireHandedOver(tenant, workflows.FetchUsersName)
	w.simulator.Lift(slow)
	w.start()
	require.Equal(t, run.Applied, w.waitForResult(tenant).Outcome)
	w.requireConsistent(tenant)
}

func TestASyncWaitsForALockedDatabase(t *testing.T) {
	t.Parallel()
	const tenant = "locked-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 700, Seed: 23})
	w.apply(tenant, "")
	w.start()
	w.starter(0, "resync", tenant, "--by", "acceptance")
	w.waitForBatches(1)
	unlock := w.lock()
	time.Sleep(3 * time.Second)
	unlock()
	require.Equal(t, run.Applied, w.waitForResult(tenant).Outcome)
	w.requireConsistent(tenant)
}
