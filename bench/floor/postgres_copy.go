package main

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

// copyRows encodes rows of one table in PostgreSQL's binary format for COPY. Values are added in the columns' order.
type copyRows struct {
	table   string
	columns []string
	types   []uint32 // of the columns
	data    []byte
	at      int // the next column
}

// newCopyRows reads the columns' types from the database.
func newCopyRows(ctx context.Context, conn *pgx.Conn, table, columns string) (*copyRows, error) {
	described, err := conn.Prepare(ctx, "", "SELECT "+columns+" FROM "+table)
	if err != nil {
		return nil, err
	}
	c := &copyRows{table: table, columns: strings.Split(columns, ", ")}
	for _, field := range described.Fields {
		c.types = append(c.types, field.DataTypeOID)
	}
	c.clear()
	return c, nil
}

// clear starts a new COPY: signature, flags, no extension.
func (c *copyRows) clear() {
	c.data, c.at = append(c.data[:0], "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"...), 0
}

func (c *copyRows) empty() bool { return len(c.data) == len("PGCOPY\n\377\r\n\000")+8 }

// send copies the rows into the table.
func (c *copyRows) send(ctx context.Context, conn *pgx.Conn) error {
	if c.empty() {
		return nil
	}
	c.data = binary.BigEndian.AppendUint16(c.data, 0xffff)
	text := "COPY " + c.table + " (" + strings.Join(c.columns, ", ") + ") FROM STDIN BINARY"
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(c.data), text); err != nil {
		return fmt.Errorf("copy into %s: %w", c.table, err)
	}
	c.clear()
	return nil
}

// column starts a value and returns its type.
func (c *copyRows) column() uint32 {
	if c.at == 0 {
		c.data = binary.BigEndian.AppendUint16(c.data, uint16(len(c.columns)))
	}
	oid := c.types[c.at]
	c.at = (c.at + 1) % len(c.columns)
	return oid
}

func (c *copyRows) null() {
	c.column()
	c.data = binary.BigEndian.AppendUint32(c.data, 0xffffffff)
}

// bytes adds the value of a text, bytea or JSON column.
func (c *copyRows) bytes(value []byte) {
	if c.column() == pgtype.JSONBOID {
		c.data = append(binary.BigEndian.AppendUint32(c.data, uint32(len(value)+1)), 1)
	} else {
		c.data = binary.BigEndian.AppendUint32(c.data, uint32(len(value)))
	}
	c.data = append(c.data, value...)
}

func (c *copyRows) text(value string) {
	c.column()
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(len(value)))
	c.data = append(c.data, value...)
}

// id adds a UUID, whether the column is uuid or bytea; uuid.Nil is NULL.
func (c *copyRows) id(id uuid.UUID) {
	if id == uuid.Nil {
		c.null()
		return
	}
	c.column()
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(len(id)))
	c.data = append(c.data, id[:]...)
}

// number adds an integer of the column's width.
func (c *copyRows) number(value int64) {
	switch c.column() {
	case pgtype.Int2OID:
		c.data = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(c.data, 2), uint16(value))
	case pgtype.Int4OID:
		c.data = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(c.data, 4), uint32(value))
	default:
		c.data = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(c.data, 8), uint64(value))
	}
}
