package report_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/run"
)

// undoing is a held undo.
func undoing() report.Input {
	back := report.Change{
		Op: plan.Update.Op(), Member: id("a"), Email: "a@x.io", Why: string(plan.Undone), Part: plan.PartAdditions,
		Fields: map[string][2]any{"city": {"Rome", "Oslo"}},
	}
	out := report.Change{
		Op: plan.Depart.Op(), Member: id("b"), Email: "b@x.io", Why: string(plan.Undone),
		Part: plan.PartRemovals,
	}
	since := report.Change{
		Op: plan.Update.Op(), Member: id("a"), Email: "a@x.io", Why: string(plan.ChangedSince), Part: plan.PartLeft,
		Fields: map[string][2]any{"last_name": {"Now", "Before"}},
	}
	deleted := report.Change{
		Op: plan.Delete.Op(), Member: id("c"), Why: string(plan.PersonDeleted),
		Part: plan.PartLeft,
	}
	return report.Input{
		Tenant: "acme", Name: "Acme", By: "Jo", Reason: "wrong report",
		Run: run.Run{
			ID: id("u"), Tenant: "acme", Origin: run.Undo, Started: start, Finished: start.Add(time.Second),
			Result: &run.Result{
				Tenant: "acme", Outcome: run.Held, Undoes: &run.Undoing{Run: id("r").String(), Skipped: 2},
				Held: &run.HeldPlan{Plan: "abc", Removals: 1, Changes: 2},
			},
		},
		Changes: each(nil, back, out, since, deleted),
	}
}

func TestTextOfAnUndo(t *testing.T) {
	t.Parallel()
	applied := undoing()
	applied.Changes = each(nil, report.Change{
		Seq: 9, At: start, Op: plan.Depart.Op(), Member: id("b"), Email: "b@x.io",
		Why: string(plan.Undone),
	},
		report.Change{
			Op: plan.Update.Op(), Member: id("a"), Email: "a@x.io", Why: string(plan.ChangedSince),
			Part: plan.PartLeft,
		})
	result := *applied.Run.Result
	result.Outcome, result.Held, result.Changes = run.Applied, nil, run.ChangeCounts{Updated: 1, Departed: 1}
	result.Approved = &run.ApprovedPlan{Plan: "abc", Removals: 2, LeftOut: 1}
	applied.Run.Result = &result
	replaced := undoing()
	dropped := *replaced.Run.Result
	dropped.Outcome, dropped.Undoes = run.Rejected, &run.Undoing{Run: id("r").String(), Skipped: 2, Replaced: true}
	replaced.Run.Result = &dropped
	for name, in := range map[string]report.Input{
		"undo_held": undoing(), "undo_applied": applied,
		"undo_replaced": replaced,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden := filepath.Join("testdata", name+".txt")
			got := write(t, report.Text, in)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestAnUndoAsHTMLAndCSV(t *testing.T) {
	t.Parallel()
	page := write(t, report.HTML, undoing())
	for _, want := range []string{
		"Undo", "Changes held", "Not undone", "not undone",
		"Departed", "changed since",
	} {
		assert.Contains(t, page, want)
	}
	assert.NotContains(t, page, "People read")
	assert.NotContains(t, page, "To correct in the directory")

	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(write(t, report.CSV, undoing()),
		"\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 5)
	assert.Equal(t, []string{"Now", "Before", "changed_since", "left"}, lines[3][15:19])
	assert.Contains(t, write(t, report.JSON, undoing()), `"why":"person_deleted","part":"left"`)
}

func TestThePageForTheCustomerHasNoNameOfAnOperator(t *testing.T) {
	t.Parallel()
	in := undoing()
	in.By, in.Reason = "Jo of support", "wrong report"
	in.Decided = &run.Decision{Decision: "approve", By: "Kim of support", Note: "as HR says", At: start}
	for _, private := range []string{"Jo of support", "wrong report", "Kim of support", "as HR says"} {
		assert.NotContains(t, write(t, report.HTML, in), private)
		assert.Contains(t, write(t, report.Text, in), private)
		assert.Contains(t, write(t, report.JSON, in), private)
	}
	assert.Contains(t, write(t, report.Text, in), "approved by Kim of support at 2026-11-23 12:00 UTC: as HR says")
}
