package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/rollcall/rollcall/internal/reuse"
)

// copySheet is rows in the binary format of COPY, as they are sent. Texts, bytea and uuid look alike there, and all
// numbers of ours are bigint.
type copySheet struct {
	into insertion
	data []byte
	at   int // the next column
}

// copyHead is signature, no flags, no extension; copyTail ends the rows.
const (
	copyHead = "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000"
	copyTail = "\377\377"
)

// copyRoom is memory of sheets that were written.
var copyRoom reuse.Pool[[]byte] //nolint:gochecknoglobals // memory only

func (postgresDialect) sheet(into insertion) sheet {
	return &copySheet{into: into, data: append((*copyRoom.Take())[:0], copyHead...)}
}

// column begins a value.
func (s *copySheet) column() {
	if s.at == 0 {
		s.data = binary.BigEndian.AppendUint16(s.data, uint16(len(s.into.columns)))
	}
	if s.at++; s.at == len(s.into.columns) {
		s.at = 0
	}
}

func (s *copySheet) text(value string) {
	s.column()
	s.data = appendText(s.data, value)
}

func (s *copySheet) bytes(value []byte) {
	s.column()
	s.data = appendBytes(s.data, value)
}

func (s *copySheet) copied(value []byte) { s.bytes(value) }

func (s *copySheet) number(value int64) {
	s.column()
	s.data = appendNumber(s.data, value)
}

// appendText, appendBytes (nil is NULL) and appendNumber append a value in the binary format, behind its size.
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

// write sends all rows in one COPY: the server goes about a few thousand more cheaply than about as many in pieces.
func (s *copySheet) write(ctx context.Context, tx *transaction) error {
	if len(s.data) > len(copyHead) {
		text := "COPY " + s.into.table + " (" + strings.Join(s.into.columns, ",") + ") FROM STDIN BINARY"
		s.data = append(s.data, copyTail...)
		err := native(tx.conn, func(own *pgx.Conn) error {
			_, err := own.PgConn().CopyFrom(ctx, bytes.NewReader(s.data), text)
			return err
		})
		if err != nil {
			return fmt.Errorf("copy into %s: %w", s.into.table, unavailable(err))
		}
	}
	copyRoom.Put(&s.data)
	return nil
}
