package workday

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/scan"
)

const (
	windowSize    = 256 << 10 // initial size; a window grows up to the largest row
	maxEmptyReads = 100       // of nothing, one after the other
)

// window is the part of the body that rows are cut from.
type window struct {
	data    []byte // read and not yet handed out
	buffer  []byte // that data are in
	emitted bool   // an element of the list was handed out: a comma comes before the next
	err     error  // what the body ended with

	layout scan.Layout // of the rows
}

// scanRows is the fast path: it emits the complete objects that come next without decoding them. It leaves everything
// else, including the end of the array, to the decoder. The result is the same as if the decoder had read all rows.
func (s *splitter) scanRows() error {
	offset := s.in.offset + s.dec.InputOffset()
	w := &window{buffer: make([]byte, max(windowSize, len(s.dec.UnreadBuffer())))}
	w.data = w.buffer[:copy(w.buffer, s.dec.UnreadBuffer())]
	for {
		used, err := s.emitRows(w)
		offset += int64(used)
		if err != nil {
			return err
		}
		if w.data = w.data[used:]; w.err != nil || !w.fill(&s.in, s.limit) {
			return s.resumeDecoder(w, offset)
		}
	}
}

// emitRows passes the complete rows in the window to the handler. It returns the number of bytes used.
func (s *splitter) emitRows(w *window) (used int, err error) {
	for {
		at := scan.Space(w.data, used)
		if w.emitted && at < len(w.data) {
			if w.data[at] != ',' {
				w.err = errNotPlain
				return used, nil
			}
			at = scan.Space(w.data, at+1)
		}
		if at == len(w.data) {
			return used, nil
		}
		end := scan.Invalid
		if w.data[at] == '{' {
			end = w.layout.Object(w.data, at)
		}
		switch {
		case end == scan.CutOff && len(w.data)-at <= s.limit:
			return used, nil
		case end < 0, end-at > s.limit:
			w.err = errNotPlain
			return used, nil
		}
		s.rows++
		if err := s.handle(w.data[at:end:end]); err != nil {
			return used, handlerError{err}
		}
		used, w.emitted = end, true
	}
}

// errNotPlain ends the fast path, not the body.
var errNotPlain = errors.New("not a plain row")

// fill reads until the window may hold a complete row. It returns false when the window is larger than limit.
func (w *window) fill(in *input, limit int) bool {
	if n := copy(w.buffer, w.data); n < len(w.buffer) {
		w.data = w.buffer[:n]
	} else {
		if n > limit {
			return false
		}
		w.buffer = append(w.buffer, make([]byte, len(w.buffer))...)
		w.data = w.buffer[:n]
	}
	for range maxEmptyReads {
		filled := len(w.data)
		if filled == len(w.buffer) {
			return true
		}
		n, err := in.reader.Read(w.buffer[filled:])
		w.data = w.buffer[:filled+n]
		if err != nil {
			w.err = err
			return true
		}
		if bytes.IndexByte(w.data[filled:], '}') >= 0 {
			return true
		}
	}
	return true
}

// resumeDecoder makes the decoder continue inside the array. It feeds the decoder the start of an array, with one
// element in place of all rows emitted so far.
func (s *splitter) resumeDecoder(w *window, offset int64) error {
	prefix, tokens := `{"":[`, 3
	if w.emitted {
		prefix, tokens = prefix+"0", 4
	}
	failed := w.err
	if errors.Is(failed, errNotPlain) {
		failed = nil
	}
	s.in = input{
		reader: s.in.reader, pending: append([]byte(prefix), w.data...), failed: failed, limit: s.in.limit,
		offset: offset - int64(len(prefix)),
	}
	s.dec = jsontext.NewDecoder(&s.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for range tokens {
		if _, err := s.readToken(); err != nil {
			return err
		}
	}
	return nil
}
