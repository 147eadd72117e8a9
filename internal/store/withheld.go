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
)

func withheldRows() insertion {
	return insertion{
		table:   "withheld",
		columns: []string{"tenant", "member_id", "group_id", "verb", "plan", "outcome", "request", "created_at"},
		key:     []string{"tenant", "member_id", "group_id"},
		replace: []string{"verb", "plan", "outcome", "request", "created_at"},
	}
}

// Withhold adds to what is withheld of a tenant; of one removal the later decision counts.
func (s *Store) Withhold(ctx context.Context, tenant string, list []ledger.Withheld) error {
	return s.transact(ctx, "withhold", func(tx *transaction) error {
		for part := range slices.Chunk(list, most) {
			var rows []any
			for _, w := range part {
				rows = append(rows, tenant, w.Member[:], w.Group[:], string(w.Verb), w.Plan, string(w.Outcome), w.Request, micros(w.At))
			}
			if err := tx.dialect.insert(ctx, tx, withheldRows(), rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// Withheld streams what is withheld of a tenant, by member and group.
func (s *Store) Withheld(ctx context.Context, tenant string) iter.Seq2[ledger.Withheld, error] {
	all := query{what: "withheld", args: []any{tenant}, text: `SELECT member_id, group_id, verb, plan, outcome, request, created_at
		FROM withheld WHERE tenant = $1 ORDER BY member_id, group_id`}
	return stream(ctx, s.read, all, func(rows *sql.Rows) (w ledger.Withheld, err error) {
		var at int64
		err = rows.Scan(&w.Member, &w.Group, &w.Verb, &w.Plan, &w.Outcome, &w.Request, &at)
		w.At = moment(at)
		return w, err
	})
}

// Lift ends what is withheld, by member and group; what isn't stays so.
func (s *Store) Lift(ctx context.Context, tenant string, list []plan.Withheld) error {
	return s.transact(ctx, "lift", func(tx *transaction) error {
		for part := range slices.Chunk(list, most) {
			var keys []any
			for _, w := range part {
				keys = append(keys, w.Member[:], w.Group[:])
			}
			condition, args := tx.dialect.within("member_id, group_id", 1, keys)
			_, err := tx.ExecContext(ctx, `DELETE FROM withheld WHERE tenant = $1 AND `+condition, append([]any{tenant}, args...)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ConcludeRun replaces the result of a finished run, as a hold ends. ErrNotFound: there is no such run, or it isn't
// finished.
func (s *Store) ConcludeRun(ctx context.Context, id uuid.UUID, result run.Result) error {
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return s.transact(ctx, "conclude run", func(tx *transaction) error {
		written, err := affected(tx.ExecContext(ctx, `UPDATE runs SET finished_at = $2, result = $3
			WHERE id = $1 AND finished_at <> 0`, id[:], micros(result.Finished), string(text)))
		if err == nil && written == 0 {
			err = ledger.ErrNotFound
		}
		return err
	})
}
