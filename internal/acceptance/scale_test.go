package acceptance_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/workflows"
)

// The first sync, an unchanged one and one with changes need little memory and a short history. ROLLCALL_SCALE is the
// number of people (100,000 for `make scale`). The test prints its measurements and has no limit on time.
func TestALargeTenantSyncsInBoundedMemoryAndHistory(t *testing.T) {
	t.Parallel()
	people := 5000
	if text := os.Getenv("ROLLCALL_SCALE"); text != "" {
		var err error
		people, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	const tenant = "scale-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: people, Seed: 11, Churn: 10})
	w.start()
	w.apply(tenant, "    guard: {removals: 1000000, percent: 100}\n")
	for _, step := range []struct {
		name string
		days int
		want run.Outcome
	}{
		{"first", 0, run.Applied},
		{"unchanged", 0, run.Unchanged},
		{"1 % churn", 1, run.Applied},
		{"unchanged", 0, run.Unchanged},
	} {
		if step.days > 0 {
			w.simulator.Advance(tenant, step.days)
		}
		result := w.resync(0, tenant)
		require.Equal(t, step.want, result.Outcome)
		described, err := w.client().DescribeWorkflowExecution(context.Background(), workflows.SyncID(tenant), "")
		require.NoError(t, err)
		info := described.GetWorkflowExecutionInfo()
		peak := w.peakMemory()
		fmt.Printf("%d people, %s: %.2f s, %d events, %d bytes of history, worker's peak memory %d MB, changes %d\n",
			people, step.name,
			result.Finished.Sub(result.Started).Round(time.Millisecond).Seconds(), info.GetHistoryLength(), info.GetHistorySizeBytes(), peak>>20, result.Changes.Total())
		require.Less(t, info.GetHistoryLength(), int64(500))
		require.Less(t, info.GetHistorySizeBytes(), int64(1<<20))
		require.Less(t, peak, 300<<20)
	}
	w.requireSynced(tenant)
}

// peakMemory returns the worker's peak resident memory in bytes, as counted by the kernel.
func (w *world) peakMemory() int {
	w.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.worker.Process.Pid))
	require.NoError(w, err)
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(w, match)
	kilobytes, err := strconv.Atoi(string(match[1]))
	require.NoError(w, err)
	return kilobytes << 10
}
