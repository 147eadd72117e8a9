package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// jobs returns a harness whose tenant names a column for primary. Its second worker has two jobs: the first row is the
// main one.
func jobs(t *testing.T) *harness {
	t.Helper()
	o := open(t)
	o.rules.Fields, o.rules.Primary = roster.FieldMap{"Primary_Job": {}}, "Primary_Job"
	o.source.users = people(4)
	for _, row := range o.source.users {
		row["Primary_Job"] = "Yes"
	}
	second := worker(1)
	second["Primary_Job"], second["City"] = "No", "Oslo"
	o.source.users = append(o.source.users, second)
	return o
}

// docs/rules.md, section 3.
func TestPrimary(t *testing.T) {
	t.Parallel()
	cityOf := func(o *harness) string { return o.members()[email(1)].Values[roster.City] }
	t.Run("several rows of one worker (same id): the primary one is used", func(t *testing.T) {
		t.Parallel()
		o := jobs(t)
		require.Equal(t, run.RowCounts{Accepted: 4, Warnings: 1, Merged: 1}, o.sync(run.Applied).Rows)
		require.Equal(t, "Toronto", cityOf(o))
		o.sync(run.Unchanged)

		o.source.users[4]["City"] = "Bergen" // the main row is known now, and only the other one is read
		require.Equal(t, run.ChangeCounts{}, o.sync(run.Unchanged).Changes)

		o.source.users[1]["Primary_Job"], o.source.users[4]["Primary_Job"] = false, true
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
		require.Equal(t, "Bergen", cityOf(o))
	})
	t.Run("the column that says which row of a worker counts", func(t *testing.T) {
		t.Parallel()
		o := jobs(t)
		o.sync(run.Applied)
		for _, row := range o.source.users {
			delete(row, "Primary_Job")
		}
		require.Contains(t, o.fails(fault.KindColumnMissing).Error.Detail, `"Primary_Job"`)
		require.Equal(t, "Toronto", cityOf(o))
		o.rules.Fields, o.rules.Primary = nil, ""
		o.sync(run.Unchanged)
		require.Equal(t, "Toronto", cityOf(o), "the row that the member matches already")
	})
	t.Run("a column for primary that was never read is not required", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.rules.Primary = "Primary_Job"
		o.source.users = people(4)
		o.sync(run.Applied)
	})
}
