package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/store/database"
)

// copyRows collects rows in the binary format of COPY. In that format text, bytea and uuid look alike, and all our
// numbers are bigint.
type copyRows struct {
	into database.Insertion
	data []byte
	at   int // the next column
}

// copyHeader is the signature, without flags or an extension. copyTrailer ends the rows.
const (
	copyHeader  = "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"
	copyTrailer = "\377\377"
)

// copyBuffers pools the memory of written rows.
var copyBuffers reuse.Pool[[]byte] //nolint:gochecknoglobals // memory only

// Rows implements database.Dialect with COPY.
func (dialect) Rows(into database.Insertion) database.Rows {
	return &copyRows{into: into, data: append((*copyBuffers.Take())[:0], copyHeader...)}
}

// LargestValue implements database.Dialect: with the rest of its row, such a value fits on a page. Migration 00003 has
// the reason.
func (dialect) LargestValue() int { return 8000 }

// column begins a value, and with the first one a row.
func (s *copyRows) column() {
	if s.at == 0 {
		s.data = binary.BigEndian.AppendUint16(s.data, uint16(len(s.into.Columns)))
	}
	if s.at++; s.at == len(s.into.Columns) {
		s.at = 0
	}
}

// Text implements database.Rows.
func (s *copyRows) Text(value string) {
	s.column()
	s.data = appendText(s.data, value)
}

// Bytes implements database.Rows.
func (s *copyRows) Bytes(value []byte) {
	s.column()
	s.data = appendBytes(s.data, value)
}

// TextBytes implements database.Rows.
func (s *copyRows) TextBytes(value []byte) { s.Bytes(value) }

// Number implements database.Rows.
func (s *copyRows) Number(value int64) {
	s.column()
	s.data = appendNumber(s.data, value)
}

// appendText, appendBytes and appendNumber append a value in the binary format, after its size. Nil bytes are NULL.
func appendText(to []byte, value string) []byte {
	return append(binary.BigEndian.AppendUint32(to, uint32(len(value))), value...)
}

func appendBytes(to, value []byte) []byte {
	if value == nil {
		return binary.BigEndian.AppendUint32(to, math.MaxUint32)
	}
	return append(binary.BigEndian.AppendUint32(to, uint32(len(value))), value...)
}

func appendNumber(to []byte, value int64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(to, 8), uint64(value))
}

// Write sends all rows in one COPY. A few thousand rows in one COPY cost the server less than several smaller ones.
func (s *copyRows) Write(ctx context.Context, tx *database.Tx) error {
	if len(s.data) > len(copyHeader) {
		text := "COPY " + s.into.Table + " (" + strings.Join(s.into.Columns, ",") + ") FROM STDIN BINARY"
		s.data = append(s.data, copyTrailer...)
		err := native(tx.Conn, func(own *pgx.Conn) error {
			_, err := own.PgConn().CopyFrom(ctx, bytes.NewReader(s.data), text)
			return err
		})
		if err != nil {
			return fmt.Errorf("copy into %s: %w", s.into.Table, database.Unavailable(err))
		}
	}
	copyBuffers.Put(&s.data)
	return nil
}
