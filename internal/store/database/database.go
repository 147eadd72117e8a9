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

// ApplicationID marks a SQLite file as a Rollcall database. The first migration writes it into the file's header. It is
// "Roll" in ASCII.
const ApplicationID = 1383033964

// OpenError says why a database can't be used, and what to do about it. It holds no credentials.
type OpenError struct {
	Detail string
	Hint   string
	Err    error // what the database said; may be nil
}

// Error returns the detail, the database's own error if there is one, and the hint.
func (e *OpenError) Error() string {
	if e.Err == nil {
		return e.Detail + ": " + e.Hint
	}
	return fmt.Sprintf("%s (%v): %s", e.Detail, e.Err, e.Hint)
}

// Unwrap returns the database's own error, or nil.
func (e *OpenError) Unwrap() error { return e.Err }

// DB is an open database. It is safe for concurrent use, also by several processes that have the same database open.
type DB struct {
	Write   *sql.DB     // for transactions
	Read    Connections // for reads; not limited in number, because an iterator keeps its connection until it ends
	Dialect Dialect
}

// Close closes the database. Reads and writes under way fail.
func (db *DB) Close() error {
	return errors.Join(db.Dialect.Close(), db.Read.Close(), db.Write.Close())
}

// Query is a SELECT statement. What names it in errors.
type Query struct {
	What string
	Text string
	Args []any
}

// Stream yields one T for each row. It closes the rows when the loop ends, however it ends.
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

// StreamBinary is Stream for large results. If the database has a binary format, f.Decode reads it; otherwise f.Scan
// reads the rows.
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

// RowDecoder reads a T from a row, in either of two ways. The byte slices that Decode gets are valid until the next
// row. So is what Scan reads as sql.RawBytes.
type RowDecoder[T any] struct {
	Scan   func(*sql.Rows) (T, error)
	Decode func(values [][]byte) T
}

// Collect returns all rows of a stream, or the stream's first error.
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

// WrapNotFound adds what was looked up to err. It turns sql.ErrNoRows into ledger.ErrNotFound, and nil into nil.
func WrapNotFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Querier runs queries. It is either Connections or a Tx.
type Querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) Scanner
}

// Scanner is a single row or a *sql.Rows.
type Scanner interface{ Scan(into ...any) error }

// Affected returns the number of rows that a statement wrote.
func Affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Micros returns a time as the database stores it: in microseconds since 1970. The zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros. The time is in UTC.
func FromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// Limit returns the argument of a LIMIT. A limit of 0 or less means no limit.
func Limit(limit int) int64 {
	if limit <= 0 {
		return math.MaxInt64
	}
	return int64(limit)
}

// BigInt reads a bigint in PostgreSQL's binary format.
func BigInt(value []byte) uint64 { return binary.BigEndian.Uint64(value) }
