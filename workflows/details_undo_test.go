package workflows

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
)

func TestDetailsOfAnUndoSayWhatItTakesBackAndHowToDecide(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	held := Status{
		Step: Holding,
		Hold: &Hold{
			Plan: "uu", Removals: 4, Changes: 40, Undoes: uuid.UUID{15: 1}, Since: since,
			Until: since.Add(72 * time.Hour),
		},
		Result: run.Result{
			Tenant: "acme", Run: "r", Outcome: run.Held, Undoes: &run.Undoing{Run: "bad", Skipped: 3},
			Held: &run.HeldPlan{Plan: "uu", Removals: 4, Changes: 40},
		},
	}
	require.Equal(t, "**The undo waits for a decision** · tenant `acme` · run `r`\n\nUndoes run `bad`.\n\n"+
		"**Held: 40 changes**, plan `uu`, since 2026-11-23 09:00 UTC. Nothing of it is applied until a person decides.\n\n"+
		"| | |\n|---|---|\n"+
		"| What it changes, and what it leaves | `starter report acme 00000000-0000-0000-0000-000000000000` |\n"+
		"| Apply it | `starter approve acme uu --by WHO` |\n"+
		"| Drop it | `starter reject acme uu --by WHO` |\n"+
		"| Nobody decides | nothing is changed; the plan expires at 2026-11-26 09:00 UTC |\n"+
		"| Afterwards | scheduled syncs stay paused: once the cause is fixed, `starter unpause acme` |\n\n\n"+
		"3 changes of that run are left alone: they have changed since, or can't be undone.\n\n", details(held))
	held.Hold.Reminded = true
	require.Contains(t, details(held), "**Half of the time has passed and nobody has decided. The undo expires at 2026-11-26 09:00 UTC.** **Held")

	ended := held
	ended.Step, ended.Hold, ended.Result.Outcome = Done, nil, run.Expired
	require.Contains(t, details(ended), "**40 changes are not applied**, plan `uu`.")
	ended.Result.Held, ended.Result.Approved = nil, &run.ApprovedPlan{Plan: "uu", Removals: 38, LeftOut: 2}
	require.Contains(t, details(ended), "Plan `uu` is approved: 38 of its changes still stand, and 2 are left out")
}
