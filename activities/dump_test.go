package activities_test

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
)

// content returns all rows of the database as text, by table.
func (o *harness) content() map[string][]string {
	o.t.Helper()
	db, err := sql.Open("sqlite", o.path)
	require.NoError(o.t, err)
	defer db.Close()
	names, err := db.QueryContext(o.t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table'")
	require.NoError(o.t, err)
	defer names.Close()
	tables := map[string][]string{}
	for names.Next() {
		var name string
		require.NoError(o.t, names.Scan(&name))
		tables[name] = nil
	}
	require.NoError(o.t, names.Err())
	for name := range tables {
		tables[name] = o.table(db, name)
	}
	return tables
}

func (o *harness) table(db *sql.DB, name string) (found []string) {
	o.t.Helper()
	rows, err := db.QueryContext(o.t.Context(), `SELECT * FROM "`+name+`"`)
	require.NoError(o.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(o.t, err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(o.t, rows.Scan(into...))
		found = append(found, fmt.Sprintf("%v", values))
	}
	require.NoError(o.t, rows.Err())
	slices.Sort(found)
	return found
}

// requireUntouched requires that since before only the run's own record and its alerts were written.
func (o *harness) requireUntouched(before map[string][]string) {
	o.t.Helper()
	after := o.content()
	own := map[string]bool{
		"runs": true, "stages": true, "chunks": true, "states": true, "conditions": true,
		"alerts": true,
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if !own[name] {
			require.Equal(o.t, before[name], after[name], "table %s", name)
		}
	}
	require.Len(o.t, after["runs"], len(before["runs"])+1)
}

func TestAnUnchangedSyncWritesNothingButItsOwnRecord(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(9), namedGroups("Sales", "Ops")
	o.source.users = with(o.source.users, 2, "Groups", []string{"Sales", "Ops"})
	o.sync(run.Applied)
	for range 2 {
		before := o.content()
		require.NotEmpty(t, before["members"])
		o.sync(run.Unchanged)
		o.requireUntouched(before)
	}
}

func TestTheOrderOfRowsMeansNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(9), namedGroups("Sales", "Ops", "Legal")
	o.source.users = with(o.source.users, 2, "Groups", []string{"Sales", "Ops"})
	o.sync(run.Applied)
	before := o.content()
	slices.Reverse(o.source.users)
	o.source.groups = namedGroups("Legal", "Ops", "Sales")
	o.sync(run.Unchanged)
	o.requireUntouched(before)
}
