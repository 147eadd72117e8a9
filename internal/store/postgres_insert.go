package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// insert copies rows straight into the table where none of them can be there; else it merges them, as one statement.
func (postgresDialect) insert(ctx context.Context, tx *transaction, in insertion, rows []any) error {
	switch {
	case len(rows) == 0:
		return nil
	case len(in.key) > 0:
		return in.merge(ctx, tx, rows)
	}
	data, err := copyData(rows, len(in.columns))
	if err != nil {
		return fmt.Errorf("copy into %s: %w", in.table, err)
	}
	text := "COPY " + in.table + " (" + strings.Join(in.columns, ",") + ") FROM STDIN BINARY"
	return native(tx.conn, func(own *pgx.Conn) error {
		if _, err := own.PgConn().CopyFrom(ctx, bytes.NewReader(data), text); err != nil {
			return fmt.Errorf("copy into %s: %w", in.table, err)
		}
		return nil
	})
}

// copyData is rows in the binary format of COPY. Its values are of the types that all columns of ours have: text,
// bytea and uuid, which are sent alike, and bigint.
func copyData(rows []any, columns int) ([]byte, error) {
	size := 32
	for _, value := range rows {
		size += 12
		switch value := value.(type) {
		case *string:
			size += len(*value)
		case string:
			size += len(value)
		case []byte:
			size += len(value)
		}
	}
	// signature, no flags, no extension
	data := append(make([]byte, 0, size), "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"...)
	for i, value := range rows {
		if i%columns == 0 {
			data = binary.BigEndian.AppendUint16(data, uint16(columns))
		}
		switch value := value.(type) {
		case nil:
			data = binary.BigEndian.AppendUint32(data, 1<<32-1)
		case *string:
			data = append(binary.BigEndian.AppendUint32(data, uint32(len(*value))), *value...)
		case string:
			data = append(binary.BigEndian.AppendUint32(data, uint32(len(value))), value...)
		case []byte:
			data = append(binary.BigEndian.AppendUint32(data, uint32(len(value))), value...)
		case int64:
			data = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(data, 8), uint64(value))
		default:
			return nil, fmt.Errorf("a value of type %T", value)
		}
	}
	return binary.BigEndian.AppendUint16(data, 1<<16-1), nil
}

// whole is a bigint in the binary format.
func whole(value []byte) uint64 { return binary.BigEndian.Uint64(value) }

// merge writes rows of which some may be there, or all are, given as one array a column.
func (in insertion) merge(ctx context.Context, tx *transaction, rows []any) error {
	text, args := in.unnest(rows)
	assignments := make([]string, len(in.replace))
	switch {
	case in.there: // what isn't replaced isn't sent
		for i, column := range in.replace {
			assignments[i] = column + "=new." + column
		}
		text = "UPDATE " + in.table + " SET " + strings.Join(assignments, ",") + " FROM " + text +
			" WHERE " + in.table + ".tenant=$1 AND " + in.table + ".id=new.id"
	case len(in.replace) == 0:
		text = "INSERT INTO " + in.table + " (" + strings.Join(in.columns, ",") + ") SELECT * FROM " + text +
			" ON CONFLICT (" + strings.Join(in.key, ",") + ") DO NOTHING"
	default:
		for i, column := range in.replace {
			assignments[i] = column + "=excluded." + column
		}
		text = "INSERT INTO " + in.table + " (" + strings.Join(in.columns, ",") + ") SELECT * FROM " + text +
			" ON CONFLICT (" + strings.Join(in.key, ",") + ") DO UPDATE SET " + strings.Join(assignments, ",")
	}
	if _, err := tx.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("merge into %s: %w", in.table, err)
	}
	return nil
}

// unnest is rows as a table called new. Where all are there it has the columns that are replaced and the id, and the
// first parameter is the tenant.
func (in insertion) unnest(rows []any) (text string, args []any) {
	var columns, arrays []string
	for i, column := range in.columns {
		if in.there && column == "tenant" {
			args = append(args, rows[i])
			continue
		}
		if in.there && column != "id" && !slices.Contains(in.replace, column) {
			continue
		}
		kind := postgresType(column)
		args = append(args, array(rows[i:], len(in.columns), kind))
		columns = append(columns, column)
		arrays = append(arrays, "$"+strconv.Itoa(len(args))+"::"+kind+"[]")
	}
	return "unnest(" + strings.Join(arrays, ",") + ") AS new (" + strings.Join(columns, ",") + ")", args
}

// postgresType is the type of a column of what is merged.
func postgresType(column string) string {
	switch column {
	case "id", "group_id", "member_id":
		return "uuid"
	case "row_hash":
		return "bytea"
	case "version", "row_columns", "row_issues", "row_content", "departed_at", "created_at", "updated_at":
		return "bigint"
	}
	return "text"
}

// array is the column that values begin with, of rows of that width; bytes may be nil, which is NULL.
func array(values []any, width int, kind string) any {
	switch kind {
	case "bigint":
		return every(values, width, func(value any) int64 { return value.(int64) })
	case "text":
		return every(values, width, func(value any) string {
			if text, ok := value.(*string); ok {
				return *text
			}
			return value.(string)
		})
	}
	return every(values, width, func(value any) []byte {
		data, _ := value.([]byte)
		return data
	})
}

func every[T any](values []any, width int, as func(any) T) []T {
	column := make([]T, 0, (len(values)+width-1)/width)
	for at := 0; at < len(values); at += width {
		column = append(column, as(values[at]))
	}
	return column
}
