package floor

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// wire makes rows of one table in PostgreSQL's binary format for COPY. Values are put in the order of the columns.
type wire struct {
	table   string
	columns []string
	types   []uint32 // of the columns
	data    []byte
	at      int // the next column
}

// newWire asks the database for the columns' types.
func newWire(ctx context.Context, conn *pgx.Conn, table, columns string) (*wire, error) {
	described, err := conn.Prepare(ctx, "", "SELECT "+columns+" FROM "+table)
	if err != nil {
		return nil, err
	}
	w := &wire{table: table, columns: strings.Split(columns, ", ")}
	for _, field := range described.Fields {
		w.types = append(w.types, field.DataTypeOID)
	}
	w.clear()
	return w, nil
}

// clear begins a new COPY: signature, flags, no extension.
func (w *wire) clear() {
	w.data, w.at = append(w.data[:0], "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"...), 0
}

func (w *wire) empty() bool { return len(w.data) == len("PGCOPY\n\377\r\n\000")+8 }

// send copies the rows into the table.
func (w *wire) send(ctx context.Context, conn *pgx.Conn) error {
	if w.empty() {
		return nil
	}
	w.data = binary.BigEndian.AppendUint16(w.data, 0xffff)
	text := "COPY " + w.table + " (" + strings.Join(w.columns, ", ") + ") FROM STDIN BINARY"
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(w.data), text); err != nil {
		return fmt.Errorf("copy into %s: %w", w.table, err)
	}
	w.clear()
	return nil
}

// column begins a value and returns its type.
func (w *wire) column() uint32 {
	if w.at == 0 {
		w.data = binary.BigEndian.AppendUint16(w.data, uint16(len(w.columns)))
	}
	oid := w.types[w.at]
	w.at = (w.at + 1) % len(w.columns)
	return oid
}

func (w *wire) null() {
	w.column()
	w.data = binary.BigEndian.AppendUint32(w.data, 0xffffffff)
}

// bytes puts the value of a text, bytea or JSON column.
func (w *wire) bytes(value []byte) {
	if w.column() == pgtype.JSONBOID {
		w.data = append(binary.BigEndian.AppendUint32(w.data, uint32(len(value)+1)), 1)
	} else {
		w.data = binary.BigEndian.AppendUint32(w.data, uint32(len(value)))
	}
	w.data = append(w.data, value...)
}

func (w *wire) text(value string) {
	w.column()
	w.data = binary.BigEndian.AppendUint32(w.data, uint32(len(value)))
	w.data = append(w.data, value...)
}

// id puts a UUID, whether the column is uuid or bytea; uuid.Nil is NULL.
func (w *wire) id(id uuid.UUID) {
	if id == uuid.Nil {
		w.null()
		return
	}
	w.column()
	w.data = binary.BigEndian.AppendUint32(w.data, uint32(len(id)))
	w.data = append(w.data, id[:]...)
}

// number puts a whole number of the column's width.
func (w *wire) number(value int64) {
	switch w.column() {
	case pgtype.Int2OID:
		w.data = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(w.data, 2), uint16(value))
	case pgtype.Int4OID:
		w.data = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(w.data, 4), uint32(value))
	default:
		w.data = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(w.data, 8), uint64(value))
	}
}
