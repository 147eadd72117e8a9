package chunk

import (
	"encoding/binary"

	"github.com/rollcall/rollcall/internal/reuse"
)

// Writer packs values one after the other, without names: what reads them knows what they are.
type Writer struct{ data []byte }

// blanks are Writers that have grown.
var blanks reuse.Pool[Writer] //nolint:gochecknoglobals // memory only

// Blank is an empty Writer, in the memory of one that was released if there is any.
func Blank() *Writer {
	w := blanks.Take()
	w.data = w.data[:0]
	return w
}

// Release gives a Writer's memory to the next one. What was packed is gone.
func (w *Writer) Release() { blanks.Put(w) }

// Uint packs a number, small ones in few bytes.
func (w *Writer) Uint(n uint64) { w.data = binary.AppendUvarint(w.data, n) }

// Int packs a number that may be negative, those near 0 in few bytes.
func (w *Writer) Int(n int64) { w.data = binary.AppendVarint(w.data, n) }

// Count packs how many of something follow.
func (w *Writer) Count(n int) { w.Uint(uint64(n)) } //nolint:gosec // a length

// Bool packs a truth.
func (w *Writer) Bool(b bool) {
	if b {
		w.data = append(w.data, 1)
	} else {
		w.data = append(w.data, 0)
	}
}

// Text packs a string of any bytes.
func (w *Writer) Text(text string) {
	w.Count(len(text))
	w.data = append(w.data, text...)
}

// Bytes packs what Text does.
func (w *Writer) Bytes(text []byte) {
	w.Count(len(text))
	w.data = append(w.data, text...)
}

// Append packs all that another Writer did.
func (w *Writer) Append(other *Writer) { w.data = append(w.data, other.data...) }

// Fixed packs bytes whose number the reader knows, as those of a hash or an id.
func (w *Writer) Fixed(data []byte) { w.data = append(w.data, data...) }

// Word packs 64 bits that look random, as those of a hash.
func (w *Writer) Word(bits uint64) { w.data = binary.LittleEndian.AppendUint64(w.data, bits) }
