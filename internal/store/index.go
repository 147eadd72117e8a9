package store

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"github.com/rollcall/rollcall/internal/roster"
)

// Index is the tenant's index: an entry for each member, by id. Who departed before gone is StateGone. The keys are
// made of the texts as they are read, so that an edit by hand can't leave them behind.
func (s *Store) Index(ctx context.Context, tenant string, gone time.Time) iter.Seq2[roster.Entry, error] {
	all := query{what: "index", args: []any{tenant}, text: `SELECT id, row_hash, row_columns, row_issues, row_content, status,
		departed_at, external_id, external_kind, email, manager_email FROM members WHERE tenant = $1 ORDER BY id`}
	limit := micros(gone)
	var lastKind string
	var lastKey uint64
	return stream(ctx, s.read, all, func(rows *sql.Rows) (roster.Entry, error) {
		var e roster.Entry
		var id, hash sql.RawBytes
		var status, external, kind, email, manager string
		var columns, issues, content, departed int64
		err := rows.Scan(&id, &hash, &columns, &issues, &content, &status, &departed, &external, &kind, &email, &manager)
		if err != nil {
			return e, err
		}
		copy(e.Member[:], id)
		copy(e.Known.Row[:], hash)
		e.Known.Columns, e.Known.Issues, e.Known.Content = uint64(columns), roster.Codes(issues), uint64(content)
		if kind != lastKind { // nearly all have the same
			lastKind, lastKey = kind, roster.Key(kind)
		}
		e.External, e.Kind, e.Email, e.Manager = roster.Key(external), lastKey, roster.Key(email), roster.Key(manager)
		e.State = indexState(status, departed < limit)
		return e, nil
	})
}

func indexState(status string, gone bool) roster.State {
	switch {
	case status == roster.Inactive:
		return roster.StateInactive
	case status == roster.Departed && gone:
		return roster.StateGone
	case status == roster.Departed:
		return roster.StateDeparted
	}
	return roster.StateActive
}
