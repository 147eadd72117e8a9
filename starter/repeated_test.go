package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

func TestARunWithTheSameSnapshotShowsTheIssuesOfTheFirst(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	db := b.store()
	first := addRun(t, db, 1, round.Applied, nil)
	absent := roster.CodeColumnAbsent.Issue(roster.Identity{}, roster.Office)
	verdict, err := json.Marshal(object{"plain": true, "columns": []roster.Issue{absent}})
	require.NoError(t, err)
	_, err = db.ClaimStage(t.Context(), first.ID, ledger.StageRoster, 1, false, time.Time{})
	require.NoError(t, err)
	require.NoError(t, db.SealStage(t.Context(), first.ID, ledger.StageRoster, 1, verdict))

	again, err := storetest.BeginRun(t.Context(), db, round.Run{
		ID: numbered(300), Tenant: "acme", Origin: round.Scheduled, Workflow: "sync-acme", Execution: "again",
		Started: noon.Add(time.Hour),
	})
	require.NoError(t, err)
	_, _, err = db.FinishRun(t.Context(), again.ID, ledger.Ending{SameAs: first.ID, Result: round.Result{
		Tenant: "acme", Run: again.ID.String(), Outcome: round.Unchanged, Snapshot: round.SnapshotCounts{Users: 2},
		Started: again.Started, Finished: again.Started.Add(time.Second),
	}})
	require.NoError(t, err)

	var report struct {
		Issues []struct{ Field string }
		Result round.Result
	}
	require.NoError(t, json.Unmarshal([]byte(b.must("report", "acme", again.ID.String(), "-o", "json")), &report))
	require.Len(t, report.Issues, 1)
	assert.Equal(t, roster.Office.String(), report.Issues[0].Field)
	assert.Equal(t, 2, report.Result.Snapshot.Users)
	assert.Contains(t, b.must("report", "acme", again.ID.String()), roster.Office.String())

	assert.Contains(t, b.must("why", "acme", "ada@example.com", "--runs", "1"), again.ID.String()+
		": in the directory with the same row\n")
}
