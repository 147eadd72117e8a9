package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Insert sends one array for each column.
func (dialect) Insert(ctx context.Context, tx *database.Tx, in database.Insertion, rows []any) error {
	if len(rows) == 0 {
		return nil
	}
	arrays, args := make([]string, len(in.Columns)), make([]any, len(in.Columns))
	for i, column := range in.Columns {
		kind := columnType(column)
		args[i] = array(rows[i:], len(in.Columns), kind)
		arrays[i] = "$" + strconv.Itoa(i+1) + "::" + kind + "[]"
	}
	text := "INSERT INTO " + in.Table + " (" + strings.Join(in.Columns, ",") + ") SELECT * FROM unnest(" +
		strings.Join(arrays, ",") + ")" + in.Conflict()
	if _, err := tx.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("insert into %s: %w", in.Table, err)
	}
	return nil
}

// Revise sends one array for each column.
func (dialect) Revise(ctx context.Context, tx *database.Tx, r *database.Revision) (int64, error) {
	r.Sort()
	sent := newArrays()
	names, arrays := []string{"id", "was"}, []string{"$2::uuid[]", "$3::bigint[]"}
	var set []string
	sent.begin(pgtype.UUIDOID, len(r.Changes))
	for _, c := range r.Changes {
		sent.bytes(c.Member[:])
	}
	sent.begin(pgtype.Int8OID, len(r.Changes))
	for _, c := range r.Changes {
		sent.number(c.Before.Version)
	}
	for _, column := range r.Columns() {
		names = append(names, column.Name)
		arrays = append(arrays, "$"+strconv.Itoa(len(arrays)+2)+"::"+appendColumn(column, sent, r.Changes)+"[]")
		set = append(set, column.Name+"=new."+column.Name)
	}
	args := append([]any{r.Tenant}, sent.args()...)
	if !r.KnownOnly {
		args = append(args, r.At)
		set = append(set, "version=members.version+1", "updated_at=$"+strconv.Itoa(len(args)))
	}
	text := "UPDATE members SET " + strings.Join(set, ",") + " FROM unnest(" + strings.Join(arrays, ",") +
		") AS new (" +
		strings.Join(names, ",") + ")" + " WHERE members.tenant=$1 AND members.id=new.id AND members.version=new.was"
	err := database.Unavailable(growBuffer(tx, len(sent.data)+len(text)+1024))
	var written int64
	if err == nil {
		written, err = database.Affected(tx.ExecContext(ctx, text, args...))
	}
	if err != nil {
		return 0, fmt.Errorf("revise members: %w", err)
	}
	sent.release()
	return written, nil
}

// appendColumn appends an array of a column's values after the changes. It returns the column's type.
func appendColumn(c database.MemberColumn, sent *arrays, changes []*plan.Change) (kind string) {
	switch {
	case c.Text != nil:
		sent.begin(pgtype.TextOID, len(changes))
		for _, change := range changes {
			sent.text(c.Text(change.After))
		}
		return "text"
	case c.Number != nil:
		sent.begin(pgtype.Int8OID, len(changes))
		for _, change := range changes {
			sent.number(c.Number(change.After))
		}
		return "bigint"
	}
	sent.begin(pgtype.ByteaOID, len(changes))
	for _, change := range changes {
		sent.bytes(c.Bytes(change.After))
	}
	return "bytea"
}

// columnType returns the type of a column that Insert writes.
func columnType(column string) string {
	switch column {
	case "id", "group_id", "member_id":
		return "uuid"
	case "created_at":
		return "bigint"
	}
	return "text"
}

// array returns the column that begins with the first value, of rows of that width.
func array(values []any, width int, kind string) any {
	switch kind {
	case "uuid":
		return columnValues[[]byte](values, width)
	case "bigint":
		return columnValues[int64](values, width)
	}
	return columnValues[string](values, width)
}

func columnValues[T any](values []any, width int) []T {
	column := make([]T, 0, (len(values)+width-1)/width)
	for at := 0; at < len(values); at += width {
		column = append(column, values[at].(T)) //nolint:errcheck,forcetypeassert // as its column's type
	}
	return column
}
