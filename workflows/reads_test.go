package workflows_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// slowly plays a script, in which directories of tenants named slow-… don't answer.
type slowly struct {
	*stage
	reading chan string   // tenants whose directory is being read and doesn't answer
	decided chan struct{} // an approved plan's directory was read
}

func (s slowly) register(w worker.Worker) {
	s.stage.register(w)
	w.RegisterActivityWithOptions(s.fetchUsers,
		activity.RegisterOptions{Name: workflows.FetchUsersName, DisableAlreadyRegisteredCheck: true})
}

func (s slowly) fetchUsers(ctx context.Context, in activities.FetchInput) (activities.FetchUsersResult, error) {
	if strings.HasPrefix(in.Round.Tenant, "slow") {
		s.reading <- in.Round.Tenant
		<-ctx.Done()
		return activities.FetchUsersResult{}, ctx.Err()
	}
	if in.Round.Approved != nil {
		s.decided <- struct{}{}
	}
	return activities.FetchUsersResult{Stage: "users", Users: 500, Staged: 3, Digest: "d1"}, nil
}

func TestSlowDirectoriesDelayNoDecidedWork(t *testing.T) {
	t.Parallel()
	t.Run("slow directories never delay another tenant's decided work", func(t *testing.T) {
		t.Parallel()
		const slots = 2
		c := temporaltest.Start(t).Client(t)
		registerAttributes(t, c)
		s := slowly{&stage{script: script{verdict: five}}, make(chan string, slots), make(chan struct{}, 1)}
		s.begin = func(_ context.Context, in activities.BeginInput) (activities.BeginResult, error) {
			return activities.BeginResult{Round: run.Round{
				Tenant: in.Tenant, Run: uuid.New(), Started: started, Hold: stepDeadline, Approved: in.Approved,
			}}, nil
		}
		startWorkers(t, c, "slow", worker.Options{MaxConcurrentActivityExecutionSize: slots}, s.register)
		start := func(tenant string) {
			_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: workflows.SyncID(tenant), TaskQueue: "slow"},
				workflows.SyncName, workflows.Input{Tenant: tenant, Origin: run.Manual, Request: "r"})
			require.NoError(t, err)
		}
		status := func() (status workflows.Status) {
			if answer, err := c.QueryWorkflow(t.Context(), workflows.SyncID("acme"), "", workflows.StatusQuery); err == nil {
				_ = answer.Get(&status) // it is asked again
			}
			return status
		}
		start("acme")
		require.Eventually(t, func() bool { return status().Step == workflows.Holding }, stepDeadline, 20*time.Millisecond)
		for i := range 2 * slots {
			start(fmt.Sprint("slow-", i))
		}
		for range slots {
			<-s.reading // every slot for reads is taken, and as many directories wait for one
		}
		sent, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: workflows.SyncID("acme"), UpdateName: workflows.ApproveUpdate,
			WaitForStage: client.WorkflowUpdateStageCompleted,
			Args:         []any{workflows.Decision{Plan: "bb", Request: "a"}},
		})
		require.NoError(t, err)
		require.NoError(t, sent.Get(t.Context(), nil))
		select {
		case <-s.decided:
		case <-time.After(stepDeadline):
			t.Fatal("the read of the approved plan waits for the slow directories")
		}
	})
}
