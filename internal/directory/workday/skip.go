package workday

import (
	"bytes"
	"errors"
	"io"

	"github.com/rollcall/rollcall/internal/fault"
)

// skipRow skips a row that is larger than the limit, in bounded memory. The decoder continues after it.
func (s *splitter) skipRow() error {
	if s.dec.StackDepth() < 2 { // the only row, which is in no list
		return fault.RowTooLarge(s.at, s.limit)
	}
	position := s.in.offset + s.dec.InputOffset()
	buffered := append(bytes.Clone(s.dec.UnreadBuffer()), s.in.pending...)
	var row rowEnd
	for data := buffered; ; {
		used := row.find(data)
		position += int64(used)
		if row.invalid {
			return s.drained(fault.BodyInvalid(s.at, s.rows+1, position+1))
		}
		if len(buffered) > 0 {
			buffered = buffered[used:]
		} else if _, err := s.in.reader.Discard(used); err != nil {
			return fault.ConnectionLost(s.at, err)
		}
		if row.found {
			break
		}
		if data = buffered; len(data) > 0 {
			continue
		}
		if s.in.failed != nil {
			return fault.ConnectionLost(s.at, s.in.failed)
		}
		switch _, err := s.in.reader.Peek(1); {
		case errors.Is(err, io.EOF):
			return fault.BodyTruncated(s.at, err)
		case err != nil:
			return fault.ConnectionLost(s.at, err)
		}
		data, _ = s.in.reader.Peek(s.in.reader.Buffered()) // it is in the buffer
	}
	return s.resumeDecoder(&window{data: buffered, emitted: true, err: s.in.failed}, position)
}

// rowEnd finds the end of an object, a list or a string, and checks only its strings and brackets. The comma and the
// white space before it were checked.
type rowEnd struct {
	depth   int
	text    bool // inside a string
	escaped bool // after a backslash
	found   bool
	invalid bool // the last byte is wrong
}

// find continues with data, up to the end of the row if that is there. It returns the number of bytes used, without an
// invalid one.
func (r *rowEnd) find(data []byte) int {
	for i, c := range data {
		switch {
		case r.escaped:
			r.escaped = false
		case r.text:
			r.escaped, r.text, r.invalid = c == '\\', c != '"', c < ' '
			r.found = !r.text && r.depth == 0
		case c == '"':
			r.text = true
		case c == '{', c == '[':
			r.depth++
		case c == '}', c == ']':
			r.depth--
			r.found, r.invalid = r.depth == 0, r.depth < 0
		case r.depth == 0:
			r.invalid = c != ',' && c != ' ' && c != '\t' && c != '\r' && c != '\n'
		}
		switch {
		case r.invalid:
			return i
		case r.found:
			return i + 1
		}
	}
	return len(data)
}
