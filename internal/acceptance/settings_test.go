package acceptance_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

// newQuietWorld returns a synced world without changes.
func newQuietWorld(t *testing.T, tenant, settings string) *world {
	t.Helper()
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 60, Seed: 41, Churn: -1})
	w.apply(tenant, settings)
	w.start()
	require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
	return w
}

// ids returns the members' ids by external id.
func (w *world) ids(tenant string) map[string]string {
	w.Helper()
	found := map[string]string{}
	for _, member := range w.lines("members", tenant) {
		found[member["external_id"].(string)] = member["id"].(string)
	}
	return found
}

func TestMovingATenantBetweenWorkdayAndWorkOSKeepsEveryMember(t *testing.T) {
	t.Parallel()
	const tenant = "moved-acme"
	at := func(kind simulator.Kind) simulator.Tenant {
		return simulator.Tenant{ID: tenant, Kind: kind, People: 60, Seed: 42, Rate: -1, Churn: -1, KeepInactive: true}
	}
	w := newWorld(t, at(simulator.Workday))
	workday, workos := w.simulator, simulator.Start(t, at(simulator.WorkOS))
	move := func(to *simulator.Simulator) run.Result {
		if w.worker != nil {
			w.stop(syscall.SIGTERM)
		}
		w.simulator = to
		w.start()
		w.apply(tenant, "    guard: {removals: 0, percent: 0}\n")
		return w.resync(0, tenant)
	}
	require.Equal(t, run.Applied, move(workday).Outcome)
	before, groups := w.ids(tenant), w.lines("groups", tenant)
	for _, to := range []*simulator.Simulator{workos, workday} {
		moved := move(to)
		require.Equal(t, run.Applied, moved.Outcome)
		require.Zero(
			t, moved.Changes.Added+moved.Changes.Departed+moved.Changes.Deleted+moved.Changes.MembershipsRemoved,
		)
		require.Equal(t, len(groups), moved.Changes.GroupsUpdated, "%+v", moved.Changes)
		require.Equal(t, before, w.ids(tenant))
		w.requireSynced(tenant)
		require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
	}
	w.requireAudit(tenant)
}

func TestAChangedLevelMapUpdatesRolesWithoutAChangedReport(t *testing.T) {
	t.Parallel()
	const tenant = "levels-acme"
	w := newQuietWorld(t, tenant, "")
	level := w.lines("members", tenant)[0]["management_level"].(string)
	w.apply(tenant, "    levels: {\""+level+"\": \"Chief of Tests\"}\n")
	changed := w.resync(0, tenant)
	count := 0
	for _, member := range w.lines("members", tenant) {
		if member["management_level"] == level {
			require.Equal(t, "Chief of Tests", member["role"])
			count++
		}
	}
	require.Equal(t, run.ChangeCounts{Updated: count}, changed.Changes)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
}

func TestAPersonAbsentLongerThanTheGraceTimeIsDeleted(t *testing.T) {
	t.Parallel()
	const tenant = "grace-acme"
	w := newQuietWorld(t, tenant, "    grace: 4s\n    guard: {removals: 100, percent: 100}\n")
	before := w.ids(tenant)
	gone := w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: simulator.Users, Kind: simulator.RemovePeople, Percent: 10,
	})
	left := w.resync(0, tenant)
	require.Positive(t, left.Changes.Departed)
	require.Len(t, w.ids(tenant), 60)
	w.eventually(func() bool { return time.Since(left.Started) > 4*time.Second }, "time stands still")
	over := w.resync(0, tenant)
	require.Equal(t, run.ChangeCounts{Deleted: left.Changes.Departed}, over.Changes, "though the report is the same")
	require.Len(t, w.ids(tenant), 60-left.Changes.Departed)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
	remain := map[string]bool{}
	for _, id := range w.ids(tenant) {
		remain[id] = true
	}
	blanked := 0
	for _, change := range w.lines("changes", tenant) {
		if change["op"] != "added" || remain[change["member"].(string)] {
			continue
		}
		blanked++
		for _, values := range change["fields"].(map[string]any) {
			require.Equal(t, []any{nil, nil}, values, "the audit keeps names of fields only")
		}
	}
	require.Equal(t, left.Changes.Departed, blanked)
	w.simulator.Lift(gone)
	back := w.resync(0, tenant)
	require.Equal(t, left.Changes.Departed, back.Changes.Added)
	require.Zero(t, back.Changes.Returned)
	changed := 0
	for external, id := range w.ids(tenant) {
		if before[external] != id {
			changed++
		}
	}
	require.Equal(t, left.Changes.Departed, changed)
	w.requireSynced(tenant)
}

func TestAFullCompareFindsManualEditsAndCountsThemAsDrift(t *testing.T) {
	t.Parallel()
	const tenant = "drift-acme"
	w := newQuietWorld(t, tenant, "")
	w.edit("UPDATE members SET city = 'Nowhere', row_hash = row_hash WHERE email IN (SELECT email FROM members " +
		"LIMIT 3)")
	w.edit("DELETE FROM memberships WHERE member_id = (SELECT member_id FROM memberships LIMIT 1)")
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome, "it isn't time to compare everything")
	w.apply(tenant, "    compare: 0s\n")
	found := w.resync(0, tenant)
	require.Equal(t, run.Applied, found.Outcome)
	require.Equal(t, 3, found.Changes.Updated)
	require.Equal(t, found.Changes.Updated+found.Changes.MembershipsAdded, found.Changes.Drift)
	require.Contains(t, w.starter(0, "report", tenant), "corrected manual edits")
	w.requireSynced(tenant)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
}

func TestAnUnchangedSyncWritesOnlyItsRun(t *testing.T) {
	t.Parallel()
	const tenant = "twice-acme"
	w := newQuietWorld(t, tenant, "")
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Shuffle})
	before := w.content()
	for i := range 2 {
		require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
		after := w.content()
		require.Len(t, after["runs"], len(before["runs"])+i+1)
		for _, table := range []string{"members", "groups", "memberships", "changes", "claims", "batches", "tenants"} {
			require.NotEmpty(t, before[table], table)
			require.Equal(t, before[table], after[table], table)
		}
	}
}
