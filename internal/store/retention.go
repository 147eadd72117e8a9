package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// maxRunAge is the longest time that a run may be open or hold its plan. Older runs count as ended.
const maxRunAge = 32 * 24 * time.Hour

// The number of rows that one transaction drops.
const (
	chunksDropped   = 100
	auditDropped    = 2000
	requestsDropped = 1000
)

// Drop deletes a tenant's data from before a time: chunks of runs, values of the audit, and the people and reasons of
// requests. When it returns an error, dropped counts what was deleted before it.
func (s *Store) Drop(ctx context.Context, tenant string, before time.Time) (dropped ledger.Dropped, err error) {
	dropped, err = s.DropChunks(ctx, tenant, before)
	if err == nil {
		dropped.Values, err = s.DropValues(ctx, tenant, before)
	}
	if err == nil {
		dropped.Requests, err = s.DropRequests(ctx, tenant, before)
	}
	return dropped, err
}

// DropChunks deletes the chunks of a tenant's runs begun before a time, a few at a time, and records that in the runs.
// It skips the tenant's last run while that run is open or holds a plan.
func (s *Store) DropChunks(ctx context.Context, tenant string, before time.Time) (dropped ledger.Dropped, err error) {
	open, err := s.openRuns(ctx, tenant)
	if err != nil {
		return ledger.Dropped{}, err
	}
	runs, err := database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "runs with chunks", Args: []any{tenant, database.Micros(before)}, Text: `SELECT id FROM runs
			WHERE tenant = $1 AND started_at < $2 AND dropped_at = 0 ORDER BY started_at`,
	}, database.ScanID))
	if err != nil {
		return ledger.Dropped{}, err
	}
	for _, run := range runs {
		if slices.Contains(open, run) {
			continue
		}
		chunks, err := s.dropRun(ctx, run)
		dropped.Chunks += chunks
		if err != nil {
			return dropped, err
		}
		dropped.Runs++
	}
	return dropped, nil
}

// openRuns returns the runs whose chunks are still needed. These are the tenant's last sync while it is open or holds a
// plan, and the run that showed the plan if later reads failed.
func (s *Store) openRuns(ctx context.Context, tenant string) (open []uuid.UUID, err error) {
	for r, err := range database.Stream(ctx, s.db.Read, database.Query{
		What: "last runs", Args: []any{tenant, database.Micros(time.Now().Add(-maxRunAge))}, Text: `SELECT ` +
			runColumns + ` FROM runs
			WHERE tenant = $1 AND NOT preview AND started_at > $2 ORDER BY started_at DESC, id DESC`,
	}, func(rows *sql.Rows) (run.Run, error) { return scanRun(rows) }) {
		holding := err == nil && r.Result != nil && r.Result.Held != nil
		switch {
		case err != nil:
			return nil, err
		case r.Result == nil && len(open) == 0, holding && r.Result.Outcome == run.Failed:
			open = append(open, r.ID)
			continue
		case holding && r.Result.Outcome == run.Held:
			open = append(open, r.ID)
		}
		break
	}
	return open, nil
}

// dropRun deletes a run's chunks, and records that when none is left.
func (s *Store) dropRun(ctx context.Context, run uuid.UUID) (dropped int, err error) {
	for {
		some := 0
		err := s.db.Transact(ctx, "drop chunks", func(tx *database.Tx) error {
			gone, err := tables.LockRun(ctx, tx, run, database.ForUpdate)
			if err != nil || gone {
				return err
			}
			pieces, err := database.Collect(database.Stream(ctx, tx, database.Query{
				What: "drop chunks", Args: []any{run[:], chunksDropped},
				Text: `DELETE FROM chunks WHERE run = $1 AND (stage, number) IN
					(SELECT stage, number FROM chunks WHERE run = $1 AND piece = 0 LIMIT $2) RETURNING piece`,
			}, func(rows *sql.Rows) (piece int, err error) { return piece, rows.Scan(&piece) }))
			// Each chunk has one first piece.
			some = len(slices.DeleteFunc(pieces, func(piece int) bool { return piece != 0 }))
			if err == nil && some < chunksDropped {
				_, err = tx.ExecContext(ctx, `UPDATE runs SET dropped_at = $2 WHERE id = $1`, run[:],
					database.Micros(time.Now()))
			}
			return err
		})
		dropped += some
		if err != nil || some < chunksDropped {
			return dropped, err
		}
	}
}

