package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

const runColumns = "id, tenant, origin, request, workflow, execution, preview, started_at, finished_at, result"

func scanRun(from scanner) (run.Run, error) {
	var r run.Run
	var started, finished int64
	var result []byte
	err := from.Scan(&r.ID, &r.Tenant, &r.Origin, &r.Request, &r.Workflow, &r.Execution, &r.Preview, &started, &finished,
		&result)
	if err != nil {
		return run.Run{}, err
	}
	r.Started, r.Finished = moment(started), moment(finished)
	if len(result) > 0 {
		r.Result = new(run.Result)
		if err := json.Unmarshal(result, r.Result); err != nil {
			return run.Run{}, err
		}
	}
	return r, nil
}

// BeginRun keeps a new run. Called again for the same execution of the same workflow it returns the run begun first. From
// when a run that isn't a preview begins, no batch of another one of the tenant is applied any more: what a terminated
// run's last step might still do would come between what the new one reads and what it makes of it.
func (s *Store) BeginRun(ctx context.Context, r run.Run) (begun run.Run, err error) {
	err = s.transact(ctx, "begin run", func(tx *transaction) error {
		fresh, err := affected(tx.ExecContext(ctx, `INSERT INTO runs (id, tenant, origin, request, workflow, execution, preview,
			started_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT (workflow, execution) DO NOTHING`,
			r.ID[:], r.Tenant, string(r.Origin), r.Request, r.Workflow, r.Execution, r.Preview, micros(r.Started)))
		if err == nil && fresh > 0 && !r.Preview {
			_, err = tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1 AND NOT closed AND run <> $2`,
				r.Tenant, r.ID[:])
		}
		if err != nil {
			return err
		}
		begun, err = scanRun(tx.QueryRowContext(ctx,
			`SELECT `+runColumns+` FROM runs WHERE workflow = $1 AND execution = $2`, r.Workflow, r.Execution))
		return err
	})
	return begun, err
}

// FinishRun writes a run's result and, with it, the tenant's new state where there is one (its Generation the one that
// the run began with). Batches of the run not applied by now never will be. Finishing again changes nothing.
// ErrSuperseded: another run has claimed the tenant since; ErrNotFound: no such run.
func (s *Store) FinishRun(ctx context.Context, id uuid.UUID, result run.Result, state *State) error {
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	finished := result.Finished
	if finished.IsZero() {
		finished = time.Now()
	}
	return s.transact(ctx, "finish run", func(tx *transaction) error {
		written, err := affected(tx.ExecContext(ctx, `UPDATE runs SET finished_at = $2, result = $3
			WHERE id = $1 AND finished_at = 0`, id[:], micros(finished), string(text)))
		if err != nil {
			return err
		}
		var tenant string
		err = tx.QueryRowContext(ctx, `SELECT tenant FROM runs WHERE id = $1`, id[:]).Scan(&tenant)
		if err := located(err, "run"); err != nil || written == 0 {
			return err
		}
		if state != nil {
			if err := settle(ctx, tx, tenant, id, *state); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1 AND run = $2`, tenant, id[:])
		return err
	})
}

// Runs are a tenant's runs, latest first, at most limit of them; 0 is all.
func (s *Store) Runs(ctx context.Context, tenant string, limit int) ([]run.Run, error) {
	latest := query{what: "runs", args: []any{tenant, atMost(limit)}, text: `SELECT ` + runColumns + ` FROM runs
		WHERE tenant = $1 ORDER BY started_at DESC, id DESC LIMIT $2`}
	return collect(stream(ctx, s.read, latest, func(rows *sql.Rows) (run.Run, error) { return scanRun(rows) }))
}

// Previews are a tenant's runs that were previews, latest first, at most limit of them; 0 is all.
func (s *Store) Previews(ctx context.Context, tenant string, limit int) ([]run.Run, error) {
	latest := query{what: "previews", args: []any{tenant, atMost(limit)}, text: `SELECT ` + runColumns + ` FROM runs
		WHERE tenant = $1 AND preview ORDER BY started_at DESC, id DESC LIMIT $2`}
	return collect(stream(ctx, s.read, latest, func(rows *sql.Rows) (run.Run, error) { return scanRun(rows) }))
}

// Run is the tenant's run of that id, or ErrNotFound.
func (s *Store) Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error) {
	r, err := scanRun(s.read.QueryRowContext(ctx,
		`SELECT `+runColumns+` FROM runs WHERE tenant = $1 AND id = $2`, tenant, id[:]))
	return r, located(err, "run")
}
