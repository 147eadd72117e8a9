package acceptance_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
)

// missingFrom returns the external ids of the departed members, and of one present member.
func (w *world) missingFrom(tenant string) (departed []string, present string) {
	w.Helper()
	for _, member := range w.lines("members", tenant) {
		if id := member["external_id"].(string); member["status"] == "departed" {
			departed = append(departed, id)
		} else {
			present = id
		}
	}
	return departed, present
}

// TestProtectedPeopleStayAndSentinelsAreRequired repeatedly removes the same people from the report.
func TestProtectedPeopleStayAndSentinelsAreRequired(t *testing.T) {
	t.Parallel()
	const tenant, wide = "protect-acme", "    guard: {removals: 100, percent: 100}\n"
	w := newQuietWorld(t, tenant, wide)
	w.removePeople(tenant, 10)
	left := w.resync(0, tenant).Changes.Departed
	require.Greater(t, left, 1)
	departed, present := w.missingFrom(tenant)
	w.simulator.Clear(tenant)
	require.Equal(t, left, w.resync(0, tenant).Changes.Returned)

	protected := func(until string) string {
		return wide + fmt.Sprintf(
			"    protected:\n      - {external_id: %q, reason: on leave, until: %s}\n    sentinels: [%q]\n",
			departed[0], until, present,
		)
	}
	w.apply(tenant, protected("2099-01-31"))
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
	w.removePeople(tenant, 10)
	require.Contains(t, w.starter(0, "preview", tenant), fmt.Sprintf("%d departed", left-1))
	require.Equal(t, left-1, w.resync(0, tenant).Changes.Departed)
	require.Equal(t, 60-left+1, w.active(tenant))
	for range 2 {
		require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
		require.Contains(t, w.starter(0, "report", tenant), "would have departed, but is protected until 2099-01-31")
	}
	require.Contains(t, w.starter(0, "why", tenant, departed[0]), "not in the directory, but protected: member unchanged")
	listed := w.starter(0, "tenants", "-o", "json")
	require.Contains(t, listed, `"protected":1,"sentinels":1`)
	require.NotContains(t, listed, departed[0])

	w.apply(tenant, protected("2020-01-31"))
	require.Equal(t, 1, w.resync(0, tenant).Changes.Departed, "although the report is unchanged")
	w.requireAudit(tenant)
	w.simulator.Clear(tenant)
	require.Equal(t, left, w.resync(0, tenant).Changes.Returned)

	w.apply(tenant, wide+fmt.Sprintf("    sentinels: [%q, {external_id: %q}]\n", present, departed[0]))
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome, "all of them are present, in known rows")
	w.removePeople(tenant, 10)
	before := w.content()
	failed := w.resync(1, tenant)
	require.Equal(t, "sentinel_missing", failed.Error.Kind)
	require.Equal(t, "the directory lacks 1 of 2 people who must always be in it: sentinels[1]", failed.Error.Detail)
	require.Equal(t, 60, w.active(tenant))
	for _, table := range []string{"members", "memberships", "changes", "claims", "states"} {
		require.Equal(t, before[table], w.content()[table], table)
	}
	w.simulator.Clear(tenant)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
}
