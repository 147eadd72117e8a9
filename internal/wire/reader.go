package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"unsafe"

	"github.com/google/uuid"
)

// errMalformed says that the content ends too early or too late, or has an impossible number.
var errMalformed = errors.New("malformed content")

// Reader reads what a Writer wrote. After the first failure it returns zeros, and Next returns 0; Decode then
// returns an error. Texts share the memory of the content.
//
// Read a record like this:
//
//	for n := r.Next(); n != 0; n = r.Next() {
//		switch n {
//		case 1:
//			v.Name = r.Text()
//		default:
//			r.Skip()
//		}
//	}
type Reader struct {
	data   []byte
	kind   Type // type of the field that Next returned
	failed bool
	texts  []string // memory of AllocTexts
}

// Next returns the number of the next field of a record, or 0 at its end.
func (r *Reader) Next() (number int) {
	if len(r.data) > 0 && r.data[0] < 0x80 {
		tag := r.data[0]
		r.data = r.data[1:]
		r.kind = Type(tag & (1<<typeBits - 1))
		if number = int(tag >> typeBits); number == 0 && tag != 0 {
			r.Fail()
		}
		return number
	}
	tag := r.Uint()
	r.kind = Type(tag & (1<<typeBits - 1))
	if tag >>= typeBits; tag == 0 || tag > maxNumber {
		r.Fail()
		return 0
	}
	return int(tag)
}

// maxNumber is the highest number of a field.
const maxNumber = 1<<30 - 1

// Skip skips the value of the field that Next returned.
func (r *Reader) Skip() {
	for open := 0; ; {
		switch r.kind {
		case Varint:
			r.Uint()
		case Bytes:
			r.take(r.Count())
		case Fixed:
			r.take(fixedSize)
		case Record:
			open++
		}
		for open > 0 && r.Next() == 0 {
			open--
		}
		if open == 0 {
			return
		}
	}
}

// Fail marks the content as malformed. An Unpack calls it for a value that makes no sense.
func (r *Reader) Fail() { r.failed, r.data = true, nil }

// end returns the error, after everything was read.
func (r *Reader) end() error {
	if r.failed || len(r.data) > 0 {
		return errMalformed
	}
	return nil
}

// Uint reads what Writer.Uint wrote.
func (r *Reader) Uint() uint64 {
	if len(r.data) > 0 && r.data[0] < 0x80 {
		n := uint64(r.data[0])
		r.data = r.data[1:]
		return n
	}
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

// Int reads what Writer.Int wrote.
func (r *Reader) Int() int64 {
	n := r.Uint()
	return int64(n>>1) ^ -int64(n&1) //nolint:gosec // zigzag
}

// Count reads what Writer.Count wrote. It is at most the number of bytes left, so the caller may allocate that many
// items.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.data)) {
		r.Fail()
		return 0
	}
	return int(n) //nolint:gosec // no more than a length
}

// Bound reads a number and returns at most the number of bytes left, so the caller may allocate that many items.
func (r *Reader) Bound() int { return int(min(r.Uint(), uint64(len(r.data)))) } //nolint:gosec // no more than a length

// Text reads what Writer.Text or Writer.TextBytes wrote.
func (r *Reader) Text() string {
	b := r.take(r.Count())
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // content is never written to
}

// Fixed reads an id or a hash.
func (r *Reader) Fixed() (data [fixedSize]byte) {
	copy(data[:], r.take(fixedSize))
	return data
}

// Word reads what Writer.WordField wrote.
func (r *Reader) Word() uint64 {
	b := r.take(r.Count())
	if len(b) != 8 {
		r.Fail()
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// Sub returns a Reader of the field of bytes that follows. Pass it to Join after reading it.
func (r *Reader) Sub() Reader { return Reader{data: r.take(r.Count())} }

// Join fails if sub failed or wasn't read to its end.
func (r *Reader) Join(sub *Reader) {
	if sub.end() != nil {
		r.Fail()
	}
}

// List reads the start of a list and returns the number of items, for Item. It is at most the number of bytes left.
func (r *Reader) List() (count int) {
	if r.Next() != listCount {
		r.Fail()
		return 0
	}
	return r.Count()
}

// Item reports whether another item of a list follows, to be read next. It skips fields of the list that it doesn't
// know.
func (r *Reader) Item() bool {
	for n := r.Next(); n != 0; n = r.Next() {
		if n == ListItem {
			return true
		}
		r.Skip()
	}
	return false
}

// TextList reads what Writer.TextsField wrote.
func (r *Reader) TextList() []string {
	list := r.AllocTexts(r.List())[:0]
	for r.Item() {
		list = append(list, r.Text())
	}
	return list
}

// AllocTexts returns a slice of n texts, or nil for 0.
func (r *Reader) AllocTexts(n int) []string {
	if n == 0 {
		return nil
	}
	at := len(r.texts)
	if n > cap(r.texts)-at {
		r.texts, at = make([]string, 0, max(n, 1024, 2*cap(r.texts))), 0 // earlier lists stay valid
	}
	r.texts = r.texts[:at+n]
	return r.texts[at:len(r.texts):len(r.texts)]
}

// IDList reads what Writer.IDsField wrote.
func (r *Reader) IDList() []uuid.UUID {
	list := make([]uuid.UUID, 0, r.List())
	for r.Item() {
		list = append(list, r.Fixed())
	}
	return list
}

// JSON reads what Writer.JSONField wrote.
func (r *Reader) JSON(into any) {
	if json.Unmarshal([]byte(r.Text()), into) != nil {
		r.Fail()
	}
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
