package main

import (
	"bytes"
	"errors"
	"io"

	"github.com/rollcall/rollcall/internal/roster"
)

const (
	blockSize = 1 << 20 // also the largest row
	ahead     = 32      // blocks read ahead
)

// block is a part of the body with complete rows.
type block struct {
	data   []byte
	rows   []span
	hashes []roster.Hash // of rows
}

// span is the position of a row in its block.
type span struct{ from, to int }

func (b *block) row(i int) []byte { return b.data[b.rows[i].from:b.rows[i].to] }

var errBody = errors.New("the body isn't a complete report")

// split splits a report's body into blocks of rows and passes them to out in order. next returns a block to fill, or
// nil to stop.
func split(body io.Reader, next func() *block, out func(*block)) error {
	var rest []byte // start of an incomplete row
	for state := beforeRows; ; {
		b := next()
		if b == nil {
			return nil
		}
		b.rows, b.hashes = b.rows[:0], b.hashes[:0]
		filled := copy(b.data[:cap(b.data)], rest)
		read, err := io.ReadFull(body, b.data[filled:cap(b.data)])
		b.data = b.data[:filled+read]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		from := 0
		if state == beforeRows {
			if from = begin(b.data); from < 0 {
				return errBody
			}
			state = withinRows
		}
		if state == withinRows {
			from, state = b.cut(from)
		}
		out(b) // rest points into its data and is copied before b is filled again
		rest = append([]byte(nil), b.data[from:]...)
		switch {
		case last && state == afterRows && bytes.Equal(bytes.TrimSpace(rest), []byte("}")):
			return nil
		case last || len(rest) == cap(b.data):
			return errBody
		}
	}
}

// The part of the body that the splitter is in.
const (
	beforeRows = iota
	withinRows
	afterRows
)

// begin returns the position of the first row.
func begin(data []byte) int {
	name := []byte(`"Report_Entry"`)
	at := bytes.Index(data, name)
	if at < 0 {
		return -1
	}
	open := bytes.IndexByte(data[at+len(name):], '[')
	if open < 0 {
		return -1
	}
	return at + len(name) + open + 1
}

// cut finds and hashes rows, starting between two rows. It returns the start of the first incomplete row, or the
// position after the end of the array.
func (b *block) cut(from int) (rest, state int) {
	for at := from; at < len(b.data); {
		switch b.data[at] {
		case '{':
			length := object(b.data[at:])
			if length < 0 {
				return at, withinRows
			}
			b.rows = append(b.rows, span{at, at + length})
			b.hashes = append(b.hashes, roster.HashBytes(b.data[at:at+length]))
			at += length
		case ']':
			return at + 1, afterRows
		default: // commas and white space
			at++
		}
	}
	return len(b.data), withinRows
}

// object returns the length of the object at the start of data, or -1 if it is incomplete.
func object(data []byte) int {
	end := bytes.IndexByte(data, '}') + 1
	if end == 0 {
		return -1
	}
	// Nothing nested, nothing escaped, and no text open: then this brace is the row's own. It is true of nearly all
	// rows, and each question is one pass of vector instructions.
	row := data[:end]
	if bytes.IndexByte(row, '\\') < 0 && bytes.Count(row, []byte{'{'}) == 1 && bytes.Count(row, []byte{'"'})%2 == 0 {
		return end
	}
	depth, text := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
