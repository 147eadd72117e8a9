package workflows

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
)

func TestDetailsAreMarkdown(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	held := Status{
		Step: Holding,
		Hold: &Hold{Plan: "bb", Removals: 40, Run: uuid.Nil, Since: since, Until: since.Add(72 * time.Hour)},
		Planned: Planned{
			Changes: run.ChangeCounts{Added: 3, Departed: 40}, Batches: 1, Applied: 1, Removals: 40,
			Limit: 25, Recent: 2,
		},
		Result: run.Result{
			Tenant: "acme", Run: "r", Outcome: run.Held,
			Snapshot: run.SnapshotCounts{Users: 500, Groups: 9, Memberships: 700},
			Rows:     run.RowCounts{Accepted: 498, Rejected: 2, Warnings: 1},
			Changes:  run.ChangeCounts{Added: 3},
			Held:     &run.HeldPlan{Plan: "bb", Removals: 40},
		},
	}
	tail := "| | |\n|---|---|\n" +
		"| Read | 500 users, 9 groups, 700 memberships |\n" +
		"| Rows | 498 accepted, 2 rejected, 1 with warnings |\n" +
		"| Planned | 3 added, 40 departed |\n" +
		"| Batches | 1 of 1 applied |\n" +
		"| Applied | 3 added |\n"
	const head = "**Removals wait for a decision** · tenant `acme` · run `r`\n\n"
	const what = "**Held: 40 removals**, plan `bb`, since 2026-11-23 09:00 UTC. They wait until a person decides. Everything else is applied.\n\n"
	require.Equal(t, head+what+
		"The plan removes 40 members, and 2 were removed without approval in the last 24 hours. The tenant's limit is 25, and half of "+
		"the memberships of one group.\n\n"+
		"| | |\n|---|---|\n"+
		"| Who | `starter report acme 00000000-0000-0000-0000-000000000000` |\n"+
		"| Release | `starter approve acme bb --by WHO` |\n"+
		"| Refuse | `starter reject acme bb --by WHO` |\n"+
		"| The directory was wrong | correct it there, then `starter resync acme` |\n"+
		"| Nobody decides | nothing is removed; the plan expires at 2026-11-26 09:00 UTC |\n\n\n"+tail, details(held))
	held.Hold.Reminded = true
	require.Contains(t, details(held), "**Half of the time has passed and nobody has decided. The plan expires at 2026-11-26 09:00 UTC.** **Held")

	approved := held
	approved.Hold = &Hold{Plan: "bb", Removals: 40, Approved: true, Until: held.Hold.Until}
	require.Contains(t, details(approved), "**Approved: 40 removals**, plan `bb`. Those that a fresh read still calls for are applied. "+
		"The approval expires at 2026-11-26 09:00 UTC.")

	ended := held
	ended.Step, ended.Hold, ended.Result.Outcome, ended.Result.Withheld = Done, nil, run.Rejected, 40
	require.Equal(t, "**Done**: rejected · tenant `acme` · run `r`\n\n**40 removals: not applied**, plan `bb`.\n\n"+
		"**40 changes are withheld**: they were rejected or expired. That lasts until the directory says something else about "+
		"those people, or somebody resyncs by hand.\n\n"+tail, details(ended))
	ended.Result.Held, ended.Result.Withheld = nil, 0
	ended.Result.Approved = &run.ApprovedPlan{Plan: "bb", Removals: 38, LeftOut: 2}
	require.Contains(t, details(ended), "Plan `bb` is approved: 38 removals of it are still called for, and 2 changes are left out")

	failed := Status{Step: Done, Result: run.Result{
		Tenant: "acme", Outcome: run.Failed,
		Error: &run.ResultError{Kind: "not_found", Detail: "no report", Hint: "look"},
	}}
	require.Equal(t, "**Done**: failed · tenant `acme`\n\n**not_found**: no report\n\nlook\n\n", details(failed))

	require.Equal(t, "**Reading the directory** · tenant `acme`\n\n| | |\n|---|---|\n| Next | a resync waits: another round follows |\n",
		details(Status{Step: Fetching, Waiting: true, Result: run.Result{Tenant: "acme"}}))
}

func TestEveryStepHasATitle(t *testing.T) {
	t.Parallel()
	for _, step := range []Step{Beginning, Fetching, Validating, Diffing, Guarding, Adding, Removing, Finishing, Done} {
		require.NotEqual(t, string(step), step.title())
	}
}
