package main

import (
	"context"
	"database/sql"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// inserts collects rows of one table and inserts sqliteRows at a time.
type inserts struct {
	into  string // table and columns
	tail  string // what follows the values
	width int
	full  *sql.Stmt // inserts sqliteRows rows
	args  []any
}

func newInserts(table, columns, tail string) *inserts {
	return &inserts{into: table + " (" + columns + ")", tail: tail, width: 1 + strings.Count(columns, ",")}
}

func (i *inserts) text(rows int) string {
	row := "(" + marks(i.width) + ")"
	return "INSERT INTO " + i.into + " VALUES " + row + strings.Repeat(","+row, rows-1) + i.tail
}

// add adds a row.
func (i *inserts) add(ctx context.Context, tx *sql.Tx, row ...any) (err error) {
	i.args = append(i.args, row...)
	if len(i.args) < sqliteRows*i.width {
		return nil
	}
	if i.full == nil {
		if i.full, err = tx.PrepareContext(ctx, i.text(sqliteRows)); err != nil {
			return err
		}
	}
	_, err = i.full.ExecContext(ctx, i.args...)
	i.args = i.args[:0]
	return err
}

// flush inserts the remaining rows.
func (i *inserts) flush(ctx context.Context, tx *sql.Tx) error {
	if len(i.args) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, i.text(len(i.args)/i.width), i.args...)
	i.args = i.args[:0]
	return err
}

// tableInserts holds the inserts of each table.
type tableInserts struct{ groups, added, changed, memberships, audit *inserts }

func newTables() tableInserts {
	return tableInserts{
		groups:      newInserts("groups", groupColumns, ""),
		added:       newInserts("members", memberColumns, ""),
		changed:     newInserts("members", memberColumns, replacing()),
		memberships: newInserts("memberships", membershipColumns, ""),
		audit:       newInserts("changes", auditColumns, ""),
	}
}

// replacing is the clause that overwrites columns of an existing member.
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
	t := &l.rows
	for _, g := range w.groups {
		if err := t.groups.add(ctx, l.tx, l.tenant, g.id[:], g.key, g.key); err != nil {
			return err
		}
	}
	for _, m := range w.members {
		into := t.added
		if m.old {
			into = t.changed
		}
		if err := into.add(ctx, l.tx, l.memberRow(w.round, m)...); err != nil {
			return err
		}
	}
	for _, pair := range w.memberships {
		if err := t.memberships.add(ctx, l.tx, l.tenant, pair[0][:], pair[1][:]); err != nil {
			return err
		}
	}
	for i := range w.audit {
		if err := t.audit.add(ctx, l.tx, l.auditRow(w.round, &w.audit[i])...); err != nil {
			return err
		}
	}
	for _, table := range []*inserts{t.groups, t.added, t.changed, t.memberships, t.audit} {
		if err := table.flush(ctx, l.tx); err != nil {
			return err
		}
	}
	return nil
}

func (l *sqliteLane) memberRow(r *round, m *member) []any {
	row := make([]any, 0, 27)
	row = append(row, l.tenant, m.id[:], m.version, m.hash[:], m.filled, 0, m.content,
		string(m.values[roster.ExternalID]), r.kind, 0, m.created, r.at)
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
