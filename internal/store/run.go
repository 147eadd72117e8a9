package store

import (
	"context"
	"database/sql"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/database"
)

const runColumns = "id, tenant, origin, request, workflow, execution, preview, started_at, finished_at, same_as, result"

func scanRun(from database.Scanner) (run.Run, error) {
	var r run.Run
	var started, finished int64
	var same uuid.NullUUID
	var result []byte
	err := from.Scan(&r.ID, &r.Tenant, &r.Origin, &r.Request, &r.Workflow, &r.Execution, &r.Preview, &started,
		&finished,
		&same, &result)
	if err != nil {
		return run.Run{}, err
	}
	r.Started, r.Finished, r.SameAs = database.FromMicros(started), database.FromMicros(finished), same.UUID
	if len(result) > 0 {
		r.Result = new(run.Result)
		if err := json.Unmarshal(result, r.Result); err != nil {
			return run.Run{}, err
		}
	}
	return r, nil
}

// Runs returns a tenant's runs, the latest first, and at most limit of them; 0 means all.
func (s *Store) Runs(ctx context.Context, tenant string, limit int) ([]run.Run, error) {
	latest := database.Query{What: "runs", Args: []any{tenant, database.Limit(limit)}, Text: `SELECT ` + runColumns +
		` FROM runs
		WHERE tenant = $1 ORDER BY started_at DESC, id DESC LIMIT $2`}
	return database.Collect(database.Stream(ctx, s.db.Read, latest,
		func(rows *sql.Rows) (run.Run, error) { return scanRun(rows) }))
}

// Previews returns a tenant's previews, the latest first, and at most limit of them; 0 means all.
func (s *Store) Previews(ctx context.Context, tenant string, limit int) ([]run.Run, error) {
	latest := database.Query{What: "previews", Args: []any{tenant, database.Limit(limit)}, Text: `SELECT ` +
		runColumns + ` FROM runs
		WHERE tenant = $1 AND preview ORDER BY started_at DESC, id DESC LIMIT $2`}
	return database.Collect(database.Stream(ctx, s.db.Read, latest,
		func(rows *sql.Rows) (run.Run, error) { return scanRun(rows) }))
}

// Run returns the tenant's run with that id, or ledger.ErrNotFound.
func (s *Store) Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error) {
	r, err := scanRun(s.db.Read.QueryRowContext(ctx,
		`SELECT `+runColumns+` FROM runs WHERE tenant = $1 AND id = $2`, tenant, id[:]))
	return r, database.WrapNotFound(err, "run")
}
