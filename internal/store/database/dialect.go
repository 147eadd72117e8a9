package database

import (
	"context"
	"database/sql"
	"strings"
)

// Dialect is what differs between databases. All other SQL is text that each of them takes: parameters as $1, true and
// false, ON CONFLICT, RETURNING.
//
// Some statements must not run beside another of their kind. Such a transaction begins with a write to a row that both
// write, or with a read that locks it. Then the later transaction waits, whether the database locks rows or the whole
// file.
type Dialect interface {
	// Isolation returns the options of transactions. Each statement must see what was committed before it.
	Isolation() *sql.TxOptions
	// Lock returns the end of a SELECT that locks the rows it finds until the transaction ends.
	Lock(strength LockStrength) string
	// Rows returns an empty collection of rows to insert, none of which may exist yet.
	Rows(into Insertion) Rows
	// Insert writes rows, whose values follow each other in rows. With a key, some rows may exist already. Values are
	// string, []byte or int64.
	Insert(ctx context.Context, tx *Tx, in Insertion, rows []any) error
	// Revise changes members, and returns how many of them were at the expected versions.
	Revise(ctx context.Context, tx *Tx, r *Revision) (int64, error)
	// Within returns the condition that columns are among keys. Several columns are separated by commas, and the values
	// of each key follow each other. The condition stands last in its statement, after before other parameters.
	Within(columns string, before int, keys []any) (condition string, args []any)
	// Binary calls each with the rows of a query in the database's binary format, until each returns false. It returns
	// false, and does nothing, if the database has no such format.
	Binary(ctx context.Context, from *sql.DB, q Query, each func(values [][]byte) bool) (bool, error)
	// Refused reports whether the database refused the data itself, by a constraint or because of bad text. Such an
	// error stays; all others may pass.
	Refused(err error) bool
	// Duplicate reports whether an error for which Refused is true says that the key exists already.
	Duplicate(err error) bool
	// LargestValue returns the length in bytes up to which a value is stored well in one row.
	LargestValue() int
	// Overwrite overwrites what the database's files still hold of deleted rows, as far as that can be done at once.
	Overwrite(ctx context.Context, db *sql.DB) error
	// Close releases what the dialect holds, such as prepared statements.
	Close() error
}

// LockStrength says what a lock keeps other transactions from.
type LockStrength string

// The strengths of locks.
const (
	ForUpdate LockStrength = "UPDATE" // others can neither lock nor write the rows
	ForShare  LockStrength = "SHARE"  // others can't write the rows
)

// Insertion is an insert of many rows into one table. No two of its rows may have the same key.
type Insertion struct {
	Table   string
	Columns []string
	Key     []string // columns of the primary key, if rows may exist already; empty: an existing row is an error
	Replace []string // columns to overwrite in an existing row; empty: it stays unchanged
}

// Conflict returns the end of the INSERT, which says what happens to a row whose key exists.
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

// MaxKeys is the largest number of keys that one statement gets.
const MaxKeys = 1000
