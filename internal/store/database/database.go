package database

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
)

// ApplicationID is what the first migration writes into the file's header: "Roll".
const ApplicationID = 1383033964

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

// DB is an open database: how it is written to and read, and its dialect. It is safe for concurrent use, also beside other
// processes that have the same one open.
type DB struct {
	Write   *sql.DB     // for transactions
	Read    Connections // for all that only reads; without a limit on connections, as an iterator keeps one until it ends
	Dialect Dialect
}

// Close closes the database; what is being read or written meanwhile fails.
func (db *DB) Close() error {
	return errors.Join(db.Dialect.Close(), db.Read.Close(), db.Write.Close())
}

// Query is a statement that reads: what names it in errors.
type Query struct {
	What string
	Text string
	Args []any
}

// Stream reads one T a row. The rows are closed when the loop over them ends, however it ends.
func Stream[T any](ctx context.Context, from Querier, q Query, scan func(*sql.Rows) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := from.QueryContext(ctx, q.Text, q.Args...)
		if err != nil {
			yield(none, fmt.Errorf("%s: %w", q.What, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := scan(rows)
			if err != nil {
				yield(none, fmt.Errorf("%s: %w", q.What, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("%s: %w", q.What, Unavailable(err)))
		}
	}
}

// StreamBinary is stream for what is read by the million: where the database has a binary form, decode reads that.
func StreamBinary[T any](ctx context.Context, db *DB, q Query, f RowDecoder[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		more := true
		supported, err := db.Dialect.Binary(ctx, db.Read.DB, q, func(values [][]byte) bool {
			more = yield(f.Decode(values), nil)
			return more
		})
		switch {
		case err != nil && more:
			yield(none, fmt.Errorf("%s: %w", q.What, Unavailable(err)))
		case !supported:
			Stream(ctx, db.Read, q, f.Scan)(yield)
		}
	}
}

// Form is how a T is read from a row, by either way. values, and what scan reads as sql.RawBytes, are valid until the next row.
type RowDecoder[T any] struct {
	Scan   func(*sql.Rows) (T, error)
	Decode func(values [][]byte) T
}

// Collect gathers what a stream gives, up to its first error.
func Collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// Located names what was looked for in err; a row that isn't there is ErrNotFound.
func WrapNotFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Querier is connections or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) Scanner
}

// Scanner is a row or a *sql.Rows.
type Scanner interface{ Scan(into ...any) error }

// Affected is how many rows a statement wrote.
func Affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Micros is how the database keeps a time; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Moment is the time that micros made n of.
func FromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// atMost is a LIMIT; 0 is none.
func Limit(limit int) int64 {
	if limit <= 0 {
		return math.MaxInt64
	}
	return int64(limit)
}

// BigInt reads a bigint in PostgreSQL's binary format.
func BigInt(value []byte) uint64 { return binary.BigEndian.Uint64(value) }
