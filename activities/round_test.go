package activities_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

func mustID(t *testing.T, text string) uuid.UUID {
	t.Helper()
	id, err := uuid.Parse(text)
	require.NoError(t, err)
	return id
}

func TestTheSameDirectoryTwiceWritesNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(7), namedGroups("Sales", "Ops")
	o.source.users = with(o.source.users, 2, "Groups", []string{"Sales", "Ops"})
	first := o.sync(run.Applied)
	require.Equal(t, 7, first.Changes.Added)
	require.Equal(t, 2, first.Changes.GroupsAdded)
	require.Equal(t, 2, first.Changes.MembershipsAdded)
	require.Equal(t, run.SnapshotCounts{Users: 7, Groups: 2, Memberships: 2}, first.Snapshot)
	before, members := o.audit(), o.members()
	require.Len(t, before, 11)

	second := o.sync(run.Unchanged)
	require.Zero(t, second.Changes.Total())
	require.Equal(t, first.Snapshot, second.Snapshot)
	require.Equal(t, run.RowCounts{Accepted: 7}, second.Rows)
	require.Equal(t, before, o.audit())
	require.Equal(t, members, o.members())
}

func TestChangesAreApplied(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(7)
	o.sync(run.Applied)
	before := o.members()
	o.source.users = append(without(with(o.source.users, 3, "City", "Paris"), 5), worker(20))
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Added: 1, Updated: 1, Departed: 1}, result.Changes)
	after := o.members()
	require.Equal(t, "Paris", after[email(3)].Values[roster.City])
	require.Equal(t, before[email(3)].ID, after[email(3)].ID)
	require.Equal(t, roster.Departed, after[email(5)].Values[roster.Status])
	require.Equal(t, roster.Active, after[email(20)].Values[roster.Status])
	o.sync(run.Unchanged)
}

func TestAPersonWhoReturnsWithinTheGraceTimeIsTheSameMember(t *testing.T) {
	t.Parallel()
	o := open(t)
	all := people(4)
	o.source.users = all
	o.sync(run.Applied)
	id := o.members()[email(1)].ID
	o.source.users = without(all, 1)
	o.sync(run.Applied)
	o.source.users = all
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Returned: 1}, result.Changes)
	require.Equal(t, id, o.members()[email(1)].ID)
}

func TestADeletionIsPlannedForAnUnchangedRoster(t *testing.T) {
	t.Parallel()
	o := open(t)
	all := people(4)
	o.source.users = all
	o.sync(run.Applied)
	o.source.users = without(all, 1)
	o.sync(run.Applied)
	o.sync(run.Unchanged)
	o.do.Now = func() time.Time { return time.Now().Add(721 * time.Hour) }
	o.rules.Compare = 8760 * time.Hour
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Deleted: 1}, result.Changes)
	require.NotContains(t, o.members(), email(1))
	o.sync(run.Unchanged)
}

func TestNoGraceTimeDeletesAtOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.rules.Grace = 0
	all := people(4)
	o.source.users = all
	o.sync(run.Applied)
	o.source.users = without(all, 1)
	require.Equal(t, run.ChangeCounts{Deleted: 1}, o.sync(run.Applied).Changes)
	require.Len(t, o.members(), 3)
}

func TestRemovalsBeyondTheLimitAreHeldUnderTheSameIDEachTime(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(30)
	o.sync(run.Applied)
	o.source.users = append(people(15), worker(40))
	held := o.sync(run.Held)
	require.Equal(t, run.ChangeCounts{Added: 1}, held.Changes)
	require.Equal(t, 15, held.Held.Removals)
	require.NotEmpty(t, held.Held.Plan)
	again := o.sync(run.Held)
	require.Equal(t, held.Held, again.Held)
	require.Zero(t, again.Changes.Total())
	require.Len(t, o.members(), 31)

	o.rules.Limits.Removals = 20
	require.Equal(t, run.ChangeCounts{Departed: 15}, o.sync(run.Applied).Changes)
	o.sync(run.Unchanged)
}

func TestAPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	result, err := o.round(workflows.PreviewName)
	require.NoError(t, err)
	require.Equal(t, run.Previewed, result.Outcome)
	require.Equal(t, run.ChangeCounts{Added: 4}, result.Changes)
	require.Empty(t, o.members())
	state, err := o.kept.State(t.Context(), acme)
	require.NoError(t, err)
	require.Equal(t, ledger.State{}, state)
	o.sync(run.Applied)
}

func TestARejectedRowIsReportedAndItsMemberStays(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.sync(run.Applied)
	before := o.members()[email(2)]
	o.source.users = with(o.source.users, 2, "Last_Name", "")
	result := o.sync(run.Unchanged)
	require.Equal(t, run.RowCounts{Accepted: 3, Rejected: 1}, result.Rows)
	require.Equal(t, before, o.members()[email(2)])
	issues := o.issues(result)
	require.Len(t, rejected(issues), 1)
	issue := rejected(issues)[0]
	require.Equal(t, 3, issue.Row)
	require.Equal(t, "last_name", issue.Field)
	require.Equal(t, email(2), issue.Email)
	require.Equal(t, run.RowCounts{Accepted: 3, Rejected: 1}, o.sync(run.Unchanged).Rows)
}

func rejected(issues []roster.Issue) []roster.Issue {
	var found []roster.Issue
	for _, issue := range issues {
		if issue.Severity == roster.Rejected {
			found = append(found, issue)
		}
	}
	return found
}

func TestAWarningOfAKnownRowIsReportedInEverySync(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = with(people(4), 1, "People_Manager", "perhaps")
	o.source.users = with(o.source.users, 2, "Manager_Email", "stranger@elsewhere.example")
	codes := func(result run.Result) (found []roster.Code) {
		for _, issue := range o.issues(result) {
			if issue.Row > 0 {
				require.Equal(t, email(issue.Row-1), issue.Email)
				found = append(found, issue.Code)
			}
		}
		return found
	}
	first := o.sync(run.Applied)
	second := o.sync(run.Unchanged)
	want := []roster.Code{roster.CodeNotYesOrNo, roster.CodeManagerUnknown}
	require.ElementsMatch(t, want, codes(first))
	require.ElementsMatch(t, want, codes(second))
	require.Equal(t, 2, first.Rows.Warnings)
	require.Equal(t, first.Rows, second.Rows)
}

func TestARequiredColumnWithoutValuesFailsBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(3)
	for _, row := range o.source.users {
		delete(row, "Work_Email")
		row["Correo"] = "x"
	}
	result := o.fails(fault.KindColumnMissing)
	require.NotEmpty(t, result.Error.Hint)
	require.Empty(t, o.members())
	require.Empty(t, o.audit())
}

func TestAKnownRowIsReadAgainWhenItsColumnsChange(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	for i, row := range o.source.users {
		row["Site"] = "Old" + string(rune('A'+i))
	}
	o.sync(run.Applied)
	require.Equal(t, "OldA", o.members()[email(0)].Values[roster.Office])
	newcomer := worker(9)
	newcomer["Floor"] = "HQ"
	o.source.users = append(o.source.users, newcomer)
	require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes)
	// The known rows have no value in the column that the field is read from now, so their office is cleared.
	o.rules.Fields = roster.FieldMap{"Floor": {roster.Office}}
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Updated: 6}, result.Changes)
	require.Empty(t, o.members()[email(0)].Values[roster.Office])
	require.Equal(t, "HQ", o.members()[email(9)].Values[roster.Office])
	o.sync(run.Unchanged)
}

func TestAnUnmappedLevelIsReportedInEverySync(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.source.users[2]["Management_Level"] = "Wizard"
	listed := func(result run.Result) (levels []string) {
		for _, issue := range o.issues(result) {
			if issue.Code == roster.CodeLevelUnmapped {
				levels = append(levels, issue.Detail)
			}
		}
		return levels
	}
	first := listed(o.sync(run.Applied))
	require.Len(t, first, 1)
	require.Contains(t, first[0], "Wizard")
	require.Equal(t, first, listed(o.sync(run.Unchanged)))
	o.source.users = append(o.source.users, worker(9))
	result := o.sync(run.Applied)
	require.Equal(t, first, listed(result))
	require.Zero(t, result.Rows.Warnings)
}

