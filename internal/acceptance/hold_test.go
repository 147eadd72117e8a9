package acceptance_test

import (
	"context"
	"encoding/json"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/workflows"
)

// heldWorld returns a world with 300 people and a held plan to remove about a fifth of them.
func heldWorld(t *testing.T, tenant, more string) (*world, run.Result) {
	t.Helper()
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 8, Churn: -1})
	w.start()
	w.apply(tenant, more)
	w.resync(0, tenant)
	w.removePeople(tenant, 20)
	held := w.resync(3, tenant)
	require.Equal(t, run.Held, held.Outcome)
	require.Greater(t, held.Held.Removals, 20)
	require.Equal(t, 300, w.active(tenant))
	return w, held
}

// removePeople removes a percentage of the people from the report. A smaller percentage removes a subset of them.
func (w *world) removePeople(tenant string, percent int) {
	w.simulator.Clear(tenant)
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: "users", Kind: simulator.RemovePeople, Percent: percent,
	})
}

func (w *world) active(tenant string) (n int) {
	w.Helper()
	for _, member := range w.lines("members", tenant) {
		if member["status"] == "active" {
			n++
		}
	}
	return n
}

// status returns the output of `starter status`.
func (w *world) status(tenant string) (s struct {
	Open   bool
	Step   string
	Hold   *workflows.Hold
	Result *run.Result
},
) {
	w.Helper()
	require.NoError(w, json.Unmarshal([]byte(w.starter(0, "status", tenant, "-o", "json")), &s))
	return s
}

// tick triggers the tenant's Schedule and waits until a condition holds.
func (w *world) tick(tenant string, until func() bool) {
	w.Helper()
	schedule := w.client().ScheduleClient().GetHandle(context.Background(), workflows.ScheduleID(tenant))
	require.NoError(w, schedule.Trigger(context.Background(), client.ScheduleTriggerOptions{}))
	w.eventually(until, "the tick comes to nothing")
}

func TestAnApprovedPlanIsAppliedExceptForPeopleWhoReturned(t *testing.T) {
	t.Parallel()
	const tenant = "hold-approve"
	w, held := heldWorld(t, tenant, "")
	require.Contains(t, w.starter(0, "status", tenant), "plan "+held.Held.Plan+" waits for a decision")
	require.Contains(t, w.starter(0, "tenants"), "plan "+held.Held.Plan)
	require.Contains(t, w.starter(0, "report", tenant), "departed, held")
	w.waitForListed(
		1,
		`RollcallTenant = "`+tenant+`" AND RollcallOutcome = "held" AND RollcallHeld = "waiting" AND ExecutionStatus = "Running"`,
	)

	w.starter(1, "approve", tenant, "another", "--by", "jo")
	w.starter(2, "approve", tenant, held.Held.Plan)
	require.Equal(t, 300, w.active(tenant))

	// The worker is killed while the plan is held, and some people return before the approval.
	w.stop(syscall.SIGKILL)
	w.start()
	w.removePeople(tenant, 10)
	require.Contains(
		t, w.starter(0, "approve", tenant, held.Held.Plan, "--by", "jo", "--note", "confirmed"), "approved",
	)
	w.eventually(func() bool { return !w.status(tenant).Open }, "it ends")
	applied := w.status(tenant).Result
	require.Equal(t, run.Applied, applied.Outcome)
	require.Equal(t, held.Held.Plan, applied.Approved.Plan)
	require.Equal(t, applied.Changes.Departed, applied.Approved.Removals)
	require.Greater(t, applied.Approved.Removals, 15, "beyond the limit")
	require.Equal(t, held.Held.Removals, applied.Approved.Removals+applied.Approved.LeftOut)
	require.Positive(t, applied.Approved.LeftOut)
	require.Equal(t, 300-applied.Approved.Removals, w.active(tenant))
	require.Contains(t, w.starter(0, "report", tenant), "requested by jo: confirmed")
	w.requireAudit(tenant)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
}

func TestATickReplansAHeldPlanWhichIsThenRejected(t *testing.T) {
	t.Parallel()
	const tenant = "hold-reject"
	w, held := heldWorld(t, tenant, "")
	before := w.status(tenant).Hold
	w.tick(tenant, func() bool { s := w.status(tenant); return s.Step == "holding" && s.Hold.Run != before.Run })
	again := w.status(tenant).Hold
	require.Equal(t, before.Plan, again.Plan)
	require.Equal(t, before.Since, again.Since, "the same removals keep plan id and clock")

	require.Contains(t, w.starter(0, "reject", tenant, held.Held.Plan, "--by", "jo"), "rejected")
	w.eventually(func() bool { return !w.status(tenant).Open }, "it ends")
	require.Equal(t, run.Rejected, w.status(tenant).Result.Outcome)
	require.NotContains(t, w.starter(0, "tenants"), "plan "+held.Held.Plan)
	require.Equal(t, 300, w.active(tenant))

	w.tick(tenant, func() bool { s := w.status(tenant); return !s.Open && s.Result.Withheld > 0 })
	withheld := w.status(tenant).Result
	require.Equal(t, run.Unchanged, withheld.Outcome)
	require.Equal(t, held.Held.Removals, withheld.Withheld)
	require.Contains(t, w.starter(0, "report", tenant), "withheld: rejected or expired earlier")
	require.Equal(t, held.Held, w.resync(3, tenant).Held, "someone resyncs by hand")
	w.simulator.Clear(tenant)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
	w.requireSynced(tenant)
}

func TestAHeldPlanWithoutADecisionExpires(t *testing.T) {
	t.Parallel()
	const tenant = "hold-expire"
	w, held := heldWorld(t, tenant, "    guard: {hold: 2m}\n")
	w.eventually(
		func() bool { s := w.status(tenant); return s.Hold != nil && s.Hold.Reminded }, "half of its time has passed",
	)
	require.Contains(t, w.starter(0, "status", tenant), "half of its time has passed")
	w.eventually(func() bool { return !w.status(tenant).Open }, "it expires")
	expired := w.status(tenant).Result
	require.Equal(t, run.Expired, expired.Outcome)
	require.Equal(t, held.Held, expired.Held)
	require.Equal(t, 300, w.active(tenant), "nothing for the time of the hold drops them")
}
