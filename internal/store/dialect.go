package store

import (
	"context"
	"database/sql"
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
	// insert writes rows, given one after the other, in as few statements as is fastest. Values are nil, string, []byte,
	// int64, or a *string into what stays as it is meanwhile.
	insert(ctx context.Context, tx *transaction, in insertion, rows []any) error
	// within is the condition that columns (one, or several separated by commas) are among keys, given one after the
	// other. Its parameters come after the first of the statement, which are before in number: it stands last.
	within(columns string, before int, keys []any) (condition string, args []any)
	// binary streams the rows of a query as the database sends them, up to one that each doesn't want; false: it has no
	// such form.
	binary(ctx context.Context, from *sql.DB, q query, each func(values [][]byte) bool) (bool, error)
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
	key     []string // of the table's primary key; empty: a row that is there already is an error
	replace []string // columns overwritten where the key is there already; empty: that row stays as it is
	there   bool     // all rows are there, locked, and of one tenant
}

// most is how many keys a statement is given at once.
const most = 1000
