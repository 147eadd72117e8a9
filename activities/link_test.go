package activities_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	personal "github.com/rollcall/rollcall/internal/person"
	"github.com/rollcall/rollcall/internal/plan"
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

// addedTwice is a directory in which person 2 has a second row, N2, with another email, and was added twice.
func addedTwice(t *testing.T) (o *harness, ann roster.Member) {
	t.Helper()
	o = open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	ann = o.members()[email(2)]
	row := worker(2)
	row["Employee_ID"], row["Work_Email"] = "N2", "new@example.com"
	o.source.users = append(o.source.users, row)
	require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes)
	return o, ann
}

// touch changes the row of person 5, so that a sync has something to do.
func (o *harness) touch(city string) run.Result {
	o.t.Helper()
	o.source.users[5]["City"] = city
	return o.sync(run.Applied)
}

func TestOtherRowsOfALinkedMemberAreNeverUsed(t *testing.T) {
	t.Parallel()
	o, ann := addedTwice(t)
	o.link(ann.ID, "n2")
	linked := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Updated: 1, Departed: 1}, linked.Changes)
	require.Equal(t, 1, linked.Rows.Merged)
	for _, city := range []string{"Rome", "Oslo"} {
		result := o.touch(city)
		require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes)
		require.Equal(t, 1, result.Rows.Merged)
		issue := o.issues(result)[0]
		require.Equal(t, roster.CodeSupersededRow, issue.Code)
		require.Equal(t, "a person linked member "+ann.ID.String()+" to another row, which is used", issue.Detail)
		require.Contains(t, issue.Hint, "starter link")
	}
	o.sync(run.Unchanged)

	t.Run("after an undo", func(*testing.T) {
		o.undo(linked)
		o.uniqueEmails()
		o.sync(run.Applied)
		require.Equal(t, []any{ann.ID, "N2"}, []any{o.members()["new@example.com"].ID, o.members()["new@example.com"].ExternalID})
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.touch("Bonn").Changes)
	})
	t.Run("after another link", func(*testing.T) {
		row := worker(2)
		row["Employee_ID"], row["Work_Email"] = "N3", "newer@example.com"
		o.source.users = append(o.source.users, row)
		o.link(ann.ID, "N3")
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
		result := o.touch("Paris")
		require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes)
		require.Equal(t, 2, result.Rows.Merged)
	})
	t.Run("and the newest is used where the linked row is gone", func(*testing.T) {
		o.source.users = o.source.users[:len(o.source.users)-1]
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
		require.Equal(t, ann.ID, o.members()["new@example.com"].ID)
		o.source.users = o.source.users[:len(o.source.users)-1]
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
		require.Equal(t, []any{ann.ID, ann.ExternalID}, []any{o.members()[email(2)].ID, o.members()[email(2)].ExternalID})
	})
	require.Equal(t, 6, o.statuses()[roster.Active])
}

func TestFormerIDsAreErasedWithAPerson(t *testing.T) {
	t.Parallel()
	o, ann := addedTwice(t)
	o.do.Erasures, o.do.Retention = o.kept, o.kept
	o.link(ann.ID, "N2")
	o.sync(run.Applied)
	found, err := personal.Find(t.Context(), o.kept, acme, ann.ID.String())
	require.NoError(t, err)
	subject, _, err := found.Subject(t.Context(), o.kept, acme, ann.ID.String())
	require.NoError(t, err)
	request := uuid.Must(uuid.NewV7())
	require.NoError(t, o.kept.PutErasure(t.Context(), ledger.Erasure{
		Tenant: acme, ID: request, Subject: &subject, At: time.Now(),
	}))
	o.erase(request)
	links, err := o.kept.Links(t.Context(), acme)
	require.NoError(t, err)
	require.Empty(t, links)
	require.Zero(t, o.touch("Rome").Changes.Added)
	require.Equal(t, 5, o.statuses()[roster.Active])
}

func TestTheAuditOfALinkClaimsNoChangeOfAField(t *testing.T) {
	t.Parallel()
	o, ann := addedTwice(t)
	o.link(ann.ID, "N2")
	o.unlink(ann.ID, "N2")
	o.unlink(ann.ID, "")
	audit := o.audit()
	var fields []map[string][2]any
	for _, row := range audit[len(audit)-3:] {
		fields = append(fields, row.Fields)
	}
	require.Equal(t, []map[string][2]any{
		{plan.LinkedID: {nil, "N2"}}, {plan.LinkedID: {"N2", nil}}, {"external_id": {ann.ExternalID, nil}},
	}, fields, "only the last one takes effect at once")
}

func TestAnUnlinkedRowIsNotThatOfAMemberWhoDeparted(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	third, fourth := o.members()[email(3)], o.members()[email(4)]
	o.source.users = append(o.source.users[:4:4], o.source.users[5:]...)
	o.link(fourth.ID, third.ExternalID)
	require.Equal(t, run.ChangeCounts{Updated: 1, Departed: 1}, o.sync(run.Applied).Changes)
	o.unlink(fourth.ID, "")
	for range 2 {
		result, err := o.round("Sync")
		require.NoError(t, err)
		require.Zero(t, result.Changes.Total(), "%+v", result.Changes)
		require.Equal(t, roster.CodeUnlinkedRow, o.issues(result)[0].Code)
	}
	o.link(third.ID, third.ExternalID)
	require.Equal(t, run.ChangeCounts{Returned: 1, Departed: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, third.ID, o.members()[email(3)].ID)
}

func TestAnUnlinkedIDInOtherLetterCaseIsTheSameID(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.source.users[5]["Employee_ID"] = "E0006"
	o.sync(run.Applied)
	six := o.members()[email(5)]
	o.unlink(six.ID, "e0006")
	require.Empty(t, o.members()[email(5)].ExternalID)
	o.source.users[5]["Employee_ID"] = "e0006"
	result, err := o.round("Sync")
	require.NoError(t, err)
	require.Zero(t, result.Changes.Total())
	require.Equal(t, roster.CodeUnlinkedRow, o.issues(result)[0].Code)
	require.Empty(t, o.members()[email(5)].ExternalID)
}
