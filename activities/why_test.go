package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	stories "github.com/rollcall/rollcall/internal/story"
)

// Somebody asks why a person is missing. The row is there, and a rule leaves it out.
func TestAStoryHasTheRowsThatTheRulesLeaveOut(t *testing.T) {
	t.Parallel()
	o, day := dated(t)
	o.rules.Scope = roster.Scope{"Country": {Only: []string{"Canada"}}}
	o.source.users = withDates(6, day)
	for _, row := range o.source.users {
		row["Country"] = "Canada"
	}
	o.source.users[1]["Hire_Date"] = day(9)
	o.source.users[2]["Country"] = "France"
	o.source.users[3]["Status"] = "Terminated"
	o.sync(run.Applied)
	for i, want := range map[int]string{0: "accepted", 1: "not_started", 2: "out_of_scope", 3: "departed"} {
		told, err := stories.Collect(t.Context(), o.kept, stories.Question{Tenant: acme, Person: email(i), Runs: 9})
		require.NoError(t, err)
		require.Len(t, told.Runs[0].Rows, 1)
		require.Equal(t, want, told.Runs[0].Rows[0].Verdict)
		require.Equal(t, i+1, told.Runs[0].Rows[0].Row)
		require.NotEmpty(t, told.Runs[0].Rows[0].Cells)
	}
	_, err := stories.Collect(t.Context(), o.kept, stories.Question{Tenant: acme, Person: email(77), Runs: 9})
	require.ErrorContains(t, err, "no match")
}
