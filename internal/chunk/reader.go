package chunk

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// errCut says that what was packed ends too early, or goes on too long, or holds a number that cannot be.
var errCut = errors.New("what is packed doesn't fit what is read")

// Reader unpacks what a Writer packed, in the same order. After the first value that isn't there all are zero; Decode
// tells. Texts share the memory of the chunk.
type Reader struct {
	data  []byte
	broke bool
	texts []string // lists of texts, one after the other
}

// Fail says that what was read means nothing: for an Unpack that looks closer.
func (r *Reader) Fail() {
	r.broke, r.data = true, nil
}

// err is what went wrong, once all has been read.
func (r *Reader) err() error {
	if r.broke || len(r.data) > 0 {
		return errCut
	}
	return nil
}

// Uint is of Writer.Uint.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

// Int is of Writer.Int.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.data)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

// Count is of Writer.Count. It is never more than there are bytes left, so that room can be made for so many.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.data)) {
		r.Fail()
		return 0
	}
	return int(n) //nolint:gosec // no more than a length
}

// Bool is of Writer.Bool.
func (r *Reader) Bool() bool {
	b := r.take(1)
	return len(b) == 1 && b[0] != 0
}

// Text is of Writer.Text.
func (r *Reader) Text() string {
	b := r.take(r.Count())
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // nobody writes to a chunk that was unpacked
}

// Texts is room for n texts.
func (r *Reader) Texts(n int) []string {
	if n == 0 {
		return nil
	}
	at := len(r.texts)
	if n > cap(r.texts)-at {
		r.texts, at = make([]string, 0, max(n, 1024, 2*cap(r.texts))), 0 // the lists before stay where they are
	}
	r.texts = r.texts[:at+n]
	return r.texts[at:len(r.texts):len(r.texts)]
}

// List is room for as many as follow; nil for none.
func List[T any](r *Reader) []T {
	if n := r.Count(); n > 0 {
		return make([]T, n)
	}
	return nil
}

// Fixed is of Writer.Fixed.
func (r *Reader) Fixed(into []byte) { copy(into, r.take(len(into))) }

// Word is of Writer.Word.
func (r *Reader) Word() uint64 {
	b := r.take(8)
	if len(b) < 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (r *Reader) take(n int) []byte {
	if n > len(r.data) {
		r.Fail()
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}
