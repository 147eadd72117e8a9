package database

import (
	"bytes"
	"context"
	"database/sql"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Among is a query about the rows in whose column is one of ids: its text ends where that condition goes.
type Among struct {
	Query
	Column string
	Order  string // begins with column
	IDs    []uuid.UUID
}

// StreamAmong streams the rows of a query about any number of ids, in the query's order.
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

// SortedIDs are the ids without repetition, in the database's order.
func SortedIDs(ids []uuid.UUID) []uuid.UUID {
	sorted := slices.Clone(ids)
	slices.SortFunc(sorted, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}

func IDKeys(ids []uuid.UUID) []any {
	keys := make([]any, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return keys
}

// StreamAlong streams the members of some ids, and perhaps others between them: where most of those between the first and
// the last are asked for, that is a walk along the index, which costs the database half of what finding each does.
func StreamMembersAmong(ctx context.Context, db *DB, q Among, f RowDecoder[roster.Member]) iter.Seq2[roster.Member, error] {
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

// ScanID scans an id that stands alone in its row.
func ScanID(rows *sql.Rows) (id uuid.UUID, err error) { return id, rows.Scan(&id) }
