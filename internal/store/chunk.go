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
//
// Each has a query of its own: whoever reads chunks writes what comes of them, and an open query would keep SQLite's log
// from being reused for as long.
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
		var data []byte
		for number := from; number < to; number++ {
			var err error
			if data, err = s.chunk(ctx, run, name, number, data[:0]); !yield(data, err) || err != nil {
				return
			}
		}
	}
}

// chunk appends the data of a chunk to data. ErrNotFound: there is no such chunk.
func (s *Store) chunk(ctx context.Context, run uuid.UUID, name string, number int, data []byte) ([]byte, error) {
	q := database.Query{
		What: "chunks of " + name, Args: []any{run[:], name, number},
		Text: `SELECT data FROM chunks WHERE run = $1 AND stage = $2 AND number = $3`,
	}
	for c, err := range database.StreamBinary(ctx, s.db, q, database.RowDecoder[sql.RawBytes]{Scan: scanData, Decode: decodeData}) {
		return append(data, c...), err
	}
	return nil, fmt.Errorf("chunk %d of %s: %w", number, name, ledger.ErrNotFound)
}

func scanData(rows *sql.Rows) (data sql.RawBytes, err error) { return data, rows.Scan(&data) }

func decodeData(values [][]byte) sql.RawBytes { return values[0] }
