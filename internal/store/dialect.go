package store

import (
	"context"
	"database/sql"
	"strings"
)

// dialect is what differs between databases. All other SQL is text that each of them takes: parameters as $1, true
// and false, ON CONFLICT, RETURNING.
//
// A statement that must not run beside another of its kind begins with a write to the row that both would write, or
// with a read that locks it, so that the later one waits, whether the database locks rows or the whole file.
type dialect interface {
	// isolation is that of transactions: each statement sees what was committed before it.
	isolation() *sql.TxOptions
	// lock ends a SELECT that keeps others from writing the rows it finds, until the transaction ends.
	lock(strength lockStrength) string
	// sheet collects rows that aren't there yet.
	sheet(into insertion) sheet
	// insert writes rows, given one after the other; with a key, those too that may be there. Values are string, []byte or
	// int64.
	insert(ctx context.Context, tx *transaction, in insertion, rows []any) error
	// revise changes members and says how many were at their versions.
	revise(ctx context.Context, tx *transaction, r *revision) (int64, error)
	// within is the condition that columns (one, or several separated by commas) are among keys, given one after the
	// other. Its parameters come after the first of the statement, which are before in number: it stands last.
	within(columns string, before int, keys []any) (condition string, args []any)
	// binary streams the rows of a query as the database sends them, up to one that each doesn't want; false: it has no
	// such form.
	binary(ctx context.Context, from *sql.DB, q query, each func(values [][]byte) bool) (bool, error)
	// pinsLog tells whether an open query keeps the database's log from being reused, so that it grows with every write.
	pinsLog() bool
	// refused tells an error that stands for what was to be written (a constraint, bad text) from those that pass.
	refused(err error) bool
	// taken tells, of those, one that says that a row of that key is there already.
	taken(err error) bool
	// scour overwrites, as far as it can be done at once, what the database's files still have of rows that are gone.
	scour(ctx context.Context, db *sql.DB) error
	close() error
}

// lockStrength is what a lock keeps others from.
type lockStrength string

const (
	toWrite lockStrength = "UPDATE" // locking them too
	toKeep  lockStrength = "SHARE"  // writing them
)

// insertion is a set-based write into a table. No two rows of one may have the same key.
type insertion struct {
	table   string
	columns []string
	key     []string // of the table's primary key, where rows are merged
	replace []string // columns overwritten where the key is there already; empty: that row stays as it is
}

// conflict ends an INSERT: what becomes of a row whose key is there.
func (in insertion) conflict() string {
	switch {
	case len(in.key) == 0:
		return ""
	case len(in.replace) == 0:
		return " ON CONFLICT (" + strings.Join(in.key, ",") + ") DO NOTHING"
	}
	set := make([]string, len(in.replace))
	for i, column := range in.replace {
		set[i] = column + "=excluded." + column
	}
	return " ON CONFLICT (" + strings.Join(in.key, ",") + ") DO UPDATE SET " + strings.Join(set, ",")
}

// most is how many keys a statement is given at once.
const most = 1000
