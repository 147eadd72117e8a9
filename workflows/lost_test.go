package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// begun are the rounds that have begun on a real server, by the request that each is for.
type begun struct {
	hold  atomic.Int64 // how long plans are held, as a duration
	mu    sync.Mutex
	of    map[string]time.Time
	plans map[string]string // that the round is to apply
}

// serve starts a worker whose rounds are noted.
func serve(t *testing.T, play script) (client.Client, *begun) {
	t.Helper()
	c := temporaltest.Start(t).Client(t)
	registerAttributes(t, c)
	noted := &begun{of: map[string]time.Time{}, plans: map[string]string{}}
	stage := &stage{script: play}
	stage.begin = func(_ context.Context, in activities.BeginInput) (activities.BeginResult, error) {
		noted.mu.Lock()
		defer noted.mu.Unlock()
		noted.of[in.Request] = time.Now()
		if in.Approved != nil {
			noted.plans[in.Request] = in.Approved.Plan
		}
		r := run.Round{
			Tenant: in.Tenant, Run: runID, Started: started, Hold: time.Duration(noted.hold.Load()),
			Approved: in.Approved,
		}
		return activities.BeginResult{Round: r}, nil
	}
	t.Cleanup(func() { replayAll(t, c) }) // after the workers have stopped
	startWorkers(t, c, "histories", worker.Options{}, stage.register)
	return c, noted
}

// startWorkers starts a worker for each task queue of a worker process, with the same activities.
func startWorkers(t *testing.T, c client.Client, queue string, options worker.Options, register func(worker.Worker)) {
	t.Helper()
	for _, each := range []string{queue, workflows.ReadQueue(queue), workflows.DecidedQueue(queue)} {
		w := worker.New(c, each, options)
		if each == queue {
			workflows.Register(w)
		}
		register(w)
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
	}
}

// replayAll replays whatever has run on a server: which of several things arrives first must make no difference to it.
func replayAll(t *testing.T, c client.Client) {
	t.Helper()
	ctx := context.Background() // the test's own is over
	found, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query:    "WorkflowType = 'Sync'",
		PageSize: 1000,
	})
	require.NoError(t, err)
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	for _, each := range found.GetExecutions() {
		history := &historypb.History{}
		id := each.GetExecution()
		events := c.GetWorkflowHistory(ctx, id.GetWorkflowId(), id.GetRunId(), false,
			enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(t, err)
			history.Events = append(history.Events, event)
		}
		require.NoError(t, replayer.ReplayWorkflowHistory(silent(), history))
	}
}

// has tells whether a round began for the request, and which plan it is to apply.
func (b *begun) has(request string) (at time.Time, plan string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of[request], b.plans[request]
}

// eventually waits for a round for the request.
func (b *begun) eventually(t *testing.T, request string) (plan string) {
	t.Helper()
	require.Eventually(t, func() bool { at, _ := b.has(request); return !at.IsZero() }, stepDeadline,
		5*time.Millisecond,
		"no round begins for %s", request)
	_, plan = b.has(request)
	return plan
}

func resync(t *testing.T, c client.Client, request string) client.WorkflowRun {
	t.Helper()
	sent, err := c.SignalWithStartWorkflow(t.Context(), workflows.SyncID("acme"), workflows.ResyncSignal,
		workflows.Resync{Origin: run.Manual, Request: request}, client.StartWorkflowOptions{TaskQueue: "histories"},
		workflows.SyncName, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: request})
	require.NoError(t, err)
	return sent
}

// On a real server, at whatever moment of a Sync a resync arrives, a round begins after it was asked for.
func TestNoResyncIsLostOnARealServer(t *testing.T) {
	t.Parallel()
	c, begun := serve(t, script{unchanged: true})
	for i := range 60 {
		request, asked := fmt.Sprint("r", i), time.Now()
		sent := resync(t, c, request)
		if i%4 != 0 {
			continue // the next one comes while this one is worked on
		}
		require.NoError(t, sent.Get(t.Context(), nil))
		at, _ := begun.has(request)
		require.True(t, at.After(asked), "the last request, %s, has no round", request)
	}
}

// On a real server, a resync just after a cancellation has its round, whether or not the cancelled sync has ended.
func TestNoResyncAfterACancellationIsLostOnARealServer(t *testing.T) {
	t.Parallel()
	c, begun := serve(t, script{verdict: five})
	resync(t, c, "r0")
	for i := range 20 {
		require.NoError(t, c.CancelWorkflow(t.Context(), workflows.SyncID("acme"), ""))
		request := fmt.Sprint("after", i)
		resync(t, c, request)
		begun.eventually(t, request)
		if i%2 == 0 {
			time.Sleep(time.Duration(i) * 5 * time.Millisecond) // until it holds, or less
		}
	}
}

// On a real server, an approval is refused or carried out at any moment while ticks replan the held plan.
func TestNoApprovalIsLostWhileTicksPlanAgainOnARealServer(t *testing.T) {
	t.Parallel()
	c, begun := serve(t, script{verdict: five})
	begun.hold.Store(int64(time.Hour))
	resync(t, c, "r0")
	accepted := 0
	for i := 0; i < 1000 && accepted < 15; i++ {
		require.NoError(t, c.SignalWorkflow(t.Context(), workflows.SyncID("acme"), "", workflows.ResyncSignal,
			workflows.Resync{Origin: run.Scheduled}))
		if begun.approve(t, c, fmt.Sprint("a", i)) {
			accepted++
		}
	}
	require.Positive(t, accepted)
}

// On a real server, an approval at whatever moment is refused or carried out: while holds expire.
func TestNoApprovalIsLostWhileHoldsExpireOnARealServer(t *testing.T) {
	t.Parallel()
	c, begun := serve(t, script{verdict: five})
	accepted := 0
	for i := 0; i < 200 && accepted < 8; i++ {
		hold := 50 * time.Millisecond << (i % 7) // a slow machine comes in time for long holds, a fast one too late for short ones
		begun.hold.Store(int64(hold))
		resync(t, c, fmt.Sprint("r", i))
		begun.eventually(t, fmt.Sprint("r", i))
		time.Sleep(hold * time.Duration(i%4) / 3)
		if begun.approve(t, c, fmt.Sprint("a", i)) {
			accepted++
		}
	}
	require.Positive(t, accepted)
}

var five = activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}}

// approve approves, and requires a round that is to apply the plan where that is accepted.
func (b *begun) approve(t *testing.T, c client.Client, request string) (accepted bool) {
	t.Helper()
	sent, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.SyncID("acme"), UpdateName: workflows.ApproveUpdate,
		WaitForStage: client.WorkflowUpdateStageCompleted,
		Args:         []any{workflows.Decision{Plan: "bb", Request: request}},
	})
	if err == nil {
		err = sent.Get(t.Context(), nil)
	}
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		require.Contains(t, []string{"not_held", "approved_already"}, refused.Type())
	}
	if err != nil {
		return false // it was refused, or the sync had ended
	}
	require.Equal(t, "bb", b.eventually(t, request))
	return true
}
