package wire

import (
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/reuse"
)

// Type says how a value is written, so that a reader can skip it.
type Type uint8

// The types.
const (
	Varint Type = iota
	Bytes       // the length, and that many bytes
	Fixed       // 16 bytes
	Record      // fields up to a zero byte
)

const (
	typeBits  = 2
	fixedSize = 16
)

// Writer writes values one after the other.
type Writer struct{ data []byte }

var writers reuse.Pool[Writer] //nolint:gochecknoglobals // memory only

// NewWriter returns an empty Writer from a pool.
func NewWriter() *Writer {
	w := writers.Take()
	w.data = w.data[:0]
	return w
}

// Release returns the Writer to the pool. Don't use it afterwards.
func (w *Writer) Release() { writers.Put(w) }

// Len returns the number of bytes written.
func (w *Writer) Len() int { return len(w.data) }

// Tag begins the field with the given number.
func (w *Writer) Tag(number int, t Type) {
	w.Uint(uint64(number)<<typeBits | uint64(t)) //nolint:gosec // a literal
}

// End ends a record.
func (w *Writer) End() { w.data = append(w.data, 0) }

// UintField writes a number. Small numbers take few bytes.
func (w *Writer) UintField(number int, n uint64) {
	w.Tag(number, Varint)
	w.Uint(n)
}

// IntField writes a number that may be negative. Numbers near 0 take few bytes.
func (w *Writer) IntField(number int, n int64) {
	w.Tag(number, Varint)
	w.Int(n)
}

// TextField writes a text, which may hold any bytes.
func (w *Writer) TextField(number int, text string) {
	w.Tag(number, Bytes)
	w.Text(text)
}

// TextsField writes a list of texts. It writes nothing for an empty list.
func (w *Writer) TextsField(number int, texts []string) {
	if len(texts) == 0 {
		return
	}
	w.Tag(number, Record)
	w.UintField(listCount, uint64(len(texts)))
	for _, text := range texts {
		w.TextField(ListItem, text)
	}
	w.End()
}

// The fields of every list. A list may have more.
const (
	listCount = 1
	ListItem  = 2 // repeated
)

// ListField begins a list of count records. Item begins each record and End ends it. One more End ends the list.
func (w *Writer) ListField(number, count int) {
	w.Tag(number, Record)
	w.UintField(listCount, uint64(count)) //nolint:gosec // a length
}

// Item begins a record of a list.
func (w *Writer) Item() { w.Tag(ListItem, Record) }

// IDsField writes a list of ids. It writes nothing for an empty list.
func (w *Writer) IDsField(number int, ids []uuid.UUID) {
	if len(ids) == 0 {
		return
	}
	w.Tag(number, Record)
	w.UintField(listCount, uint64(len(ids)))
	for i := range ids {
		w.FixedField(ListItem, ids[i])
	}
	w.End()
}

// JSONField writes small data as JSON. v consists of numbers, texts, and lists and maps of them.
func (w *Writer) JSONField(number int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // v has another type
	}
	w.Tag(number, Bytes)
	w.TextBytes(text)
}

// Begin begins a field of bytes. The caller writes them without tags, and ends the field with Close.
func (w *Writer) Begin(number int) (mark int) {
	w.Tag(number, Bytes)
	return len(w.data)
}

// Close ends the field that Begin began.
func (w *Writer) Close(mark int) {
	var size [binary.MaxVarintLen64]byte
	length := size[:binary.PutUvarint(size[:], uint64(len(w.data)-mark))]
	w.data = slices.Insert(w.data, mark, length...)
}

// FixedField writes an id or a hash.
func (w *Writer) FixedField(number int, data [fixedSize]byte) {
	w.Tag(number, Fixed)
	w.data = append(w.data, data[:]...)
}

// WordField writes 64 bits that look random, such as those of a hash.
func (w *Writer) WordField(number int, bits uint64) {
	w.Tag(number, Bytes)
	w.data = binary.LittleEndian.AppendUint64(append(w.data, 8), bits)
}

// Uint writes a number without a tag.
func (w *Writer) Uint(n uint64) {
	if n < 0x80 {
		w.data = append(w.data, byte(n))
		return
	}
	w.data = binary.AppendUvarint(w.data, n)
}

// Int writes a number that may be negative without a tag.
func (w *Writer) Int(n int64) { w.Uint(uint64(n)<<1 ^ uint64(n>>63)) } //nolint:gosec // zigzag

// Count writes how many of something follow.
func (w *Writer) Count(n int) { w.Uint(uint64(n)) } //nolint:gosec // a length

// Text writes a text without a tag.
func (w *Writer) Text(text string) {
	w.Count(len(text))
	w.data = append(w.data, text...)
}

// TextBytes writes what Text does.
func (w *Writer) TextBytes(text []byte) {
	w.Count(len(text))
	w.data = append(w.data, text...)
}

// Append appends everything that another Writer wrote.
func (w *Writer) Append(other *Writer) { w.data = append(w.data, other.data...) }
