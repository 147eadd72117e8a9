package activities_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
)

// chunksOf returns the number of chunks that a run left in a stage.
func (o *harness) chunksOf(result run.Result, stage string) (count int) {
	o.t.Helper()
	for _, err := range o.kept.Chunks(o.t.Context(), mustID(o.t, result.Run), stage, 0, -1) {
		if errors.Is(err, ledger.ErrNotFound) {
			return 0
		}
		require.NoError(o.t, err)
		count++
	}
	return count
}

func TestTheSameDirectoryInAnyOrderWritesNoChunks(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Sales", "Ops")
	o.source.users = people(9)
	first := o.sync(run.Applied)
	require.NotEmpty(t, o.issues(first), "columns that are not there")
	for range 2 { // the second goes by the first
		slices.Reverse(o.source.users)
		again := o.sync(run.Unchanged)
		assert.Equal(t, first.Snapshot, again.Snapshot)
		assert.Equal(t, first.Rows, again.Rows)
		assert.Equal(t, o.issues(first), o.issues(again))
		assert.Zero(t, o.chunksOf(again, ledger.StageUsers))
		assert.Zero(t, o.chunksOf(again, ledger.StageRoster))
	}
}

func TestTheSameDirectoryReportsTheSameIssues(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = with(people(5), 1, "Manager_Email", "nobody@acme.example")
	rowOf := func(result run.Result) []int {
		var rows []int
		for _, issue := range o.issues(result) {
			if issue.Row > 0 {
				rows = append(rows, issue.Row)
			}
		}
		return rows
	}
	assert.Equal(t, []int{2}, rowOf(o.sync(run.Applied)))
	slices.Reverse(o.source.users)
	assert.Equal(t, []int{4}, rowOf(o.sync(run.Unchanged)))
}

func TestOtherGroupsMakeTheSameUsersAnotherDirectory(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Sales", "Ops")
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.groups = namedGroups("Sales")
	assert.Equal(t, 1, o.sync(run.Applied).Changes.GroupsRemoved)
}

func TestDepartedMembersAreDeletedThoughTheDirectoryIsUnchanged(t *testing.T) {
	t.Parallel()
	o := open(t)
	now := time.Now()
	o.do.Now = func() time.Time { return now }
	o.source.groups = namedGroups("Sales")
	o.source.users = people(5)
	o.sync(run.Applied)
	o.source.users = people(4)
	assert.Equal(t, 1, o.sync(run.Applied).Changes.Departed)
	same := o.sync(run.Unchanged)
	assert.Zero(t, o.chunksOf(same, ledger.StageRoster))
	o.rules.Compare = 3 * o.rules.Grace // no full compare is due yet
	now = now.Add(2 * o.rules.Grace)
	result := o.sync(run.Applied)
	assert.Equal(t, run.ChangeCounts{Deleted: 1}, result.Changes)
	assert.Len(t, o.members(), 4)
}
