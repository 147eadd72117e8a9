package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

func readStage(ctx context.Context, from database.Querier, run uuid.UUID, name string) (ledger.Stage, error) {
	st := ledger.Stage{Run: run, Name: name}
	var progress int64
	err := from.QueryRowContext(ctx, `SELECT attempt, cursor, chunks, rows, furthest, progress_at, sealed, summary
		FROM stages WHERE run = $1 AND name = $2`, run[:], name).Scan(&st.Attempt, &st.Cursor, &st.Chunks, &st.Rows,
		&st.Furthest, &progress, &st.Sealed, &st.Summary)
	st.ProgressAt = database.FromMicros(progress)
	return st, database.WrapNotFound(err, "stage "+name)
}

// Stage returns the run's stage of that name, or ledger.ErrNotFound if no attempt has claimed it.
func (s *Store) Stage(ctx context.Context, run uuid.UUID, name string) (ledger.Stage, error) {
	return readStage(ctx, s.db.Read, run, name)
}

// ClaimStage gives a stage to an attempt. With resume the attempt continues after what earlier attempts stored;
// otherwise that is dropped. A sealed stage is returned to any attempt, unchanged. began is when the step began; zero
// means now.
//
// The error is ledger.ErrSuperseded if a later attempt has the stage.
func (s *Store) ClaimStage(
	ctx context.Context, run uuid.UUID, name string, attempt int, resume bool, began time.Time,
) (st ledger.Stage, err error) {
	if began.IsZero() {
		began = time.Now()
	}
	err = s.db.Transact(ctx, "claim stage "+name, func(tx *database.Tx) error {
		made, err := database.Affected(tx.ExecContext(ctx, `INSERT INTO stages (run, name, attempt, cursor, chunks,
			rows, furthest,
			progress_at, sealed) VALUES ($1, $2, $3, '', 0, 0, 0, $4, false) ON CONFLICT (run, name) DO NOTHING`,
			run[:], name, attempt, database.Micros(began)))
		if err != nil {
			return err
		}
		if made == 0 {
			if err := takeOver(ctx, tx, ledger.Stage{Run: run, Name: name, Attempt: attempt}, resume); err != nil {
				return err
			}
		}
		st, err = readStage(ctx, tx, run, name)
		if err == nil && !st.Sealed && st.Attempt > attempt {
			err = ledger.ErrSuperseded
		}
		return err
	})
	return st, err
}

// takeOver gives an open stage to a later attempt, or to the same one again.
func takeOver(ctx context.Context, tx *database.Tx, to ledger.Stage, resume bool) error {
	taken, err := database.Affected(tx.ExecContext(ctx, `UPDATE stages SET attempt = $3
		WHERE run = $1 AND name = $2 AND attempt <= $3 AND NOT sealed`, to.Run[:], to.Name, to.Attempt))
	if err != nil || taken == 0 || resume {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM chunks WHERE run = $1 AND stage = $2`, to.Run[:],
		to.Name); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE stages SET cursor = '', chunks = 0, rows = 0 WHERE run = $1 AND name = $2`,
		to.Run[:], to.Name)
	return err
}

// SealStage marks a stage as complete. A second call by the same attempt does nothing. The error is
// ledger.ErrSuperseded if another attempt has the stage.
func (s *Store) SealStage(ctx context.Context, run uuid.UUID, name string, attempt int, summary []byte) error {
	return s.db.Transact(ctx, "seal stage "+name, func(tx *database.Tx) error {
		sealed, err := database.Affected(tx.ExecContext(ctx, `UPDATE stages SET sealed = true, summary = $4
			WHERE run = $1 AND name = $2 AND attempt = $3 AND NOT sealed`, run[:], name, attempt, summary))
		if err != nil || sealed > 0 {
			return err
		}
		st, err := readStage(ctx, tx, run, name)
		if err == nil && st.Attempt != attempt {
			err = ledger.ErrSuperseded
		}
		return err
	})
}

// PutChunk stores a chunk together with the attempt's progress. Without data it stores the progress alone. The chunk's
// number is the stage's Chunks, or a lower one to replace a chunk. The caller may reuse the data when PutChunk returns.
//
// The error is ledger.ErrSuperseded if another attempt has the stage, if it is sealed, or if retention has dropped the
// run's chunks.
func (s *Store) PutChunk(ctx context.Context, c ledger.Chunk, p ledger.Progress) error {
	if p.At.IsZero() {
		p.At = time.Now()
	}
	return s.db.Transact(ctx, "put chunk of "+c.Stage, func(tx *database.Tx) error {
		dropped, err := tables.LockRun(ctx, tx, c.Run, database.ForShare)
		if err != nil {
			return err
		}
		if dropped {
			return ledger.ErrSuperseded
		}
		chunks := c.Number
		if len(c.Data) > 0 {
			chunks++
		}
		written, err := database.Affected(tx.ExecContext(ctx, `UPDATE stages SET cursor = $4, rows = $5,
			chunks = CASE WHEN chunks < $7 THEN $7 ELSE chunks END,
			furthest = CASE WHEN furthest < $5 THEN $5 ELSE furthest END,
			progress_at = CASE WHEN furthest < $5 THEN $8 ELSE progress_at END
			WHERE run = $1 AND name = $2 AND attempt = $3 AND NOT sealed AND chunks >= $6`,
			c.Run[:], c.Stage, c.Attempt, p.Cursor, p.Rows, c.Number, chunks, database.Micros(p.At)))
		if err != nil {
			return err
		}
		if written == 0 {
			return chunkRefusal(ctx, tx, c)
		}
		if len(c.Data) == 0 {
			return nil
		}
		if err := tables.DeleteChunk(ctx, tx, c.Key()); err != nil {
			return err
		}
		return tables.InsertChunk(ctx, tx, c)
	})
}

func chunkRefusal(ctx context.Context, tx *database.Tx, c ledger.Chunk) error {
	st, err := readStage(ctx, tx, c.Run, c.Stage)
	switch {
	case err != nil:
		return err
	case !st.Sealed && st.Attempt == c.Attempt:
		return fmt.Errorf("number %d leaves a gap after %d chunks", c.Number, st.Chunks)
	}
	return ledger.ErrSuperseded
}
