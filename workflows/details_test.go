package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
)

func TestDetailsTellTheStoryInMarkdown(t *testing.T) {
	t.Parallel()
	held := Status{
		Step:    Done,
		Planned: Planned{Changes: run.ChangeCounts{Added: 3, Departed: 40}, Batches: 1, Applied: 1, Removals: 40, Limit: 25, Recent: 2},
		Result: run.Result{
			Tenant: "acme", Run: "r", Outcome: run.Held,
			Snapshot: run.SnapshotCounts{Users: 500, Groups: 9, Memberships: 700},
			Rows:     run.RowCounts{Accepted: 498, Rejected: 2, Warnings: 1},
			Changes:  run.ChangeCounts{Added: 3},
			Held:     &run.HeldPlan{Plan: "bb", Removals: 40},
		},
	}
	require.Equal(t, "**Done**: held · tenant `acme` · run `r`\n\n"+
		"**Held: 40 removals**, plan `bb`. The plan removes 40 members and 2 were removed in the last 24 hours; the tenant's limit "+
		"is 25, and half of the memberships of one group. Everything else is applied.\n\n"+
		"If the directory is wrong, put it right there and resync. If the removals are right, raise `guard` in tenants.yaml, "+
		"run `starter apply` and resync.\n\n"+
		"| | |\n|---|---|\n"+
		"| Read | 500 users, 9 groups, 700 memberships |\n"+
		"| Rows | 498 accepted, 2 rejected, 1 with warnings |\n"+
		"| Planned | 3 added, 40 departed |\n"+
		"| Batches | 1 of 1 applied |\n"+
		"| Applied | 3 added |\n", details(held))

	failed := Status{Step: Done, Result: run.Result{Tenant: "acme", Outcome: run.Failed, Error: &run.ResultError{Kind: "not_found", Detail: "no report", Hint: "look"}}}
	require.Equal(t, "**Done**: failed · tenant `acme`\n\n**not_found**: no report\n\nlook\n\n", details(failed))

	require.Equal(t, "**Reading the directory** · tenant `acme`\n\n| | |\n|---|---|\n| Next | a resync waits: another round follows |\n",
		details(Status{Step: Fetching, Waiting: true, Result: run.Result{Tenant: "acme"}}))
}

func TestEveryStepHasWords(t *testing.T) {
	t.Parallel()
	for _, step := range []Step{Beginning, Fetching, Validating, Diffing, Guarding, Adding, Removing, Finishing, Done} {
		require.NotEqual(t, string(step), step.words())
	}
}
