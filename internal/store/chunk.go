package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/google/uuid"
)

// Chunk is a piece of a stage, encoded by package chunk.
type Chunk struct {
	Run     uuid.UUID
	Stage   string
	Attempt int
	Number  int // from 0
	Data    []byte
}

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
		next := from
		for c, err := range s.chunks(ctx, run, name, from, to) {
			if err == nil && c.number != next {
				break
			}
			if !yield(c.data, err) || err != nil {
				return
			}
			next++
		}
		if next < to {
			yield(nil, fmt.Errorf("chunk %d of %s: %w", next, name, ErrNotFound))
		}
	}
}

// chunks yields the chunks by one query. It takes a query for each where an open one would keep the log from being reused:
// whoever reads chunks writes what comes of them, for as long as a step takes.
func (s *Store) chunks(ctx context.Context, run uuid.UUID, name string, from, to int) iter.Seq2[numbered, error] {
	read := func(from, to int) iter.Seq2[numbered, error] {
		return streamBinary(ctx, s, query{what: "chunks of " + name, args: []any{run[:], name, from, to}, text: `SELECT number, data
			FROM chunks WHERE run = $1 AND stage = $2 AND number >= $3 AND number < $4 ORDER BY number`},
			form[numbered]{scanNumbered, decodeNumbered})
	}
	if !s.dialect.pinsLog() {
		return read(from, to)
	}
	return func(yield func(numbered, error) bool) {
		var data []byte
		for number := from; number < to; number++ {
			found := false
			for c, err := range read(number, number+1) {
				if err != nil {
					yield(numbered{}, err)
					return
				}
				data, found = append(data[:0], c.data...), true
			}
			if !found || !yield(numbered{number, data}, nil) {
				return
			}
		}
	}
}

// numbered is a chunk of a known stage; its data are the database's own.
type numbered struct {
	number int
	data   sql.RawBytes
}

func scanNumbered(rows *sql.Rows) (c numbered, err error) { return c, rows.Scan(&c.number, &c.data) }

func decodeNumbered(values [][]byte) numbered { return numbered{int(whole(values[0])), values[1]} }

func scanID(rows *sql.Rows) (id uuid.UUID, err error) { return id, rows.Scan(&id) }
