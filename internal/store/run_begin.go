package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/database"
)

// BeginRun stores a new run together with the value that opening returns. It also adds event, if it isn't nil, to the
// tenant's condition. If this execution of the workflow has begun a run already, BeginRun returns that run and its
// stored value.
//
// When a run begins that isn't a preview, it closes the claims of the tenant's other runs. A late step of a terminated
// run could otherwise change the members between the new run's read and its plan.
func (s *Store) BeginRun(
	ctx context.Context, r run.Run, event *health.Event, opening ledger.Opening,
) (begun run.Run, kept []byte, err error) {
	err = s.db.Transact(ctx, "begin run", func(tx *database.Tx) error {
		begun, kept, err = begunRun(ctx, tx, r)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if !r.Preview {
			if _, err := tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1 AND NOT closed
				AND run <> $2`,
				r.Tenant, r.ID[:]); err != nil {
				return err
			}
		}
		if begun = r; opening != nil {
			state, err := readState(ctx, tx, r.Tenant)
			if err != nil {
				return err
			}
			if kept, err = opening(r, state); err != nil {
				return err
			}
		}
		inserted, err := database.Affected(tx.ExecContext(ctx, `INSERT INTO runs (id, tenant, origin, request, workflow,
			execution, preview,
			started_at, finished_at, dropped_at, succeeded, opening) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0,
				false, $9)
			ON CONFLICT (workflow, execution) DO NOTHING`,
			r.ID[:], r.Tenant, string(r.Origin), r.Request, r.Workflow, r.Execution, r.Preview,
			database.Micros(r.Started), kept))
		switch {
		case err != nil:
			return err
		case inserted == 0: // another attempt was faster
			begun, kept, err = begunRun(ctx, tx, r)
		case event != nil:
			_, err = addEventOnce(ctx, tx, *event)
		}
		return err
	})
	return begun, kept, err
}

// begunRun returns the run of an execution and the value stored with it, or sql.ErrNoRows if none has begun.
func begunRun(ctx context.Context, tx *database.Tx, r run.Run) (begun run.Run, kept []byte, err error) {
	begun, err = scanRun(tx.QueryRowContext(ctx, `SELECT `+runColumns+` FROM runs WHERE workflow = $1
		AND execution = $2`,
		r.Workflow, r.Execution))
	if err == nil {
		err = tx.QueryRowContext(ctx, `SELECT opening FROM runs WHERE id = $1`, begun.ID[:]).Scan(&kept)
	}
	return begun, kept, err
}

// Opening returns the value that BeginRun stored with a run, or ledger.ErrNotFound.
func (s *Store) Opening(ctx context.Context, id uuid.UUID) (kept []byte, err error) {
	err = s.db.Read.QueryRowContext(ctx, `SELECT opening FROM runs WHERE id = $1`, id[:]).Scan(&kept)
	if err := database.WrapNotFound(err, "run"); err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("opening of run %s: %w", id, ledger.ErrNotFound)
	}
	return kept, nil
}
