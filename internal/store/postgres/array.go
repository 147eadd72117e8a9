package postgres

import (
	"encoding/binary"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/store/database"
)

// arrays holds the array parameters of one statement in PostgreSQL's binary format, one after the other. It avoids
// pgx's own encoding, which looks at each value separately.
type arrays struct {
	data   []byte
	starts []int // where each array begins in data
}

// arrayBuffers pools arrays whose statements have been executed.
var arrayBuffers reuse.Pool[arrays] //nolint:gochecknoglobals // memory only

func newArrays() *arrays {
	a := arrayBuffers.Take()
	a.data, a.starts = a.data[:0], a.starts[:0]
	return a
}

// release returns the arrays to the pool. The statement must have been executed.
func (a *arrays) release() { arrayBuffers.Put(a) }

// begin begins an array of count values, at least one. Any of them may be NULL.
func (a *arrays) begin(element uint32, count int) {
	a.starts = append(a.starts, len(a.data))
	for _, head := range [...]uint32{1, 1, element, uint32(count), 1} { // dimensions, NULLs, type, length, lower bound
		a.data = binary.BigEndian.AppendUint32(a.data, head)
	}
}

func (a *arrays) text(value string)  { a.data = appendText(a.data, value) }
func (a *arrays) bytes(value []byte) { a.data = appendBytes(a.data, value) }
func (a *arrays) number(value int64) { a.data = appendNumber(a.data, value) }

// args returns the arrays as arguments of a statement.
func (a *arrays) args() []any {
	args, end := make([]any, len(a.starts)), len(a.data)
	for i := len(args) - 1; i >= 0; i-- {
		args[i] = encodedArray{data: a.data[a.starts[i]:end], rest: len(a.data) - a.starts[i]}
		end = a.starts[i]
	}
	return args
}

// encodedArray is an array in the binary format.
type encodedArray struct {
	data []byte
	rest int // bytes of this one and those after it
}

// arrayCodec sends an encodedArray unchanged. It leaves all other values to the embedded codec.
type arrayCodec struct{ pgtype.Codec }

// PlanEncode implements pgtype.Codec.
func (c arrayCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ready := value.(encodedArray); ready && format == pgtype.BinaryFormatCode {
		return encodedPlan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

// encodedPlan encodes an encodedArray.
type encodedPlan struct{}

// Encode implements pgtype.EncodePlan. The first array of a statement grows the buffer for all of them.
func (encodedPlan) Encode(value any, to []byte) ([]byte, error) {
	a := value.(encodedArray) //nolint:errcheck,forcetypeassert // made for these
	return append(slices.Grow(to, a.rest), a.data...), nil
}

// registerArrays makes a connection accept encodedArray values.
func registerArrays(conn *pgx.Conn) {
	for _, oid := range []uint32{pgtype.UUIDArrayOID, pgtype.Int8ArrayOID, pgtype.TextArrayOID, pgtype.ByteaArrayOID} {
		if kind, known := conn.TypeMap().TypeForOID(oid); known {
			conn.TypeMap().RegisterType(&pgtype.Type{Name: kind.Name, OID: oid, Codec: arrayCodec{kind.Codec}})
		}
	}
}

// growBuffer grows a connection's buffer to size bytes, so that it doesn't grow in steps. pgx reduces the buffer to 1
// kB after each large message.
func growBuffer(tx *database.Tx, size int) error {
	return native(tx.Conn, func(own *pgx.Conn) error {
		own.PgConn().Frontend().Send(padding(size))
		return nil
	})
}

// padding is an empty message whose only effect is that the buffer grows by that many bytes.
type padding int

// Encode implements pgproto3.Message.
func (size padding) Encode(to []byte) ([]byte, error) { return slices.Grow(to, int(size)), nil }

// Decode implements pgproto3.Message.
func (padding) Decode([]byte) error { return nil }

// Frontend implements pgproto3.FrontendMessage.
func (padding) Frontend() {}
