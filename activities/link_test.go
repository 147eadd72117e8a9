package activities_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// decided is the request of a decision about a link.
func (o *harness) decided(verb string) store.Request {
	id, err := uuid.NewV7()
	require.NoError(o.t, err)
	return store.Request{ID: id.String(), Tenant: acme, Verb: verb, By: "jo", At: time.Now()}
}

func (o *harness) link(member uuid.UUID, external string) {
	o.t.Helper()
	_, err := o.kept.Link(o.t.Context(), o.decided("link"), member, external)
	require.NoError(o.t, err)
}

func (o *harness) unlink(member uuid.UUID, external string) {
	o.t.Helper()
	_, err := o.kept.Unlink(o.t.Context(), o.decided("unlink"), member, external)
	require.NoError(o.t, err)
}

func TestALinkDecidesWhoseRowItIs(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	ann := o.members()[email(2)]
	moved := maps.Clone(o.source.users[2])
	moved["Employee_ID"], moved["Work_Email"], moved["First_Name"] = "N2", "new@example.com", "Annabel"
	o.source.users[2] = moved
	o.link(ann.ID, "N2")
	require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, []string{"linked linked", "updated relinked"}, o.whys(2))
	now := o.members()["new@example.com"]
	require.Equal(t, []any{ann.ID, "N2", "Annabel"}, []any{now.ID, now.ExternalID, now.Values[roster.FirstName]})
	require.Len(t, o.members(), 6)
	o.sync(run.Unchanged)
}

func TestALinkUnitesAPersonWhoWasAddedTwice(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	ann := o.members()[email(2)]
	row := worker(2)
	row["Employee_ID"], row["Work_Email"], row["First_Name"] = "N2", "new@example.com", "Annabel"
	o.source.users[2] = row
	require.Equal(t, run.ChangeCounts{Added: 1, Departed: 1}, o.sync(run.Applied).Changes)
	twin := o.members()["new@example.com"].ID
	require.NotEqual(t, ann.ID, twin)
	o.sync(run.Unchanged)

	o.link(ann.ID, "N2")
	require.Equal(t, run.ChangeCounts{Returned: 1, Departed: 1, Updated: 0}, o.sync(run.Applied).Changes)
	o.uniqueEmails()
	require.Equal(t, ann.ID, o.members()["new@example.com"].ID)
	o.sync(run.Unchanged)
}

func TestARowThatIsUnlinkedBelongsToNobody(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	ann := o.members()[email(2)]
	o.unlink(ann.ID, "")
	for range 2 {
		result, err := o.round("Sync")
		require.NoError(t, err)
		require.Zero(t, result.Changes.Total())
		require.Equal(t, 1, result.Rows.Rejected)
		require.Equal(t, roster.CodeUnlinkedRow, o.issues(result)[0].Code)
	}
	require.Empty(t, o.members()[email(2)].ExternalID)
	require.Len(t, o.members(), 6)

	o.link(ann.ID, ann.ExternalID)
	require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, ann.ExternalID, o.members()[email(2)].ExternalID)
	o.sync(run.Unchanged)

	o.unlink(ann.ID, ann.ExternalID)
	o.source.users = append(o.source.users[:2:2], o.source.users[3:]...)
	require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes, "the row is gone, and so is the member")
}

func TestALinkThatIsDecidedDuringASyncCountsInTheNext(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	ann := o.members()[email(2)]
	o.source.users[3]["City"] = "Rome"
	var once sync.Once
	o.source.refuse = func(int) error {
		once.Do(func() { o.unlink(ann.ID, "") })
		return nil
	}
	_, err := o.round("Sync")
	require.Error(t, err)
	result, err := o.round("Sync")
	require.NoError(t, err)
	require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes)
	require.Equal(t, 1, result.Rows.Rejected)
}