// DroppedAt returns when a run's rows, issues and plan were dropped, together with the values of its changes. It is
// zero if they weren't. The error is ledger.ErrNotFound if there is no such run.
func (s *Store) DroppedAt(ctx context.Context, run uuid.UUID) (time.Time, error) {
	var at int64
	err := s.db.Read.QueryRowContext(ctx, `SELECT dropped_at FROM runs WHERE id = $1`, run[:]).Scan(&at)
	return database.FromMicros(at), database.WrapNotFound(err, "run")
}

// DropValues clears the values of a tenant's audit rows from before a time, a few at a time. Numbers, ids and field
// names stay. It starts after the last row that it cleared before, and ends at the first row that is too recent.
func (s *Store) DropValues(ctx context.Context, tenant string, before time.Time) (dropped int, err error) {
	for {
		more, some, err := s.dropValues(ctx, tenant, before)
		dropped += some
		if err != nil || !more {
			return dropped, err
		}
	}
}

func (s *Store) dropValues(ctx context.Context, tenant string, before time.Time) (more bool, dropped int, err error) {
	err = s.db.Transact(ctx, "drop values", func(tx *database.Tx) error {
		var after, to, count int64
		var firstRecent sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT values_seq FROM retentions WHERE tenant = $1`, tenant).Scan(&after)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		err = tx.QueryRowContext(ctx, `SELECT count(*), coalesce(max(seq), 0), min(CASE WHEN at >= $3 THEN seq END) FROM
			(SELECT seq, at FROM changes WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $4) AS block`,
			tenant, after, database.Micros(before), auditDropped).Scan(&count, &to, &firstRecent)
		if err != nil {
			return err
		}
		more = count == auditDropped && !firstRecent.Valid
		if firstRecent.Valid {
			to = firstRecent.Int64 - 1
		}
		if to <= after {
			return nil
		}
		cleared, err := database.Affected(tx.ExecContext(ctx, `UPDATE changes SET vals = NULL WHERE tenant = $1
			AND seq > $2 AND seq <= $3
			AND vals IS NOT NULL`, tenant, after, to))
		if err != nil {
			return err
		}
		dropped = int(cleared)
		_, err = tx.ExecContext(ctx, `INSERT INTO retentions (tenant, values_seq) VALUES ($1, $2)
			ON CONFLICT (tenant) DO UPDATE SET values_seq = excluded.values_seq`, tenant, to)
		return err
	})
	return more, dropped, err
}

// DropRequests clears the person and the reason in a tenant's requests from before a time. It also clears the subject
// of erasures that were requested before that time and never begun.
func (s *Store) DropRequests(ctx context.Context, tenant string, before time.Time) (dropped int, err error) {
	for {
		var some int64
		err := s.db.Transact(ctx, "drop requests", func(tx *database.Tx) (err error) {
			some, err = database.Affected(tx.ExecContext(ctx, `UPDATE requests SET by = '', reason = ''
				WHERE id IN (SELECT id FROM requests
				WHERE tenant = $1 AND at < $2 AND (by <> '' OR reason <> '')
					LIMIT $3)`, tenant, database.Micros(before), requestsDropped))
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE erasures SET subject = NULL, done_at = at WHERE tenant = $1 AND at < $2
				AND done_at = 0 AND erased = ''`, tenant, database.Micros(before))
			return err
		})
		dropped += int(some)
		if err != nil || some < requestsDropped {
			return dropped, err
		}
	}
}

// TenantsAfter returns the tenants after an id, at most limit, by id. Dropped tenants are included, because their data
// has the same retention.
func (s *Store) TenantsAfter(ctx context.Context, after string, limit int) ([]Tenant, error) {
	some := database.Query{What: "tenants", Args: []any{after, limit}, Text: `SELECT ` + tenantColumns + ` FROM tenants
		WHERE id > $1
		ORDER BY id LIMIT $2`}
	return database.Collect(database.Stream(ctx, s.db.Read, some,
		func(rows *sql.Rows) (Tenant, error) { return scanTenant(rows) }))
}
