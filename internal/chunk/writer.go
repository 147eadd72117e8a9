package chunk

import (
	"encoding/binary"
	"slices"
)

// Writer packs values one after the other, without names: what reads them knows what they are.
type Writer struct{ data []byte }

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

// Len is how many bytes were packed.
func (w *Writer) Len() int { return len(w.data) }

// Grow makes room for so many bytes.
func (w *Writer) Grow(n int) { w.data = slices.Grow(w.data, n) }

// Fixed packs bytes whose number the reader knows, as those of a hash or an id.
func (w *Writer) Fixed(data []byte) { w.data = append(w.data, data...) }

// Word packs 64 bits that look random, as those of a hash.
func (w *Writer) Word(bits uint64) { w.data = binary.LittleEndian.AppendUint64(w.data, bits) }
