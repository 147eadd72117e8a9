package workflows_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// On a real server, at whatever moment of a Sync a resync arrives, a round begins after it was asked for.
func TestNoResyncIsLostOnARealServer(t *testing.T) {
	t.Parallel()
	server := temporaltest.Start(t)
	c := server.Client(t)
	registerAttributes(t, c)
	w := worker.New(c, "histories", worker.Options{})
	workflows.Register(w)
	stage := &stage{script: script{unchanged: true}}
	var mu sync.Mutex
	begun := map[string]time.Time{} // when the round for a request began
	stage.begin = func(_ context.Context, in activities.BeginInput) (activities.BeginResult, error) {
		mu.Lock()
		defer mu.Unlock()
		begun[in.Request] = time.Now()
		return activities.BeginResult{Round: run.Round{Tenant: in.Tenant, Run: runID, Started: started}}, nil
	}
	stage.register(w)
	require.NoError(t, w.Start())
	defer w.Stop()

	for i := range 60 {
		request, asked := fmt.Sprint("r", i), time.Now()
		sent, err := c.SignalWithStartWorkflow(t.Context(), workflows.SyncID("acme"), workflows.ResyncSignal,
			workflows.Resync{Origin: run.Manual, Request: request}, client.StartWorkflowOptions{TaskQueue: "histories"},
			workflows.SyncName, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: request})
		require.NoError(t, err)
		if i%4 != 0 {
			continue // the next one comes while this one is worked on
		}
		require.NoError(t, sent.Get(t.Context(), nil))
		mu.Lock()
		require.True(t, begun[request].After(asked), "the last request, %s, has no round", request)
		mu.Unlock()
	}
}
