// Package store keeps what must outlive a process: tenants, members, groups and memberships; runs and the rows on
// their way through one; the ledger of applied batches and the audit.
//
// Three promises hold it together. Each public method is one transaction, or one statement for what it streams. What
// an activity does twice has the effect of once: a run is known by its execution, a chunk by its number, a batch by its
// mark in the ledger, which is written together with the members and the audit. And who is late is refused with
// ErrSuperseded: an older attempt at a stage, an older generation's plan.
//
// All SQL is the same text for every database; what differs stands in one dialect. Package storetest holds the tests
// that each database must pass.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
)

// OpenError says why a database can't be used, and what to do about it. It holds no credentials.
type OpenError struct {
	Detail string
	Hint   string
	Err    error // what the database said; may be nil
}

// Error is the detail, what the database said, and the hint.
func (e *OpenError) Error() string {
	if e.Err == nil {
		return e.Detail + ": " + e.Hint
	}
	return fmt.Sprintf("%s (%v): %s", e.Detail, e.Err, e.Hint)
}

// Unwrap returns what the database said.
func (e *OpenError) Unwrap() error { return e.Err }

// Store is an open database. It is safe for concurrent use, also beside other processes that have the same one open.
type Store struct {
	write   *sql.DB     // for transactions
	read    connections // for all that only reads; without a limit on connections, as an iterator keeps one until it ends
	dialect dialect
}

// Open opens the database at databaseURL, creates it if there is none (sqlite:///path), and brings its schema up to date
// (postgres://user@host/database too, which must be there). An *OpenError says what to do when that can't be.
func Open(ctx context.Context, databaseURL string) (*Store, error) {
	scheme, rest, ok := strings.Cut(databaseURL, "://")
	switch {
	case scheme == "sqlite" && strings.HasPrefix(rest, "/"):
		return openSQLite(ctx, rest)
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return openPostgres(ctx, databaseURL)
	case !ok:
		scheme = "" // what stands there instead may be a password
	}
	return nil, &OpenError{
		Detail: fmt.Sprintf("no database can be opened by a URL of scheme %q", scheme),
		Hint: "set ROLLCALL_DATABASE_URL to sqlite:// and an absolute path, as sqlite:///var/lib/rollcall/rollcall.db, " +
			"or to postgres://user@host/database",
	}
}

// Close closes the database; what is being read or written meanwhile fails.
func (s *Store) Close() error {
	return errors.Join(s.dialect.close(), s.read.Close(), s.write.Close())
}

// query is a statement that reads: what names it in errors.
type query struct {
	what string
	text string
	args []any
}

// stream reads one T a row. The rows are closed when the loop over them ends, however it ends.
func stream[T any](ctx context.Context, from querier, q query, scan func(*sql.Rows) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := from.QueryContext(ctx, q.text, q.args...)
		if err != nil {
			yield(none, fmt.Errorf("%s: %w", q.what, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := scan(rows)
			if err != nil {
				yield(none, fmt.Errorf("%s: %w", q.what, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("%s: %w", q.what, unavailable(err)))
		}
	}
}

// streamBinary is stream for what is read by the million: where the database has a binary form, decode reads that.
func streamBinary[T any](ctx context.Context, s *Store, q query, f form[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		wanted := true
		known, err := s.dialect.binary(ctx, s.read.DB, q, func(values [][]byte) bool {
			wanted = yield(f.decode(values), nil)
			return wanted
		})
		switch {
		case err != nil && wanted:
			yield(none, fmt.Errorf("%s: %w", q.what, unavailable(err)))
		case !known:
			stream(ctx, s.read, q, f.scan)(yield)
		}
	}
}

// form is how a T is read from a row, by either way. values, and what scan reads as sql.RawBytes, are valid until the next row.
type form[T any] struct {
	scan   func(*sql.Rows) (T, error)
	decode func(values [][]byte) T
}

// collect gathers what a stream gives, up to its first error.
func collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// located names what was looked for in err; a row that isn't there is ErrNotFound.
func located(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// querier is connections or a transaction.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) scanner
}

// scanner is a row or a *sql.Rows.
type scanner interface{ Scan(into ...any) error }

// affected is how many rows a statement wrote.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// micros is how the database keeps a time; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the time that micros made n of.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// atMost is a LIMIT; 0 is none.
func atMost(limit int) int64 {
	if limit <= 0 {
		return math.MaxInt64
	}
	return int64(limit)
}
