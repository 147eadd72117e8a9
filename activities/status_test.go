package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// withStatus returns n persons who are active.
func withStatus(n int) []person {
	all := people(n)
	for _, row := range all {
		row["Status"] = "Active"
	}
	return all
}

// words returns the words that a run counted, as a report lists them.
func (o *harness) words(result run.Result) []roster.WordCount {
	o.t.Helper()
	kept, err := o.kept.Run(o.t.Context(), acme, mustID(o.t, result.Run))
	require.NoError(o.t, err)
	words, err := stage.NewRun(o.kept, kept).Words(o.t.Context())
	require.NoError(o.t, err)
	return words
}

func (o *harness) lastChange() ledger.AuditRow {
	o.t.Helper()
	audit := o.audit()
	return audit[len(audit)-1]
}

func TestWhoseRowSaysSoDepartsAndReturns(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(6)
	o.sync(run.Applied)
	left := o.source.users[2]
	left["Status"], left["Work_Email"], left["Management_Level"] = "Terminated", "", ""
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Departed: 1}, result.Changes)
	require.Equal(t, run.RowCounts{Accepted: 5, Departed: 1}, result.Rows)
	issues := o.issues(result)
	require.Len(t, issues, columnsAbsent(issues), "the rest of the row doesn't matter")
	require.Equal(t, string(plan.RowDeparted), o.lastChange().Why)
	require.Equal(t, []roster.WordCount{
		{Field: "status", Word: "Active", Rows: 5, Meaning: roster.Active},
		{Field: "status", Word: "Terminated", Rows: 1, Meaning: roster.Departed},
	}, o.words(result)[:2], "known rows are counted too")
	require.Equal(t, run.RowCounts{Accepted: 5, Departed: 1}, o.sync(run.Unchanged).Rows)

	left["Status"], left["Work_Email"], left["Management_Level"] = "Active", email(2), "Manager"
	require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes)
	o.source.users = append(o.source.users[:2], o.source.users[3:]...)
	require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, string(plan.Absent), o.lastChange().Why)
}

func TestWithoutGraceWhoseRowSaysSoIsDeleted(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.rules.Grace = 0
	o.source.users = withStatus(6)
	o.sync(run.Applied)
	o.source.users[2]["Status"] = "Retired"
	require.Equal(t, run.ChangeCounts{Deleted: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, string(plan.RowDeparted), o.lastChange().Why)
	require.Len(t, o.members(), 5)
}

func TestNobodyNewIsAddedByARowThatSaysDepartedOrNothingClear(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(6)
	o.source.users[1]["Status"], o.source.users[2]["Status"], o.source.users[3]["Status"] = "Resigned", "Sabbatical", ""
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Added: 4}, result.Changes)
	require.Equal(t, run.RowCounts{Accepted: 4, Rejected: 1, Departed: 1}, result.Rows)
	issues := o.issues(result)
	require.Len(t, issues, 1+columnsAbsent(issues))
	require.Equal(t, roster.CodeStatusUnknown, issues[0].Code)
	require.Equal(t, roster.Rejected, issues[0].Severity)
	require.Contains(t, o.words(result), roster.WordCount{Field: "status", Word: "Sabbatical", Rows: 1})

	o.rules.Statuses = roster.Words{"sabbatical": roster.Inactive}
	require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, roster.Inactive, o.members()[email(2)].Values[roster.Status])
}

// columnsAbsent counts the issues about columns that the report lacks.
func columnsAbsent(issues []roster.Issue) (count int) {
	for _, issue := range issues {
		if issue.Code == roster.CodeColumnAbsent {
			count++
		}
	}
	return count
}

