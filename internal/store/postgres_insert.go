package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rollcall/rollcall/internal/plan"
)

// whole is a bigint in the binary format.
func whole(value []byte) uint64 { return binary.BigEndian.Uint64(value) }

// insert gives the server one array a column.
func (postgresDialect) insert(ctx context.Context, tx *transaction, in insertion, rows []any) error {
	if len(rows) == 0 {
		return nil
	}
	arrays, args := make([]string, len(in.columns)), make([]any, len(in.columns))
	for i, column := range in.columns {
		kind := postgresType(column)
		args[i] = array(rows[i:], len(in.columns), kind)
		arrays[i] = "$" + strconv.Itoa(i+1) + "::" + kind + "[]"
	}
	text := "INSERT INTO " + in.table + " (" + strings.Join(in.columns, ",") + ") SELECT * FROM unnest(" +
		strings.Join(arrays, ",") + ")" + in.conflict()
	if _, err := tx.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("insert into %s: %w", in.table, err)
	}
	return nil
}

// revise gives the server one array a column.
func (postgresDialect) revise(ctx context.Context, tx *transaction, r *revision) (int64, error) {
	r.sort()
	sent := newArrays()
	names, arrays := []string{"id", "was"}, []string{"$2::uuid[]", "$3::bigint[]"}
	var set []string
	sent.begin(pgtype.UUIDOID, len(r.changes))
	for _, c := range r.changes {
		sent.bytes(c.Member[:])
	}
	sent.begin(pgtype.Int8OID, len(r.changes))
	for _, c := range r.changes {
		sent.number(c.Before.Version)
	}
	for _, column := range r.columns() {
		names = append(names, column.name)
		arrays = append(arrays, "$"+strconv.Itoa(len(arrays)+2)+"::"+column.send(sent, r.changes)+"[]")
		set = append(set, column.name+"=new."+column.name)
	}
	args := append([]any{r.tenant}, sent.args()...)
	if !r.known {
		args = append(args, r.at)
		set = append(set, "version=members.version+1", "updated_at=$"+strconv.Itoa(len(args)))
	}
	text := "UPDATE members SET " + strings.Join(set, ",") + " FROM unnest(" + strings.Join(arrays, ",") + ") AS new (" +
		strings.Join(names, ",") + ")" + " WHERE members.tenant=$1 AND members.id=new.id AND members.version=new.was"
	err := unavailable(makeRoom(tx, len(sent.data)+len(text)+1024))
	var written int64
	if err == nil {
		written, err = affected(tx.ExecContext(ctx, text, args...))
	}
	if err != nil {
		return 0, fmt.Errorf("revise members: %w", err)
	}
	sent.release()
	return written, nil
}

// send begins an array of the column as it will be, and returns its type.
func (c *memberColumn) send(sent *arrays, changes []*plan.Change) (kind string) {
	switch {
	case c.text != nil:
		sent.begin(pgtype.TextOID, len(changes))
		for _, change := range changes {
			sent.text(c.text(change.After))
		}
		return "text"
	case c.number != nil:
		sent.begin(pgtype.Int8OID, len(changes))
		for _, change := range changes {
			sent.number(c.number(change.After))
		}
		return "bigint"
	}
	sent.begin(pgtype.ByteaOID, len(changes))
	for _, change := range changes {
		sent.bytes(c.bytes(change.After))
	}
	return "bytea"
}

// postgresType is the type of a column of what is inserted.
func postgresType(column string) string {
	switch column {
	case "id", "group_id", "member_id":
		return "uuid"
	case "created_at":
		return "bigint"
	}
	return "text"
}

// array is the column that values begin with, of rows of that width.
func array(values []any, width int, kind string) any {
	switch kind {
	case "uuid":
		return every[[]byte](values, width)
	case "bigint":
		return every[int64](values, width)
	}
	return every[string](values, width)
}

func every[T any](values []any, width int) []T {
	column := make([]T, 0, (len(values)+width-1)/width)
	for at := 0; at < len(values); at += width {
		column = append(column, values[at].(T)) //nolint:errcheck,forcetypeassert // as its column's type
	}
	return column
}
