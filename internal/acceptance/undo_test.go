package acceptance_test

import (
	"encoding/json"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

// wrongFields swaps first and last names.
const wrongFields = "    fields: {First_Name: last_name, Last_Name: first_name}\n"

// anyChanges lets the guard apply any number of changes, so that there is something to undo.
const anyChanges = "    guard: {changes: 1000}\n"

// profiles returns all members by id.
func (w *world) profiles(tenant string) map[string]map[string]any {
	w.Helper()
	found := map[string]map[string]any{}
	for _, member := range w.lines("members", tenant) {
		delete(member, "updated_at")
		found[member["id"].(string)] = member
	}
	return found
}

// approve approves the plan of a held run and returns the result.
func (w *world) approve(tenant string, held run.Result) *run.Result {
	w.Helper()
	w.starter(0, "approve", tenant, held.Held.Plan, "--by", "jo")
	w.eventually(func() bool { return !w.status(tenant).Open }, "it ends")
	return w.status(tenant).Result
}

// undo plans to undo a run and returns the held result.
func (w *world) undo(tenant, of string) (held run.Result) {
	w.Helper()
	printed := w.starter(3, "undo", tenant, of, "--by", "jo", "--reason", "wrong report", "--wait", "-o", "json")
	require.NoError(w, json.Unmarshal([]byte(printed), &held), printed)
	require.Equal(w, run.Held, held.Outcome)
	require.Equal(w, of, held.Undoes.Run)
	return held
}

func TestABadSyncCanBeUndoneFromTheCommandLine(t *testing.T) {
	t.Parallel()
	const tenant = "undone"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 8, Churn: -1})
	w.start()
	w.apply(tenant, "")
	w.resync(0, tenant)
	before := w.profiles(tenant)

	// Everybody is renamed, and a third departs after an approval.
	w.apply(tenant, wrongFields+anyChanges)
	w.removePeople(tenant, 33)
	renamed := w.resync(3, tenant)
	require.Greater(t, renamed.Changes.Updated, 150)
	departed := w.approve(tenant, renamed)
	require.Greater(t, departed.Changes.Departed, 60)
	after := w.profiles(tenant)

	// One of them gets another name afterwards.
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: simulator.Users, Kind: simulator.BadValue, Column: "First_Name",
		Value: json.RawMessage(`"Since"`),
	})
	require.Equal(t, 1, w.resync(0, tenant).Changes.Updated)

	// A request for a sync cancels a held undo.
	held := w.undo(tenant, renamed.Run)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
	for _, r := range w.lines("runs", tenant) {
		if r["run"] == held.Run {
			require.Equal(t, "rejected", r["result"].(map[string]any)["outcome"])
			require.Equal(t, true, r["result"].(map[string]any)["undoes"].(map[string]any)["replaced"])
		}
	}

	// The worker is killed while an undo is held.
	held = w.undo(tenant, departed.Run)
	require.Equal(t, departed.Changes.Departed+departed.Changes.MembershipsRemoved, held.Held.Changes)
	shown := w.starter(0, "status", tenant)
	require.Contains(t, shown, "changes of an undo since")
	require.Contains(
		t, shown, tenant+" is paused: paused by undo of run "+renamed.Run+"; unpause after the cause is fixed",
		"the first pause holds",
	)
	w.stop(syscall.SIGKILL)
	w.start()
	applied := w.approve(tenant, held)
	require.Equal(t, run.Applied, applied.Outcome)
	require.Equal(t, departed.Changes.Departed, applied.Changes.Returned)

	held = w.undo(tenant, renamed.Run)
	require.Equal(t, 1, held.Undoes.Skipped)
	report := w.starter(0, "report", tenant)
	require.Contains(t, report, "updated, held  (")
	require.Regexp(t, `updated, not undone  \(1\)\n    \S+  \(changed_since\)  last_name: Since → `, report)
	require.Contains(t, w.starter(0, "tenants"), "paused")
	applied = w.approve(tenant, held)
	require.Equal(t, run.Applied, applied.Outcome)
	require.Equal(t, renamed.Changes.Updated, applied.Changes.Updated)
	w.requireAudit(tenant)

	// Every field of every member is as before, except for later changes.
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

	// The cause remains, so the next sync makes the same changes again.
	require.Contains(t, w.starter(0, "status", tenant), "is paused")
	w.starter(0, "unpause", tenant)
	w.tick(tenant, func() bool { return w.status(tenant).Step == "holding" })
	again := w.status(tenant).Result
	require.Greater(t, again.Changes.Updated, 150)
	require.Equal(t, departed.Changes.Departed, w.activeDepartures(again))
	w.starter(0, "reject", tenant, again.Held.Plan, "--by", "jo")
	w.eventually(func() bool { return !w.status(tenant).Open }, "it ends")

	// Without the cause, all members are correct.
	w.simulator.Clear(tenant)
	w.apply(tenant, anyChanges)
	w.resync(0, tenant)
	w.requireSynced(tenant)
	w.requireAudit(tenant)
	require.NotEqual(t, before, after)
}

// activeDepartures counts the members who depart by a held plan.
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
