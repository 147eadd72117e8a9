package database

import (
	"context"
	"database/sql"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Among is a query for the rows whose column is one of the given ids. Its text ends where the condition on that column
// goes.
type Among struct {
	Query
	Column string
	Order  string // columns of ORDER BY; the first must be Column
	IDs    []uuid.UUID
}

// StreamAmong streams the rows of a query for any number of ids, in the query's order. It sends the ids in chunks of
// MaxKeys.
func StreamAmong[T any](ctx context.Context, db *DB, q Among, f RowDecoder[T]) iter.Seq2[T, error] {
	ids := SortedIDs(q.IDs)
	return func(yield func(T, error) bool) {
		for part := range slices.Chunk(ids, MaxKeys) {
			condition, keys := db.Dialect.Within(q.Column, len(q.Args), IDKeys(part))
			for row, err := range StreamBinary(ctx, db, Query{
				What: q.What, Text: q.Text + condition + " ORDER BY " + q.Order, Args: slices.Concat(q.Args, keys),
			}, f) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// SortedIDs returns a copy of ids without repetitions, in the database's order.
func SortedIDs(ids []uuid.UUID) []uuid.UUID {
	sorted := slices.Clone(ids)
	slices.SortFunc(sorted, roster.CompareIDs)
	return slices.Compact(sorted)
}

// IDKeys returns ids as the keys that Dialect.Within takes.
func IDKeys(ids []uuid.UUID) []any {
	keys := make([]any, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return keys
}

// StreamMembersAmong streams the members with some ids, which must be sorted. It may yield other members between them,
// which the caller skips.
//
// Where most ids between the first and the last are wanted, it scans that range of the index. The scan costs the
// database half of what looking up each id costs.
func StreamMembersAmong(
	ctx context.Context, db *DB, q Among, f RowDecoder[roster.Member],
) iter.Seq2[roster.Member, error] {
	if len(q.IDs) < 2 {
		return StreamAmong(ctx, db, q, f)
	}
	first, last := q.IDs[0], q.IDs[len(q.IDs)-1]
	if rows, ok := roster.RowsBetween(first, last); !ok || rows > 2*len(q.IDs) {
		return StreamAmong(ctx, db, q, f)
	}
	q.Text += q.Column + ` >= $2 AND ` + q.Column + ` <= $3 ORDER BY ` + q.Order
	q.Args = append(q.Args, first[:], last[:])
	return StreamBinary(ctx, db, q.Query, f)
}

// ScanID scans a row whose only column is an id.
func ScanID(rows *sql.Rows) (id uuid.UUID, err error) { return id, rows.Scan(&id) }
