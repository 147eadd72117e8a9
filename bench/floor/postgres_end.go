package floor

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

func (l *postgresLane) depart(ctx context.Context, ids []uuid.UUID, each func(id uuid.UUID, status string)) error {
	rows, err := l.conn.Query(ctx, `UPDATE members m SET status = 'departed', departed_at = $3, updated_at = $3, version = version + 1,
		row_hash = NULL, row_columns = 0, row_issues = 0, row_content = 0
		FROM (SELECT id, status FROM members WHERE tenant = $1 AND id = ANY($2)) old
		WHERE m.tenant = $1 AND m.id = old.id RETURNING m.id, old.status`, l.tenant, keys(ids), l.at)
	if err != nil {
		return fmt.Errorf("depart: %w", err)
	}
	var id uuid.UUID
	var status string
	if _, err := pgx.ForEachRow(rows, []any{&id, &status}, func() error {
		each(id, status)
		return nil
	}); err != nil {
		return fmt.Errorf("depart: %w", err)
	}
	_, err = l.conn.Exec(ctx, `DELETE FROM memberships WHERE tenant = $1 AND member_id = ANY($2)`, l.tenant, keys(ids))
	return err
}

// The run's row and the tenant's, as texts that both databases take.
const (
	insertRun = `INSERT INTO runs (id, tenant, origin, request, workflow, execution, preview, started_at, finished_at, result)
		VALUES ($1, $2, 'manual', '', 'floor', $3, false, $4, $5, $6)`
	upsertState = `INSERT INTO states (tenant, generation, claim_run, last_seq, digest, rules, bindings, compared_at, settled, last_run)
		VALUES ($1, 1, $2, $3, $4, '', '', $5, true, $2) ON CONFLICT (tenant) DO UPDATE SET generation = states.generation + 1,
		claim_run = excluded.claim_run, last_seq = excluded.last_seq, digest = excluded.digest, last_run = excluded.last_run`
	lastNumber = `SELECT last_seq, digest FROM states WHERE tenant = $1`
)

func (l *postgresLane) finish(ctx context.Context, r *round) error {
	if _, err := l.conn.Exec(ctx, insertRun, r.run[:], r.tenant, r.run.String(), r.at, r.at, "{}"); err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	if !r.changed() {
		return nil
	}
	_, err := l.conn.Exec(ctx, upsertState, r.tenant, r.run[:], r.seq.Load(), hex.EncodeToString(r.digest[:]), r.at)
	return err
}