func TestOtherRulesMakeEveryRowBeJudgedAgain(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.sync(run.Applied)
	o.rules.Levels = roster.Levels{"Manager": "Director"}
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Updated: 4}, result.Changes, "none of it is drift")
	require.Equal(t, "Director", o.members()[email(0)].Values[roster.Role])
	o.sync(run.Unchanged)
}

func TestAFullCompareRevertsEditsByHandAndCountsThemAsDrift(t *testing.T) {
	t.Parallel()
	t.Run("somebody edited the member table by hand", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = people(4)
		o.sync(run.Applied)
		o.edit("UPDATE members SET city = 'Nowhere' WHERE email = '" + email(1) + "'")
		o.sync(run.Unchanged)
		o.do.Now = func() time.Time { return time.Now().Add(169 * time.Hour) }
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Updated: 1, Drift: 1}, result.Changes)
		require.Equal(t, "Toronto", o.members()[email(1)].Values[roster.City])
		o.sync(run.Unchanged)
	})
}

// The index doesn't show what was edited by hand: by its keys a row may be taken for somebody else's.
func TestAnExternalIDChangedByHandFailsOneSyncAndIsCorrectedByTheNext(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.sync(run.Applied)
	o.edit("UPDATE members SET external_id = 'X' WHERE email = '" + email(1) + "'")
	o.source.users = with(o.source.users, 1, "City", "Paris")
	o.fails(fault.KindKeyCollision)
	require.Equal(t, "Toronto", o.members()[email(1)].Values[roster.City])
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes, "the same person under a new id")
	require.Equal(t, "1001", o.members()[email(1)].ExternalID)
	o.sync(run.Unchanged)
}

func TestGroupsThatListTheirMembersAreKeptInStep(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.from = workos.Source()
	o.source.users = people(6)
	o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Sales"}, {Row: 2, Key: "g2", Name: "Ops"}}
	in := func(group string, i int) directory.Membership {
		return directory.Membership{Group: group, User: worker(i)["Employee_ID"].(string), Email: email(i)}
	}
	for _, row := range o.source.users {
		row["idp_id"] = row["Employee_ID"]
	}
	o.source.memberships = []directory.Membership{
		in("g1", 0), in("g1", 1), in("g2", 1), in("g2", 2),
		{Group: "g2", User: "stranger"},
	}
	first := o.sync(run.Applied)
	require.Equal(t, 4, first.Changes.MembershipsAdded)
	require.Equal(t, 5, first.Snapshot.Memberships)
	var codes []roster.Code
	for _, issue := range o.issues(first) {
		codes = append(codes, issue.Code)
	}
	require.Contains(t, codes, roster.CodeUnknownMember)
	o.sync(run.Unchanged)

	o.source.memberships = []directory.Membership{in("g1", 0), in("g1", 3), in("g2", 1), in("g2", 2)}
	require.Equal(t, run.ChangeCounts{MembershipsAdded: 1, MembershipsRemoved: 1}, o.sync(run.Applied).Changes)
	o.source.groups = o.source.groups[:1]
	o.source.memberships = o.source.memberships[:2]
	require.Equal(t, run.ChangeCounts{GroupsRemoved: 1, MembershipsRemoved: 2}, o.sync(run.Applied).Changes)
	o.sync(run.Unchanged)
}

func TestARowThatNamesARemovedGroupIsJudgedAgain(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(4), namedGroups("Sales")
	o.source.users = with(o.source.users, 1, "Groups", []string{"Sales"})
	o.sync(run.Applied)
	o.source.groups = nil
	require.Equal(t, run.ChangeCounts{GroupsRemoved: 1, MembershipsRemoved: 1}, o.sync(run.Applied).Changes)
	o.source.groups = namedGroups("Sales")
	require.Equal(t, run.ChangeCounts{GroupsAdded: 1, MembershipsAdded: 1}, o.sync(run.Applied).Changes)
	o.sync(run.Unchanged)
}
