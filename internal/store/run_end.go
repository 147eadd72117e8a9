package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// FinishRun stores a run's result, the tenant's new state and the event of the run's end, in one transaction. From then
// on no batch of the run can be applied. If the run is finished already, FinishRun returns the stored run and the
// alerts of its event.
//
// A run that began before an erasure ends without writing the state, and the next run plans everything again.
//
// The error is ledger.ErrSuperseded if another run has claimed the tenant, and ledger.ErrNotFound if there is no such
// run.
func (s *Store) FinishRun(
	ctx context.Context, id uuid.UUID, e ledger.Ending,
) (ended run.Run, alerts []health.Alert, err error) {
	text, err := json.Marshal(e.Result)
	if err != nil {
		return run.Run{}, nil, err
	}
	finished := e.Result.Finished
	if finished.IsZero() {
		finished = time.Now()
	}
	err = s.db.Transact(ctx, "finish run", func(tx *database.Tx) error {
		ended, err = scanRun(tx.QueryRowContext(ctx, `UPDATE runs SET finished_at = $2, result = $3, succeeded = $4,
			same_as = $5
			WHERE id = $1 AND finished_at = 0 RETURNING `+runColumns, id[:], database.Micros(finished), string(text),
			e.Event != nil && e.Result.Outcome != run.Failed, tables.OptionalID(&e.SameAs)))
		if errors.Is(err, sql.ErrNoRows) {
			ended, err = scanRun(tx.QueryRowContext(ctx, `SELECT `+runColumns+` FROM runs WHERE id = $1`, id[:]))
			if err = database.WrapNotFound(err, "run"); err == nil && e.Event != nil {
				alerts, err = alertsOf(ctx, tx, *e.Event)
			}
			return err
		}
		if err == nil && e.State != nil {
			err = writeState(ctx, tx, ended.Tenant, id, *e.State)
		}
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1 AND run = $2`, ended.Tenant,
			id[:]); err != nil {
			return err
		}
		if e.Event != nil {
			event := *e.Event
			event.Origin = ended.Origin
			alerts, err = addEventOnce(ctx, tx, event)
		}
		return err
	})
	return ended, alerts, err
}
