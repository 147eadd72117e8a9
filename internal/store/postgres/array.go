package postgres

import (
	"encoding/binary"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/store/database"
)

// arrays are the arrays of one statement, one after the other, in the binary format, as they are sent. pgx would look at each
// value of each.
type arrays struct {
	data   []byte
	starts []int // of each
}

// arrayBuffers is memory of arrays that were sent.
var arrayBuffers reuse.Pool[arrays] //nolint:gochecknoglobals // memory only

func newArrays() *arrays {
	a := arrayBuffers.Take()
	a.data, a.starts = a.data[:0], a.starts[:0]
	return a
}

// release comes when the statement has been executed.
func (a *arrays) release() { arrayBuffers.Put(a) }

// begin begins an array of so many values (one at least), any of which may be NULL.
func (a *arrays) begin(element uint32, count int) {
	a.starts = append(a.starts, len(a.data))
	for _, head := range [...]uint32{1, 1, element, uint32(count), 1} { // dimensions, NULLs, type, length, lower bound
		a.data = binary.BigEndian.AppendUint32(a.data, head)
	}
}

func (a *arrays) text(value string)  { a.data = appendText(a.data, value) }
func (a *arrays) bytes(value []byte) { a.data = appendBytes(a.data, value) }
func (a *arrays) number(value int64) { a.data = appendNumber(a.data, value) }

// args are the arrays as arguments.
func (a *arrays) args() []any {
	args, end := make([]any, len(a.starts)), len(a.data)
	for i := len(args) - 1; i >= 0; i-- {
		args[i] = encodedArray{data: a.data[a.starts[i]:end], rest: len(a.data) - a.starts[i]}
		end = a.starts[i]
	}
	return args
}

// sentArray is an array as it is sent.
type encodedArray struct {
	data []byte
	rest int // bytes of this one and those after it
}

// arrayCodec sends a sentArray as it is, and any other value as ever.
type arrayCodec struct{ pgtype.Codec }

// PlanEncode is of pgtype.Codec.
func (c arrayCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ready := value.(encodedArray); ready && format == pgtype.BinaryFormatCode {
		return encodedPlan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

// sentPlan is of pgtype.EncodePlan.
type encodedPlan struct{}

// Encode makes room for all arrays of the statement with the first.
func (encodedPlan) Encode(value any, to []byte) ([]byte, error) {
	a := value.(encodedArray) //nolint:errcheck,forcetypeassert // made for these
	return append(slices.Grow(to, a.rest), a.data...), nil
}

// sendArrays has a connection take arrays.
func registerArrays(conn *pgx.Conn) {
	for _, oid := range []uint32{pgtype.UUIDArrayOID, pgtype.Int8ArrayOID, pgtype.TextArrayOID, pgtype.ByteaArrayOID} {
		if kind, known := conn.TypeMap().TypeForOID(oid); known {
			conn.TypeMap().RegisterType(&pgtype.Type{Name: kind.Name, OID: oid, Codec: arrayCodec{kind.Codec}})
		}
	}
}

// grow has a connection's buffer take a message of so many bytes without growing on the way: with each large one it
// begins anew with 1 kB.
func growBuffer(tx *database.Tx, size int) error {
	return native(tx.Conn, func(own *pgx.Conn) error {
		own.PgConn().Frontend().Send(padding(size))
		return nil
	})
}

// space is a pgproto3.FrontendMessage that is empty, but makes a buffer grow.
type padding int

// Encode makes room.
func (size padding) Encode(to []byte) ([]byte, error) { return slices.Grow(to, int(size)), nil }

// Decode is of pgproto3.Message.
func (padding) Decode([]byte) error { return nil }

// Frontend is of pgproto3.FrontendMessage.
func (padding) Frontend() {}
