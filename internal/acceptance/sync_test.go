package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

func TestADirectoryIsKeptInStepThroughAWeekOfChurn(t *testing.T) {
	t.Parallel()
	cases := []simulator.Tenant{
		{ID: "week-workday", Kind: simulator.Workday, People: 400, Seed: 3},
		{ID: "week-workos", Kind: simulator.WorkOS, People: 150, Seed: 4, Rate: -1},
		{ID: "week-workos-inactive", Kind: simulator.WorkOS, People: 150, Seed: 5, Rate: -1, KeepInactive: true},
	}
	for _, tenant := range cases {
		t.Run(tenant.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tenant)
			w.start()
			w.apply(tenant.ID, "    guard: {removals: 1000, percent: 100}\n")
			first := w.resync(0, tenant.ID)
			require.Equal(t, run.Applied, first.Outcome)
			w.requireSynced(tenant.ID)
			for range 7 {
				w.simulator.Advance(tenant.ID, 1)
				result := w.resync(0, tenant.ID)
				require.Equal(t, run.Applied, result.Outcome)
				w.requireSynced(tenant.ID)
			}
			before := len(w.lines("changes", tenant.ID))
			again := w.resync(0, tenant.ID)
			require.Equal(t, run.Unchanged, again.Outcome, "same directory twice")
			require.Zero(t, again.Changes)
			require.Len(t, w.lines("changes", tenant.ID), before)
			w.requireAudit(tenant.ID)
		})
	}
}

func TestRemovalsBeyondTheLimitAreHeldAndEverythingElseIsApplied(t *testing.T) {
	t.Parallel()
	const tenant = "held-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 8, Churn: -1})
	w.start()
	w.apply(tenant, "")
	w.resync(0, tenant)
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Endpoint: "users", Kind: simulator.RemovePeople, Percent: 20})
	held := w.resync(3, tenant)
	require.Equal(t, run.Held, held.Outcome)
	require.NotNil(t, held.Held)
	require.Greater(t, held.Held.Removals, 20)
	require.Zero(t, held.Changes.Departed)
	for _, member := range w.lines("members", tenant) {
		require.NotEqual(t, "departed", member["status"])
	}
	again := w.resync(3, tenant)
	require.Equal(t, held.Held, again.Held, "the same removals are the same plan")

	w.simulator.Clear(tenant)
	back := w.resync(0, tenant)
	require.Equal(t, run.Unchanged, back.Outcome)
	w.requireSynced(tenant)
}

func TestAnIncompleteReadWritesNothing(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, kind string
		tenant     simulator.Tenant
		fault      simulator.Fault
	}{
		{
			"401 from Workday", "credentials_refused",
			simulator.Tenant{ID: "wd-401", Kind: simulator.Workday},
			simulator.Fault{Kind: simulator.Status, Status: 401},
		},
		{
			"a missing Report_Entry", "report_entry_missing",
			simulator.Tenant{ID: "wd-entry", Kind: simulator.Workday},
			simulator.Fault{Kind: simulator.NoEntries},
		},
		{
			"HTML in place of JSON", "html_not_json",
			simulator.Tenant{ID: "wd-html", Kind: simulator.Workday},
			simulator.Fault{Kind: simulator.HTML},
		},
		{
			"an error page with status 200", "",
			simulator.Tenant{ID: "wd-page", Kind: simulator.Workday},
			simulator.Fault{Kind: simulator.ErrorPage},
		},
		{
			"a directory whose state is not linked", "directory_not_linked",
			simulator.Tenant{ID: "wo-unlinked", Kind: simulator.WorkOS, Rate: -1},
			simulator.Fault{Kind: simulator.Unlinked},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.tenant.People, c.tenant.Seed = 60, 9
			w := newWorld(t, c.tenant)
			w.start()
			w.apply(c.tenant.ID, "")
			w.resync(0, c.tenant.ID)
			before := w.starter(0, "members", c.tenant.ID, "-o", "json")
			c.fault.Tenant = c.tenant.ID
			w.simulator.Inject(c.fault)
			w.simulator.Advance(c.tenant.ID, 3)
			failed := w.resync(1, c.tenant.ID)
			require.Equal(t, run.Failed, failed.Outcome)
			require.NotNil(t, failed.Error)
			if c.kind != "" {
				require.Equal(t, c.kind, failed.Error.Kind)
			}
			require.NotEmpty(t, failed.Error.Hint)
			require.Equal(t, before, w.starter(0, "members", c.tenant.ID, "-o", "json"))
		})
	}
}
