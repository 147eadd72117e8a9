package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Chunks yields the data of a stage's chunks in order, from number from up to, but not including, to. If to is
// negative, it yields all chunks from there. The data are valid until the next chunk. A missing chunk ends the sequence
// with ledger.ErrNotFound.
//
// Each chunk has a query of its own. Callers write while they read chunks, and SQLite can't reuse its log while a query
// is open.
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

// chunk appends the data of a chunk to data, which is empty. The error is ledger.ErrNotFound if there is no such chunk.
func (s *Store) chunk(ctx context.Context, run uuid.UUID, name string, number int, data []byte) ([]byte, error) {
	q := database.Query{
		What: "chunks of " + name, Args: []any{run[:], name, number},
		Text: tables.SelectPieces,
	}
	for piece, err := range database.StreamBinary(ctx, s.db, q, database.RowDecoder[sql.RawBytes]{
		Scan:   scanData,
		Decode: decodeData,
	}) {
		if err != nil {
			return nil, err
		}
		data = append(data, piece...)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("chunk %d of %s: %w", number, name, ledger.ErrNotFound)
	}
	return data, nil
}

func scanData(rows *sql.Rows) (data sql.RawBytes, err error) { return data, rows.Scan(&data) }

func decodeData(values [][]byte) sql.RawBytes { return values[0] }
