package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// dated returns a harness whose tenant reads both dates, and a function that returns the day that is so many days away
// from today.
func dated(t *testing.T) (o *harness, day func(days int) string) {
	t.Helper()
	o = open(t)
	o.rules.Fields = roster.FieldMap{"Hire_Date": {roster.StartDate}, "Last_Day_of_Work": {roster.EndDate}}
	now := time.Now().UTC()
	start := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)
	o.later(start.Sub(now)) // noon, so that a test stays within a day
	return o, func(days int) string { return start.AddDate(0, 0, days).Format(time.DateOnly) }
}

// withDates returns n persons who are active, with dates that aren't due.
func withDates(n int, day func(int) string) []person {
	all := withStatus(n)
	for _, row := range all {
		row["Hire_Date"], row["Last_Day_of_Work"] = day(-400), day(400)
	}
	return all
}

func (o *harness) statusOf(i int) string {
	return o.members()[email(i)].Values[roster.Status]
}

// docs/rules.md, section 4: dates.
func TestDates(t *testing.T) {
	t.Parallel()
	t.Run("before start_date", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(5, day)
		o.source.users[3]["Hire_Date"] = day(2)
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Added: 4}, result.Changes)
		require.Equal(t, run.RowCounts{Accepted: 4, NotStarted: 1}, result.Rows)
		issues := o.issues(result)
		require.Len(t, issues, columnsAbsent(issues))
		require.Equal(t, run.RowCounts{Accepted: 4, NotStarted: 1}, o.sync(run.Unchanged).Rows)
		o.later(24 * time.Hour)
		require.Equal(t, run.RowCounts{Accepted: 4, NotStarted: 1}, o.sync(run.Unchanged).Rows)
		o.later(24 * time.Hour)
		require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes, "though the directory is the same")
	})
	t.Run("a date that comes due", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(5, day)
		o.sync(run.Applied)
		o.source.users[1]["Hire_Date"] = day(3)
		left := o.source.users[2]
		o.source.users = append(o.source.users[:2:2], o.source.users[3:]...)
		require.Equal(t, run.ChangeCounts{Updated: 1, Departed: 1}, o.sync(run.Applied).Changes)
		left["Hire_Date"], left["Last_Day_of_Work"] = day(2), ""
		o.source.users = append(o.source.users, left)
		require.Equal(t, run.RowCounts{Accepted: 4, NotStarted: 1}, o.sync(run.Unchanged).Rows)
		o.later(48 * time.Hour)
		require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes)
	})
	t.Run("start_date, end_date", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.rules.Dates.Lead = 3
		o.source.users = withDates(4, day)
		o.source.users[0]["Hire_Date"], o.source.users[1]["Hire_Date"] = day(3), day(4)
		require.Equal(t, run.RowCounts{Accepted: 3, NotStarted: 1}, o.sync(run.Applied).Rows)
		o.rules.Dates.Zone = "Pacific/Kiritimati" // 14 hours ahead, so it is tomorrow there
		require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes)
	})
	t.Run("after end_date", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(5, day)
		o.source.users[1]["Last_Day_of_Work"] = day(1) + "-08:00"
		o.source.users[2]["Last_Day_of_Work"] = day(-3)
		o.source.users[3]["Last_Day_of_Work"], o.source.users[3]["Hire_Date"] = day(-30), day(-20) // came back
		result := o.sync(run.Applied)
		require.Equal(t, run.RowCounts{Accepted: 4, Departed: 1}, result.Rows)
		require.Equal(t, day(1), o.members()[email(1)].Values[roster.EndDate])
		o.later(24 * time.Hour)
		o.sync(run.Unchanged)
		o.later(24 * time.Hour)
		require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes, "though the directory is the same")
		require.Equal(t, string(plan.RowDeparted), o.lastChange().Why)
		require.Equal(t, roster.Departed, o.statusOf(1))
		o.sync(run.Unchanged)
	})
	t.Run("a row that says active, and an end_date passed over 7 days ago", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(6, day)
		o.sync(run.Applied)
		o.source.users[1]["Last_Day_of_Work"], o.source.users[1]["City"] = day(-8), "Oslo"
		o.source.users[2]["Last_Day_of_Work"] = day(-7)
		o.source.users[3]["Last_Day_of_Work"], o.source.users[3]["Status"] = day(-8), ""
		o.source.users = append(o.source.users, worker(9))
		o.source.users[6]["Status"], o.source.users[6]["Last_Day_of_Work"] = "Active", day(-9)
		result := o.sync(run.Applied)
		require.Equal(t, run.RowCounts{Accepted: 3, Rejected: 2, Departed: 2}, result.Rows)
		require.Equal(t, run.ChangeCounts{Departed: 2}, result.Changes)
		require.Equal(t, roster.Active, o.statusOf(1))
		require.Equal(t, "Toronto", o.members()[email(1)].Values[roster.City], "the member stays unchanged")
		require.Equal(t, roster.CodeDateConflict, o.issues(result)[0].Code)
	})
	t.Run("a date that doesn't parse", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(4, day)
		o.sync(run.Applied)
		o.source.users[1]["Last_Day_of_Work"], o.source.users[1]["City"] = "30/11/2026", "Oslo"
		o.source.users = append(o.source.users, worker(9))
		o.source.users[4]["Hire_Date"] = "soon"
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes, "the rest of a member's row is used")
		require.Equal(t, run.RowCounts{Accepted: 4, Rejected: 1, Warnings: 1}, result.Rows)
		require.Equal(t, "Oslo", o.members()[email(1)].Values[roster.City])
		require.Equal(t, day(400), o.members()[email(1)].Values[roster.EndDate])
		issues := o.issues(result)
		require.Equal(t, roster.CodeDateInvalid, issues[0].Code)
		require.Equal(t, roster.CodeDateInvalid, issues[1].Code)
	})
	t.Run("a column of dates that is missing", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(4, day)
		o.sync(run.Applied)
		for _, row := range o.source.users {
			delete(row, "Last_Day_of_Work")
		}
		o.fails(fault.KindColumnMissing)
		o.rules.Fields = roster.FieldMap{"Hire_Date": {roster.StartDate}}
		o.sync(run.Unchanged)
	})
	t.Run("no row makes anybody present", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.users = withDates(4, day)
		o.sync(run.Applied)
		for _, row := range o.source.users {
			row["Employee_ID"], row["Work_Email"] = row["Employee_ID"].(string)+"9", "x"+row["Work_Email"].(string)
			row["First_Name"], row["Hire_Date"] = "New", day(9)
		}
		o.fails(fault.KindNoneStarted)
		require.Len(t, o.members(), 4)
	})
	t.Run("custom attributes at WorkOS", func(t *testing.T) {
		t.Parallel()
		o, day := dated(t)
		o.source.from = workos.Source()
		o.rules.Fields = roster.FieldMap{"custom_attributes.hire_date": {roster.StartDate}}
		o.source.users = withStatus(4)
		for i, row := range o.source.users {
			row["custom_attributes"] = map[string]any{"hire_date": day(i - 2)}
			row["idp_id"] = row["Employee_ID"]
		}
		require.Equal(t, run.RowCounts{Accepted: 3, NotStarted: 1}, o.sync(run.Applied).Rows)
		o.later(24 * time.Hour)
		require.Equal(t, run.ChangeCounts{Added: 1}, o.sync(run.Applied).Changes)
	})
}
