package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Chunks are the data of the stage's chunks from number from up to but without to, in order; to < 0: all from there. Each is
// valid until the next is asked for. One that is missing ends them with ErrNotFound.
func (s *Store) Chunks(ctx context.Context, run uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if to < 0 {
			st, err := s.Stage(ctx, run, name)
			if err != nil {
				yield(nil, err)
				return
			}
			to = st.Chunks
		}
		kept := database.Query{What: "chunks of " + name, Args: []any{run[:], name, from, to}, Text: `SELECT number, data FROM chunks
			WHERE run = $1 AND stage = $2 AND number >= $3 AND number < $4 ORDER BY number`}
		next := from
		for c, err := range database.StreamBinary(ctx, s.db, kept, database.Form[numbered]{Scan: scanNumbered, Decode: decodeNumbered}) {
			if err == nil && c.number != next {
				break
			}
			if !yield(c.data, err) || err != nil {
				return
			}
			next++
		}
		if next < to {
			yield(nil, fmt.Errorf("chunk %d of %s: %w", next, name, ledger.ErrNotFound))
		}
	}
}

// numbered is a chunk of a known stage; its data are the database's own.
type numbered struct {
	number int
	data   sql.RawBytes
}

func scanNumbered(rows *sql.Rows) (c numbered, err error) { return c, rows.Scan(&c.number, &c.data) }

func decodeNumbered(values [][]byte) numbered {
	return numbered{int(database.BigInt(values[0])), values[1]}
}
