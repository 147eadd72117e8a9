package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// scoped returns a harness whose tenant counts employees in two countries.
func scoped(t *testing.T, n int) *harness {
	t.Helper()
	o := open(t)
	o.rules.Scope = roster.Scope{
		"country":     {Only: []string{"Canada", "France"}},
		"Worker Type": {Not: []string{"Contingent Worker"}},
	}
	o.source.users = people(n)
	for _, row := range o.source.users {
		row["Country"], row["Worker_Type"] = "canada", "Employee"
	}
	return o
}

// docs/rules.md, section 4: scope.
func TestScope(t *testing.T) {
	t.Parallel()
	t.Run("scope", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 6)
		o.source.users[1]["Country"] = "Germany"
		o.source.users[2]["Worker_Type"] = "contingent  worker"
		o.source.users[3]["Country"] = []string{"Germany", "FRANCE"}
		o.source.users[2]["Work_Email"] = "" // what is out of scope isn't judged
		result := o.sync(run.Applied)
		require.Equal(t, run.RowCounts{Accepted: 4, Warnings: 1, OutOfScope: 2}, result.Rows)
		require.Equal(t, run.ChangeCounts{Added: 4}, result.Changes)
		issues := o.issues(result)
		require.Len(t, issues, 1+columnsAbsent(issues))
		require.Equal(t, roster.CodeSeveralValues, issues[0].Code, "one field has one country")
		require.Equal(t, run.RowCounts{Accepted: 4, Warnings: 1, OutOfScope: 2}, o.sync(run.Unchanged).Rows)
	})
	t.Run("somebody who leaves the scope is absent", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 6)
		o.sync(run.Applied)
		o.source.users[1]["Country"] = "Germany"
		require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes)
		require.Equal(t, string(plan.OutOfScope), o.lastChange().Why)
		o.source.users[1]["Country"] = "France"
		require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes)
		o.rules.Scope = roster.Scope{"Country": {Only: []string{"Canada"}}}
		require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes, "the setting counts at once")
		o.rules.Scope = nil
		require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes)
	})
	t.Run("many who leave the scope are held", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 30)
		o.sync(run.Applied)
		o.rules.Scope = roster.Scope{"Country": {Not: []string{"Canada"}}}
		o.source.users[0]["Country"] = "France"
		require.Equal(t, 29, o.sync(run.Held).Held.Removals)
		require.Equal(t, roster.Active, o.statusOf(3))
	})
	t.Run("an empty scope cell", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 6)
		o.sync(run.Applied)
		o.source.users[1]["Country"], o.source.users[1]["City"] = "", "Oslo"
		o.source.users = append(o.source.users, worker(9))
		o.source.users[6]["Worker_Type"] = "Employee"
		result := o.sync(run.Applied)
		require.Equal(t, run.RowCounts{Accepted: 6, Rejected: 1, Warnings: 1}, result.Rows)
		require.Equal(t, "Oslo", o.members()[email(1)].Values[roster.City])
		for _, issue := range o.issues(result)[:2] {
			require.Equal(t, roster.CodeScopeEmpty, issue.Code)
			require.Contains(t, issue.Detail, `"country"`)
		}
	})
	t.Run("a scope column that is missing", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 6)
		o.sync(run.Applied)
		for _, row := range o.source.users {
			delete(row, "Worker_Type")
		}
		require.Contains(t, o.fails(fault.KindColumnMissing).Error.Detail, `"Worker Type"`)
	})
	t.Run("all out of scope", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 6)
		o.sync(run.Applied)
		o.rules.Scope = roster.Scope{"Country": {Only: []string{"Kanada"}}}
		o.fails(fault.KindAllOutOfScope)
		require.Equal(t, map[string]int{roster.Active: 6}, o.statuses())
	})
	t.Run("the same person in and out of scope", func(t *testing.T) {
		t.Parallel()
		o := scoped(t, 6)
		o.sync(run.Applied)
		second := worker(2)
		second["Country"], second["Worker_Type"] = "Germany", "Employee"
		o.source.users = append(o.source.users, second)
		result := o.sync(run.Unchanged)
		require.Equal(t, run.RowCounts{Accepted: 6, OutOfScope: 1}, result.Rows, "the row in scope is used")
	})
	t.Run("a custom attribute at WorkOS", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.from = workos.Source()
		o.rules.Scope = roster.Scope{"custom_attributes.cost_center": {Only: []string{"100"}}}
		o.source.users = people(4)
		for i, row := range o.source.users {
			row["idp_id"] = row["Employee_ID"]
			row["custom_attributes"] = map[string]any{"cost_center": 100 + i/3}
		}
		require.Equal(t, run.RowCounts{Accepted: 3, OutOfScope: 1}, o.sync(run.Applied).Rows)
	})
}
