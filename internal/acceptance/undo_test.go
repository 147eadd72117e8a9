package acceptance_test

import (
	"encoding/json"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

// wrongFields has everybody's names swapped.
const wrongFields = "    fields: {First_Name: last_name, Last_Name: first_name}\n"

// profiles are all members as anybody sees them, by id.
func (w *world) profiles(tenant string) map[string]map[string]any {
	w.Helper()
	found := map[string]map[string]any{}
	for _, member := range w.lines("members", tenant) {
		delete(member, "updated_at")
		found[member["id"].(string)] = member
	}
	return found
}

// approve approves what a run holds, and answers with what came of it.
func (w *world) approve(tenant string, held run.Result) *run.Result {
	w.Helper()
	w.starter(0, "approve", tenant, held.Held.Plan, "--by", "jo")
	w.eventually(func() bool { return !w.look(tenant).Open }, "it ends")
	return w.look(tenant).Result
}

// undo plans to take a run back, and answers with the plan.
func (w *world) undo(tenant, of string) (held run.Result) {
	w.Helper()
	printed := w.starter(3, "undo", tenant, of, "--by", "jo", "--reason", "wrong report", "--wait", "-o", "json")
	require.NoError(w, json.Unmarshal([]byte(printed), &held), printed)
	require.Equal(w, run.Held, held.Outcome)
	require.Equal(w, of, held.Undoes.Run)
	return held
}

func TestABadSyncIsUndoneFromTheCommandLine(t *testing.T) {
	t.Parallel()
	const tenant = "undone"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 8, Churn: -1})
	w.start()
	w.apply(tenant, "")
	w.resync(0, tenant)
	before := w.profiles(tenant)

	// Everybody is renamed, and a third departs, which somebody approves.
	w.apply(tenant, wrongFields)
	w.vanish(tenant, 33)
	renamed := w.resync(3, tenant)
	require.Greater(t, renamed.Changes.Updated, 150)
	departed := w.approve(tenant, renamed)
	require.Greater(t, departed.Changes.Departed, 60)
	after := w.profiles(tenant)

	// One of them is called otherwise since.
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: simulator.Users, Kind: simulator.BadValue, Column: "First_Name", Value: json.RawMessage(`"Since"`),
	})
	require.Equal(t, 1, w.resync(0, tenant).Changes.Updated)

	// An undo is dropped by somebody who asks for a sync instead.
	held := w.undo(tenant, renamed.Run)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
	for _, r := range w.lines("runs", tenant) {
		if r["run"] == held.Run {
			require.Equal(t, "rejected", r["result"].(map[string]any)["outcome"])
			require.Equal(t, true, r["result"].(map[string]any)["undoes"].(map[string]any)["replaced"])
		}
	}

	// The worker is killed while one is held.
	held = w.undo(tenant, departed.Run)
	require.Equal(t, departed.Changes.Departed+departed.Changes.MembershipsRemoved, held.Held.Changes)
	shown := w.starter(0, "status", tenant)
	require.Contains(t, shown, "changes of an undo since")
	require.Contains(t, shown, tenant+" is paused: paused by undo of run "+renamed.Run+"; unpause when the cause is mended", "the first pause holds")
	w.stop(syscall.SIGKILL)
	w.start()
	applied := w.approve(tenant, held)
	require.Equal(t, run.Applied, applied.Outcome)
	require.Equal(t, departed.Changes.Departed, applied.Changes.Returned)

	held = w.undo(tenant, renamed.Run)
	require.Equal(t, 1, held.Undoes.Skipped)
	report := w.starter(0, "report", tenant)
	require.Contains(t, report, "updated, held  (")
	require.Regexp(t, `updated, left alone  \(1\)\n    \S+  \(changed_since\)  last_name: Since → `, report)
	require.Contains(t, w.starter(0, "tenants"), "paused")
	applied = w.approve(tenant, held)
	require.Equal(t, run.Applied, applied.Outcome)
	require.Equal(t, renamed.Changes.Updated, applied.Changes.Updated)
	w.requireAudit(tenant)

	// Every member is as before, field by field, but for what has changed since.
	restored, since := w.profiles(tenant), 0
	for id, member := range restored {
		if member["last_name"] == "Since" {
			require.NotEqual(t, before[id]["last_name"], member["last_name"])
			member["last_name"] = before[id]["last_name"]
			since++
		}
	}
	require.Equal(t, 1, since)
	require.Equal(t, before, restored)
	somebody := ""
	for _, c := range w.lines("changes", tenant) {
		if c["run"] == applied.Run {
			require.Contains(t, []any{"undone", "member_left"}, c["why"])
			somebody = c["member"].(string)
		}
	}
	require.Contains(t, w.starter(0, "why", tenant, somebody), "undo of run "+renamed.Run+" by jo")

	// The cause isn't mended: the next sync does it all again.
	require.Contains(t, w.starter(0, "status", tenant), "is paused")
	w.starter(0, "unpause", tenant)
	w.tick(tenant, func() bool { return w.look(tenant).Step == "holding" })
	again := w.look(tenant).Result
	require.Greater(t, again.Changes.Updated, 150)
	require.Equal(t, departed.Changes.Departed, w.activeDepartures(again))
	w.starter(0, "reject", tenant, again.Held.Plan, "--by", "jo")
	w.eventually(func() bool { return !w.look(tenant).Open }, "it ends")

	// And once it is, all are in step.
	w.simulator.Clear(tenant)
	w.apply(tenant, "")
	w.resync(0, tenant)
	w.requireInStep(tenant)
	w.requireAudit(tenant)
	require.NotEqual(t, before, after)
}

// activeDepartures counts the members whom a held plan has depart.
func (w *world) activeDepartures(held *run.Result) (n int) {
	w.Helper()
	var report struct{ Changes []struct{ Op string } }
	require.NoError(w, json.Unmarshal([]byte(w.starter(0, "report", held.Tenant, held.Run, "-o", "json")), &report))
	for _, c := range report.Changes {
		if c.Op == "departed" {
			n++
		}
	}
	return n
}
