package store

import (
	"context"
	"database/sql"
	"iter"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/database"
)

func withheldRows() database.Insertion {
	return database.Insertion{
		Table:   "withheld",
		Columns: []string{"tenant", "member_id", "group_id", "verb", "plan", "outcome", "request", "created_at"},
		Key:     []string{"tenant", "member_id", "group_id"},
		Replace: []string{"verb", "plan", "outcome", "request", "created_at"},
	}
}

// Withhold adds removals to those withheld for a tenant. A later decision about the same removal replaces the earlier
// one.
func (s *Store) Withhold(ctx context.Context, tenant string, list []ledger.Withheld) error {
	return s.db.Transact(ctx, "withhold", func(tx *database.Tx) error {
		for part := range slices.Chunk(list, database.MaxKeys) {
			var rows []any
			for _, w := range part {
				rows = append(rows, tenant, w.Member[:], w.Group[:], string(w.Verb), w.Plan, string(w.Outcome),
					w.Request, database.Micros(w.At))
			}
			if err := tx.Dialect.Insert(ctx, tx, withheldRows(), rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// Withheld yields the removals withheld for a tenant, by member and group.
func (s *Store) Withheld(ctx context.Context, tenant string) iter.Seq2[ledger.Withheld, error] {
	all := database.Query{What: "withheld", Args: []any{tenant}, Text: `SELECT member_id, group_id, verb, plan, outcome,
		request, created_at
		FROM withheld WHERE tenant = $1 ORDER BY member_id, group_id`}
	return database.Stream(ctx, s.db.Read, all, func(rows *sql.Rows) (w ledger.Withheld, err error) {
		var at int64
		err = rows.Scan(&w.Member, &w.Group, &w.Verb, &w.Plan, &w.Outcome, &w.Request, &at)
		w.At = database.FromMicros(at)
		return w, err
	})
}

// Lift ends the withholding of removals. It ignores removals that aren't withheld.
func (s *Store) Lift(ctx context.Context, tenant string, list []plan.Removal) error {
	return s.db.Transact(ctx, "lift", func(tx *database.Tx) error {
		for part := range slices.Chunk(list, database.MaxKeys) {
			var keys []any
			for _, w := range part {
				keys = append(keys, w.Member[:], w.Group[:])
			}
			condition, args := tx.Dialect.Within("member_id, group_id", 1, keys)
			_, err := tx.ExecContext(ctx, `DELETE FROM withheld WHERE tenant = $1
				AND `+condition, append([]any{tenant}, args...)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ConcludeRun replaces the result of a finished run when its hold ends. The error is ledger.ErrNotFound if there is no
// such run, or if it isn't finished.
func (s *Store) ConcludeRun(ctx context.Context, id uuid.UUID, result run.Result) error {
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return s.db.Transact(ctx, "conclude run", func(tx *database.Tx) error {
		written, err := database.Affected(tx.ExecContext(ctx, `UPDATE runs SET finished_at = $2, result = $3
			WHERE id = $1 AND finished_at <> 0`, id[:], database.Micros(result.Finished), string(text)))
		if err == nil && written == 0 {
			err = ledger.ErrNotFound
		}
		return err
	})
}
