package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// State returns the tenant's state. It is the zero State for a tenant that was never synced.
func (s *Store) State(ctx context.Context, tenant string) (ledger.State, error) {
	return readState(ctx, s.db.Read, tenant)
}

func readState(ctx context.Context, from database.Querier, tenant string) (ledger.State, error) {
	var state ledger.State
	var compared int64
	var last, claimed uuid.NullUUID
	err := from.QueryRowContext(ctx, `SELECT generation, digest, rules, bindings, columns, compared_at, complete,
		last_run,
		claim_run, NOT complete AND claim_run IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs WHERE id = claim_run
			AND finished_at <> 0)
		FROM states WHERE tenant = $1`, tenant).Scan(&state.Generation, &state.Digest, &state.Rules, &state.Bindings,
		&state.Columns, &compared, &state.Complete, &last, &claimed, &state.Unfinished)
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.State{}, nil
	}
	if err != nil {
		return ledger.State{}, fmt.Errorf("state: %w", err)
	}
	state.ComparedAt, state.LastRun, state.ClaimedBy = database.FromMicros(compared), last.UUID, claimed.UUID
	return state, nil
}

// ownGeneration is true for a tenant's state if only run $2 has raised its generation since the run began with
// generation $3. Each claim, erasure and link adds one.
const ownGeneration = `generation = $3 + (SELECT count(*) FROM claims WHERE tenant = $1 AND run = $2)`

// writeState writes the state in which a run leaves its tenant. state.Generation is the one with which the run began.
// The error is ledger.ErrSuperseded if another run has claimed the tenant since.
//
// A run that began before an erasure writes no state, because it may have read the person. The state stays as the
// erasure left it. If the run has claimed the tenant, its batches have stored known rows by columns that are never
// stored. So it clears the rules, and the next run reads every row again.
func writeState(ctx context.Context, tx *database.Tx, tenant string, run uuid.UUID, state ledger.State) error {
	if err := tables.EnsureState(ctx, tx, tenant); err != nil {
		return err
	}
	written, err := database.Affected(tx.ExecContext(ctx, `UPDATE states SET digest = $4, rules = $5, bindings = $6,
		columns = $7,
		compared_at = $8, complete = $9, last_run = $2 WHERE tenant = $1 AND `+ownGeneration,
		tenant, run[:], state.Generation, state.Digest, state.Rules, state.Bindings, state.Columns,
		database.Micros(state.ComparedAt), state.Complete))
	if err != nil || written > 0 {
		return err
	}
	var superseded bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM claims
		WHERE tenant = $1 AND run <> $2 AND generation >= $3)`, tenant, run[:], state.Generation).Scan(&superseded)
	if err != nil {
		return err
	}
	if superseded {
		return ledger.ErrSuperseded
	}
	_, err = tx.ExecContext(ctx, `UPDATE states SET rules = '', bindings = ''
		WHERE tenant = $1 AND claim_run = $2`, tenant, run[:])
	return err
}
