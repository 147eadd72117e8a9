package acceptance_test

import (
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/workflows"
)

// The worker is killed while Temporal reports a step as running. A new worker resumes when the server has noticed.
func TestAWorkerKilledDuringAnyStepLeavesMembersAndAuditCorrect(t *testing.T) {
	t.Parallel()
	for _, step := range []string{
		"Begin", "FetchUsers", "FetchGroups", "Validate", "Diff", "Guard", "Apply", "Finish",
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			tenant := "killed-" + strings.ToLower(step)
			w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 4000, Seed: 6})
			w.apply(tenant, "    guard: {removals: 10000, percent: 100}\n")
			w.start()
			c := w.client()
			// A step may be too quick to be seen. Then a day passes and the next sync is tried.
			killed := false
			for try := 0; !killed && try < 20; try++ {
				w.starter(0, "resync", tenant, "--by", "acceptance", "--reason", "kill")
				killed = w.killDuring(c, tenant, step)
				if killed {
					w.start()
				}
				var result run.Result
				ctx, cancel := context.WithTimeout(context.Background(), timeout)
				require.NoError(t, c.GetWorkflow(ctx, workflows.SyncID(tenant), "").Get(ctx, &result))
				cancel()
				require.Contains(t, []run.Outcome{run.Applied, run.Unchanged}, result.Outcome)
				w.requireSynced(tenant)
				if !killed {
					w.simulator.Advance(tenant, 1)
				}
			}
			require.True(t, killed, "%s was never seen running", step)
			w.requireAudit(tenant)
			require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
		})
	}
}

// killDuring kills the worker as soon as the step is running. It returns false if the sync ended before that.
func (w *world) killDuring(c client.Client, tenant, step string) bool {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for ctx.Err() == nil {
		described, err := c.DescribeWorkflowExecution(ctx, workflows.SyncID(tenant), "")
		require.NoError(w, err)
		for _, activity := range described.GetPendingActivities() {
			if activity.GetActivityType().GetName() == step &&
				activity.GetState() == enums.PENDING_ACTIVITY_STATE_STARTED {
				w.stop(syscall.SIGKILL)
				return true
			}
		}
		if described.GetWorkflowExecutionInfo().GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
			return false
		}
	}
	require.FailNow(w, "the sync neither ran the step nor ended")
	return false
}
