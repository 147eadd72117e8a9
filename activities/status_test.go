package activities_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
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

func TestASyncInWhichEveryRowIsRejectedFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from  roster.Source
		field string
		value any
	}{
		"the email is hidden at Workday":   {workday.Source(), "Work_Email", "[hidden]"},
		"the last name is damaged":         {workday.Source(), "Last_Name", "D\ufffdpont"},
		"the email has no domain":          {workday.Source(), "Work_Email", "김민수"},
		"the first name is empty, WorkOS":  {workos.Source(), "First_Name", nil},
		"the email is hidden at WorkOS":    {workos.Source(), "Work_Email", "[hidden]"},
		"the level is too long, at WorkOS": {workos.Source(), "Management_Level", strings.Repeat("部", 1001)},
	} {
		for _, later := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", after a sync: ", later), func(t *testing.T) {
				t.Parallel()
				o := open(t)
				o.source.from, o.source.users = c.from, people(6)
				if c.from.ListsMembers() {
					o.source.users = each(o.source.users, rename("Employee_ID", "idp_id"))
				}
				good := o.source.users
				written := 0
				if later {
					o.sync(run.Applied)
					written = 6
				}
				// A row that is rejected for another cause has a good value, so that the column isn't missing.
				bad := each(good, func(row person) { row[c.field] = c.value })
				bad[5] = with(good, 5, "Last_Name", "")[5]
				o.source.users = bad
				o.fails(fault.KindAllRejected)
				require.Len(t, o.audit(), written, "nothing was written")

				o.source.users = with(bad, 5, "City", "Oslo")
				o.source.users[5]["Last_Name"] = "Last5"
				result := o.sync(run.Applied)
				require.Equal(t, 1, result.Rows.Accepted, "one row is enough")
				require.Equal(t, 1, result.Changes.Total())
				require.Len(t, o.members(), max(1, written))
			})
		}
	}
}

func TestAWorkOSTenantIsNeverAdvisedAboutWorkday(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.from, o.source.users = workos.Source(), each(people(14), rename("Employee_ID", "idp_id"))
	for i, broken := range []struct {
		field string
		value any
	}{
		{"Work_Email", ""},
		{"First_Name", nil},
		{"Last_Name", "\u200b"},
		{"Management_Level", ""},
		{"Management_Level", "部長?"},
		{"City", []string{"Oslo", "Rome"}},
		{"City", "Z\ufffdrich"},
		{"Work_Email", email(9)},
		{"Status", "Sabbatical"},
	} {
		o.source.users[i][broken.field] = broken.value
	}
	o.source.users[12]["Status"] = "active"
	o.source.users = append(o.source.users, nil, maps.Clone(o.source.users[13]))
	o.source.groups = []directory.Group{
		{Row: 1, Key: "g1", Name: "Équipe"},
		{Row: 2, Key: "g2", Name: ""},
		{Row: 3, Key: "g3", Name: "\u200b"},
		{Row: 4, Key: "g4", Name: "D\ufffdveloppement"},
	}
	o.source.memberships = []directory.Membership{{Group: "g1", User: "1010"}, {Group: "g1", User: "nobody"}}
	result := o.sync(run.Applied)
	seen := map[roster.Code]bool{}
	for _, issue := range o.issues(result) {
		seen[issue.Code] = true
		require.NotRegexp(t, "(?i)workday|report|polic|integration system user", issue.Detail+issue.Hint, "%s", issue.Code)
	}
	for _, code := range []roster.Code{
		roster.CodeRequiredEmpty, roster.CodeGroupNameEmpty, roster.CodeTextDamaged, roster.CodeSeveralValues,
		roster.CodeColumnAbsent, roster.CodeRowUnreadable, roster.CodeDuplicateEmail, roster.CodeIdenticalDuplicate,
	} {
		require.True(t, seen[code], "%s in %v", code, seen)
	}
}

func TestAFieldStaysWithItsColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from          roster.Source
		field         roster.Field
		column, other string
		before, after string
	}{
		"a salutation":              {workday.Source(), roster.JobTitle, "Job_Title", "Title", "Engineer", "Mr"},
		"a salutation, WorkOS":      {workos.Source(), roster.JobTitle, "job_title", "title", "엔지니어", "씨"},
		"another country at WorkOS": {workos.Source(), roster.Country, "work_country", "country", "France", "Elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.from, o.source.users = c.from, people(6)
			if c.from.ListsMembers() {
				o.source.users = each(o.source.users, rename("Employee_ID", "idp_id"))
			}
			for _, row := range o.source.users {
				row[c.column] = c.before
			}
			o.sync(run.Applied)
			for _, row := range o.source.users {
				delete(row, c.column)
				row[c.other] = c.after
			}
			for range 2 {
				result, err := o.round("Sync")
				require.NoError(t, err)
				require.Zero(t, result.Changes.Updated)
				require.Equal(t, c.before, o.members()[email(0)].Values[c.field])
				require.Contains(t, o.codes(result), roster.CodeColumnChanged)
			}
			o.rules.Fields = roster.FieldMap{c.other: {c.field}}
			require.Equal(t, run.ChangeCounts{Updated: 6}, o.sync(run.Applied).Changes)
			require.Equal(t, c.after, o.members()[email(0)].Values[c.field])
		})
	}
}
