package activities_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// codes returns the codes of the issues, without those of missing columns.
func codes(issues []roster.Issue) (codes []roster.Code) {
	for _, issue := range issues {
		if issue.Code != roster.CodeColumnAbsent {
			codes = append(codes, issue.Code)
		}
	}
	return codes
}

// unread makes the rows of these people unreadable: person(nil) is null.
func unread(all []person, rows ...int) []person {
	all = slices.Clone(all)
	for _, i := range rows {
		all[i] = nil
	}
	return all
}

// docs/rules.md section 6, "Sources".
func TestSources(t *testing.T) {
	t.Parallel()
	t.Run("a row that is null, not an object, or over the limit", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		all := withStatus(8)
		o.source.users = all
		o.sync(run.Applied)
		one, two := roster.CodeRowUnreadable, roster.CodeAbsenceUnclear

		o.source.users = unread(all, 3)
		for range 2 {
			result := o.sync(run.Unchanged)
			require.Equal(t, run.RowCounts{Accepted: 7, Rejected: 1}, result.Rows)
			require.ElementsMatch(t, []roster.Code{one, two}, codes(o.issues(result)))
		}

		// The rest is used, nobody is absent, and who has left by their own row departs.
		others := with(with(without(all, 7), 5, "City", "Oslo"), 6, "Status", "Terminated")
		o.source.users = append(unread(others, 3), worker(8))
		o.source.users[7]["Status"] = "Active"
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 1, Departed: 1}, result.Changes)
		require.Equal(t, run.RowCounts{Accepted: 6, Rejected: 1, Departed: 1}, result.Rows)
		unclear := slices.IndexFunc(o.issues(result), func(i roster.Issue) bool { return i.Code == two })
		require.Contains(t, o.issues(result)[unclear].Detail, ": 2", "members 3 and 7")
		require.Len(t, o.members(), 9)

		// Nobody gets the email of somebody who may be there.
		taker := worker(9)
		taker["Work_Email"], taker["Status"] = email(7), "Active"
		now := o.source.users
		o.source.users = append(slices.Clone(now), taker)
		result = o.sync(run.Unchanged)
		require.ElementsMatch(t, []roster.Code{one, two, roster.CodeEmailOfRejectedRow}, codes(o.issues(result)))

		// Nor is a departed member deleted, who may be back.
		o.rules.Grace = 0
		o.source.users = without(now, 6)
		o.sync(run.Unchanged)
		require.Len(t, o.members(), 9)

		// Once all rows can be read, the absent members go.
		o.source.users = without(o.source.users, 3)
		require.Equal(t, run.ChangeCounts{Deleted: 3}, o.sync(run.Applied).Changes)
	})
	t.Run("the same in a directory whose groups list their members", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.from = workos.Source()
		all := people(6)
		for _, row := range all {
			row["idp_id"] = row["Employee_ID"]
			delete(row, "Employee_ID")
		}
		o.source.users = all
		o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "A"}}
		for i := range all {
			o.source.memberships = append(o.source.memberships, directory.Membership{Group: "g1", User: all[i]["idp_id"].(string)})
		}
		o.sync(run.Applied)
		o.source.users = unread(without(all, 5), 2)
		require.Equal(t, run.RowCounts{Accepted: 4, Rejected: 1}, o.sync(run.Unchanged).Rows)
		o.source.users = without(without(all, 5), 2)
		require.Equal(t, 2, o.sync(run.Applied).Changes.Departed)
	})
	t.Run("only rows that can't be read, or a sentinel that none of the others names", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = people(4)
		o.sync(run.Applied)
		o.source.users = unread(people(4), 0, 1, 2, 3)
		o.fails(fault.KindColumnMissing)
		o.rules.Sentinels = []roster.PersonRef{{Email: roster.Key(email(1))}}
		o.source.users = unread(people(4), 1)
		o.fails(fault.KindSentinelMissing)
	})
}
