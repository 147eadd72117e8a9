package database

import (
	"context"
	"database/sql"
	"strings"
)

// Dialect is what differs between databases. All other SQL is text that each of them takes: parameters as $1, true
// and false, ON CONFLICT, RETURNING.
//
// A statement that must not run beside another of its kind begins with a write to the row that both would write, or
// with a read that locks it, so that the later one waits, whether the database locks rows or the whole file.
type Dialect interface {
	// Isolation is that of transactions: each statement sees what was committed before it.
	Isolation() *sql.TxOptions
	// Lock ends a SELECT that keeps others from writing the rows it finds, until the transaction ends.
	Lock(strength LockStrength) string
	// sheet collects rows that aren't there yet.
	Rows(into Insertion) Rows
	// Insert writes rows, given one after the other; with a key, those too that may be there. Values are string, []byte or
	// int64.
	Insert(ctx context.Context, tx *Tx, in Insertion, rows []any) error
	// Revise changes members and says how many were at their versions.
	Revise(ctx context.Context, tx *Tx, r *Revision) (int64, error)
	// Within is the condition that columns (one, or several separated by commas) are among keys, given one after the
	// other. Its parameters come after the first of the statement, which are before in number: it stands last.
	Within(columns string, before int, keys []any) (condition string, args []any)
	// Binary streams the rows of a query as the database sends them, up to one that each doesn't want; false: it has no
	// such form.
	Binary(ctx context.Context, from *sql.DB, q Query, each func(values [][]byte) bool) (bool, error)
	// Refused tells an error that stands for what was to be written (a constraint, bad text) from those that pass.
	Refused(err error) bool
	// Taken tells, of those, one that says that a row of that key is there already.
	Duplicate(err error) bool
	// scour overwrites, as far as it can be done at once, what the database's files still have of rows that are gone.
	Overwrite(ctx context.Context, db *sql.DB) error
	Close() error
}

// LockStrength is what a lock keeps others from.
type LockStrength string

const (
	ForUpdate LockStrength = "UPDATE" // locking them too
	ForShare  LockStrength = "SHARE"  // writing them
)

// Insertion is a set-based write into a table. No two rows of one may have the same key.
type Insertion struct {
	Table   string
	Columns []string
	Key     []string // of the table's primary key, where rows are merged
	Replace []string // columns overwritten where the key is there already; empty: that row stays as it is
}

// Conflict ends an INSERT: what becomes of a row whose key is there.
func (in Insertion) Conflict() string {
	switch {
	case len(in.Key) == 0:
		return ""
	case len(in.Replace) == 0:
		return " ON CONFLICT (" + strings.Join(in.Key, ",") + ") DO NOTHING"
	}
	set := make([]string, len(in.Replace))
	for i, column := range in.Replace {
		set[i] = column + "=excluded." + column
	}
	return " ON CONFLICT (" + strings.Join(in.Key, ",") + ") DO UPDATE SET " + strings.Join(set, ",")
}

// most is how many keys a statement is given at once.
const MaxKeys = 1000
