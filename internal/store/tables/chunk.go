package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
)

// A chunk is stored in pieces no longer than the database's LargestValue, numbered from 0.
//
// A transaction that writes a chunk first locks the run's row, shared with others that do, and then the stage's row.
// Retention locks the run's row for itself. So nobody else writes the chunk meanwhile, and none is written after
// retention has dropped the run's.

// SelectPieces selects the pieces of a chunk in order. Its parameters are run, stage and number.
const SelectPieces = `SELECT data FROM chunks WHERE run = $1 AND stage = $2 AND number = $3 ORDER BY piece`

// InsertChunk stores a chunk that isn't there.
func InsertChunk(ctx context.Context, tx *database.Tx, c ledger.Chunk) error {
	rows := tx.Dialect.Rows(database.Insertion{
		Table:   "chunks",
		Columns: []string{"run", "stage", "number", "piece", "attempt", "data"},
	})
	size := tx.Dialect.LargestValue()
	for piece, from := 0, 0; from < len(c.Data); piece, from = piece+1, from+size {
		rows.Bytes(c.Run[:])
		rows.Text(c.Stage)
		rows.Number(int64(c.Number))
		rows.Number(int64(piece))
		rows.Number(int64(c.Attempt))
		rows.Bytes(c.Data[from:min(from+size, len(c.Data))])
	}
	return rows.Write(ctx, tx)
}

// DeleteChunk deletes a chunk, if it is there.
func DeleteChunk(ctx context.Context, tx *database.Tx, key ledger.ChunkKey) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM chunks WHERE run = $1 AND stage = $2 AND number = $3`,
		key.Run[:], key.Stage, key.Number)
	return err
}

// LockRun locks a run's row: with database.ForShare for a transaction that writes chunks of the run, or with
// database.ForUpdate for one that drops them or claims the tenant. It reports whether the chunks were dropped before.
func LockRun(ctx context.Context, tx *database.Tx, run uuid.UUID, s database.LockStrength) (dropped bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT dropped_at <> 0 FROM runs WHERE id = $1`+tx.Dialect.Lock(s),
		run[:]).Scan(&dropped)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return dropped, err
}

// LockChunk returns the data of a chunk, which no other transaction can change until this one ends. They are nil if
// there is no such chunk, or if the run's were dropped.
func LockChunk(ctx context.Context, tx *database.Tx, key ledger.ChunkKey) (data []byte, err error) {
	dropped, err := LockRun(ctx, tx, key.Run, database.ForShare)
	if err != nil || dropped {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM stages WHERE run = $1 AND name = $2`+
		tx.Dialect.Lock(database.ForUpdate), key.Run[:], key.Stage); err != nil {
		return nil, err
	}
	for piece, err := range database.Stream(ctx, tx, database.Query{
		What: fmt.Sprintf("chunk %d of %s", key.Number, key.Stage), Args: []any{key.Run[:], key.Stage, key.Number},
		Text: SelectPieces,
	}, func(rows *sql.Rows) (piece sql.RawBytes, err error) { return piece, rows.Scan(&piece) }) {
		if err != nil {
			return nil, err
		}
		data = append(data, piece...)
	}
	return data, nil
}
