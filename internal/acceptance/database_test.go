package acceptance_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver of the worker's own file
)

// database opens the worker's database file.
func (w *world) database() *sql.DB {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.home, "rollcall.db")+"?_pragma=busy_timeout(30000)")
	require.NoError(w, err)
	db.SetMaxOpenConns(1)
	w.Cleanup(func() { db.Close() })
	return db
}

// edit changes the database by a statement.
func (w *world) edit(statement string, args ...any) {
	w.Helper()
	_, err := w.database().Exec(statement, args...)
	require.NoError(w, err)
}

// content returns every row of every table as text, by table.
func (w *world) content() map[string][]string {
	w.Helper()
	db := w.database()
	tables := map[string][]string{}
	for _, name := range column(w, db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
		tables[name] = column(w, db, `SELECT * FROM "`+name+`"`)
		slices.Sort(tables[name])
	}
	return tables
}

// column returns each row of a query as one text.
func column(w *world, db *sql.DB, query string) (found []string) {
	w.Helper()
	rows, err := db.Query(query)
	require.NoError(w, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(w, err)
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(w, rows.Scan(into...))
		text := fmt.Sprintf("%v", values)
		if len(values) == 1 {
			text = fmt.Sprint(values[0])
		}
		found = append(found, text)
	}
	require.NoError(w, rows.Err())
	return found
}

// lock blocks every other writer of the database until unlock is called.
func (w *world) lock() (unlock func()) {
	w.Helper()
	connection, err := w.database().Conn(context.Background())
	require.NoError(w, err)
	_, err = connection.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	require.NoError(w, err)
	return func() {
		_, err := connection.ExecContext(context.Background(), "ROLLBACK")
		require.NoError(w, err)
		require.NoError(w, connection.Close())
	}
}

// refuseBatches makes the database refuse every batch after a number of them until allow is called. So a sync stays in
// the middle of its apply step.
func (w *world) refuseBatches(after int) (allow func()) {
	w.Helper()
	w.edit(fmt.Sprintf(`CREATE TRIGGER refuse BEFORE INSERT ON batches WHEN (SELECT count(*) FROM batches) >= %d
		BEGIN SELECT RAISE(ABORT, 'refused by a test'); END`, after))
	return func() { w.edit("DROP TRIGGER refuse") }
}

// waitForBatches waits until a number of batches were applied.
func (w *world) waitForBatches(batches int) {
	w.Helper()
	db := w.database()
	w.eventually(func() bool {
		var count int
		require.NoError(w, db.QueryRow("SELECT count(*) FROM batches").Scan(&count))
		return count >= batches
	}, "the batches were never applied")
}