func TestAnUnknownStatusKeepsAMemberAndReturnsNobody(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(6)
	o.source.users[4]["Status"] = "On leave"
	o.sync(run.Applied)
	o.source.users[5]["Status"] = "Terminated"
	o.sync(run.Applied)
	for _, i := range []int{3, 4, 5} {
		o.source.users[i]["Status"], o.source.users[i]["City"] = "Sabbatical", "Oslo"
	}
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Updated: 2}, result.Changes, "the rest of a member's row is used")
	require.Equal(t, run.RowCounts{Accepted: 5, Rejected: 1, Warnings: 2}, result.Rows)
	require.Equal(t, roster.Active, o.members()[email(3)].Values[roster.Status])
	require.Equal(t, roster.Inactive, o.members()[email(4)].Values[roster.Status])
	require.Equal(t, roster.Departed, o.members()[email(5)].Values[roster.Status])
	result = o.sync(run.Unchanged)
	require.Equal(t, run.RowCounts{Accepted: 5, Rejected: 1, Warnings: 2}, result.Rows, "they are listed in every sync")
	require.Contains(t, o.words(result), roster.WordCount{Field: "status", Word: "Sabbatical", Rows: 3})
}

func TestManyRowsThatSayDepartedAreHeld(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(30)
	o.sync(run.Applied)
	for i := range 12 {
		o.source.users[i]["Status"] = "Terminated"
	}
	result, err := o.round("Sync")
	require.NoError(t, err)
	require.Equal(t, 12, result.Held.Removals)
	require.Len(t, o.members(), 30)
	require.Equal(t, roster.Active, o.members()[email(0)].Values[roster.Status])
}

func TestAStatusColumnThatWasReadIsRequired(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(6)
	o.sync(run.Applied)
	for _, row := range o.source.users {
		row["Worker_Status"] = row["Status"]
		delete(row, "Status")
	}
	failed := o.fails(fault.KindColumnMissing)
	require.Contains(t, failed.Error.Detail, `status (last read from "Status"`)
	require.Contains(t, failed.Error.Hint, "`Worker_Status: status`")
	require.Len(t, o.audit(), 6, "nothing was written")
	o.fails(fault.KindColumnMissing)
	o.rules.Fields = roster.FieldMap{"Worker_Status": {roster.Status}}
	o.sync(run.Unchanged)
	o.rules.Fields = nil
	o.sync(run.Unchanged)
}

func TestASyncWithoutAnybodyPresentFails(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(6)
	for _, row := range o.source.users {
		row["Status"] = "Terminated"
	}
	o.fails(fault.KindAllDeparted)
	o.source.users = withStatus(6)
	o.sync(run.Applied)
	for _, row := range o.source.users {
		row["Status"] = "Terminated"
	}
	o.fails(fault.KindAllDeparted)
	o.source.users[0]["Status"], o.source.users[0]["Last_Name"] = "Active", ""
	failed := o.fails(fault.KindAllRejected)
	require.Equal(t, roster.CodeRequiredEmpty, o.issues(failed)[0].Code, "the report lists why")
	for _, row := range o.source.users {
		row["Status"], row["Work_Email"] = "Active", "[hidden]"
	}
	o.fails(fault.KindAllRejected)
	require.Len(t, o.audit(), 6, "nothing was written")
}

func TestAFieldStaysWithItsColumn(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	for _, row := range o.source.users {
		row["Job_Title"], row["Title"] = "Engineer", "Mr"
	}
	o.sync(run.Applied)
	for _, row := range o.source.users {
		delete(row, "Job_Title")
	}
	for range 2 {
		result, err := o.round("Sync")
		require.NoError(t, err)
		require.Zero(t, result.Changes.Updated)
		require.Equal(t, "Engineer", o.members()[email(0)].Values[roster.JobTitle])
		require.Equal(t, roster.CodeColumnChanged, o.issues(result)[0].Code)
	}
	o.rules.Fields = roster.FieldMap{"Title": {roster.JobTitle}}
	require.Equal(t, run.ChangeCounts{Updated: 6}, o.sync(run.Applied).Changes)
	require.Equal(t, "Mr", o.members()[email(0)].Values[roster.JobTitle])
}
