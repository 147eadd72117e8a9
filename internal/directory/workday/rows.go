package workday

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/scan"
)

const (
	windowSize = 256 << 10 // to begin with; it grows up to the largest row
	idleReads  = 100       // of nothing, one after the other
)

// window is the part of a body that rows are cut from.
type window struct {
	data  []byte // read and not yet handed out
	room  []byte // that data are in
	began bool   // an element of the list was handed out: a comma comes before the next
	ended error  // what the body ended with

	layout scan.Layout // of the rows
}

// bulk hands out rows in bulk: the whole objects that come next, as far as they are plain to see. Whatever else comes,
// the list's end as well, is left to the decoder, which judges it as if it had read all.
func (s *splitter) bulk() error {
	offset := s.in.offset + s.dec.InputOffset()
	w := &window{room: make([]byte, max(windowSize, len(s.dec.UnreadBuffer())))}
	w.data = w.room[:copy(w.room, s.dec.UnreadBuffer())]
	for {
		used, err := s.whole(w)
		offset += int64(used)
		if err != nil {
			return err
		}
		if w.data = w.data[used:]; w.ended != nil || !w.more(&s.in, s.limit) {
			return s.resume(w, offset)
		}
	}
}

// whole hands out the whole rows in the window, and returns how many bytes they are.
func (s *splitter) whole(w *window) (used int, err error) {
	for {
		at := scan.Space(w.data, used)
		if w.began && at < len(w.data) {
			if w.data[at] != ',' {
				w.ended = errPlain
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
			w.ended = errPlain
			return used, nil
		}
		s.rows++
		if err := s.keep(w.data[at:end:end]); err != nil {
			return used, keepError{err}
		}
		used, w.began = end, true
	}
}

// errPlain ends rows that are plain to see, not the body.
var errPlain = errors.New("something else than a plain row")

// more reads until a row may have come to its end. It is false when the body, or the room, has come to its end.
func (w *window) more(in *input, limit int) bool {
	if n := copy(w.room, w.data); n < len(w.room) {
		w.data = w.room[:n]
	} else {
		if n > limit {
			return false
		}
		w.room = append(w.room, make([]byte, len(w.room))...)
		w.data = w.room[:n]
	}
	for range idleReads {
		had := len(w.data)
		if had == len(w.room) {
			return true
		}
		n, err := in.from.Read(w.room[had:])
		w.data = w.room[:had+n]
		if err != nil {
			w.ended = err
			return true
		}
		if bytes.IndexByte(w.data[had:], '}') >= 0 {
			return true
		}
	}
	return true
}

// resume has the decoder go on in the list: it is shown the list's beginning anew, and as its first element what stands
// for all rows so far.
func (s *splitter) resume(w *window, offset int64) error {
	shown, tokens := `{"":[`, 3
	if w.began {
		shown, tokens = shown+"0", 4
	}
	var rest io.Reader = s.in.from
	if w.ended != nil && !errors.Is(w.ended, errPlain) {
		rest = broken{w.ended}
	}
	s.in = input{
		from: bufio.NewReaderSize(io.MultiReader(strings.NewReader(shown), bytes.NewReader(w.data), rest), 64<<10),
		most: s.in.most, offset: offset - int64(len(shown)),
	}
	s.dec = jsontext.NewDecoder(&s.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for range tokens {
		if _, err := s.token(); err != nil {
			return err
		}
	}
	return nil
}

// broken is a reader that has failed.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
