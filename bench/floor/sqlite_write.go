package floor

import (
	"context"
	"database/sql"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// sheet collects rows of one table and inserts as many at a time as is fastest.
type sheet struct {
	into  string // table and columns
	tail  string // what follows the values
	width int
	full  *sql.Stmt // inserts sqliteRows rows
	args  []any
}

func newSheet(into, tail string) *sheet {
	return &sheet{into: into, tail: tail, width: 1 + strings.Count(into, ",")}
}

func (s *sheet) text(rows int) string {
	row := "(" + marks(s.width) + ")"
	return "INSERT INTO " + s.into + " VALUES " + row + strings.Repeat(","+row, rows-1) + s.tail
}

// put adds a row.
func (s *sheet) put(ctx context.Context, tx *sql.Tx, row ...any) (err error) {
	s.args = append(s.args, row...)
	if len(s.args) < sqliteRows*s.width {
		return nil
	}
	if s.full == nil {
		if s.full, err = tx.PrepareContext(ctx, s.text(sqliteRows)); err != nil {
			return err
		}
	}
	_, err = s.full.ExecContext(ctx, s.args...)
	s.args = s.args[:0]
	return err
}

// flush inserts the rows that are left.
func (s *sheet) flush(ctx context.Context, tx *sql.Tx) error {
	if len(s.args) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.text(len(s.args)/s.width), s.args...)
	s.args = s.args[:0]
	return err
}

// sheets are the tables that are written.
type sheets struct{ groups, fresh, changed, memberships, audit *sheet }

func newSheets() sheets {
	members := "members (" + memberColumns + ")"
	return sheets{
		groups:      newSheet("groups (tenant, id, key, name)", ""),
		fresh:       newSheet(members, ""),
		changed:     newSheet(members, replacing()),
		memberships: newSheet("memberships (tenant, group_id, member_id)", ""),
		audit:       newSheet("changes (tenant, seq, run, at, op, member, group_id, why, fields, vals)", ""),
	}
}

// replacing is the clause that overwrites columns of a member that is there.
func replacing() string {
	var set []string
	for column := range strings.SplitSeq(memberColumns, ", ") {
		if column != "tenant" && column != "id" && column != "created_at" {
			set = append(set, column+"=excluded."+column)
		}
	}
	return " ON CONFLICT (tenant, id) DO UPDATE SET " + strings.Join(set, ",")
}

func (l *sqliteLane) write(ctx context.Context, w *writes) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	s := &l.sheets
	for _, g := range w.groups {
		if err := s.groups.put(ctx, l.tx, l.tenant, g.id[:], g.key, g.key); err != nil {
			return err
		}
	}
	for _, m := range w.members {
		into := s.fresh
		if m.old {
			into = s.changed
		}
		if err := into.put(ctx, l.tx, l.memberRow(w.round, m)...); err != nil {
			return err
		}
	}
	for _, pair := range w.memberships {
		if err := s.memberships.put(ctx, l.tx, l.tenant, pair[0][:], pair[1][:]); err != nil {
			return err
		}
	}
	for i := range w.audit {
		if err := s.audit.put(ctx, l.tx, l.auditRow(w.round, &w.audit[i])...); err != nil {
			return err
		}
	}
	for _, sheet := range []*sheet{s.groups, s.fresh, s.changed, s.memberships, s.audit} {
		if err := sheet.flush(ctx, l.tx); err != nil {
			return err
		}
	}
	return nil
}

func (l *sqliteLane) memberRow(r *round, m *member) []any {
	row := make([]any, 0, 27)
	row = append(row, l.tenant, m.id[:], m.version, m.hash[:], m.filled, 0, m.content, string(m.values[roster.ExternalID]),
		r.kind, 0, m.created, r.at)
	for _, value := range m.values[:roster.ValueCount] {
		row = append(row, string(value))
	}
	return row
}

func (l *sqliteLane) auditRow(r *round, a *audit) []any {
	row := []any{l.tenant, a.seq, r.run[:], r.at, a.op, optional(a.member), optional(a.group), a.why, a.fields, nil}
	if a.values != nil {
		row[len(row)-1] = string(a.values)
	}
	return row
}

func optional(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id[:]
}
