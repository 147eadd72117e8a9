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

	mostBetween = 60       // bytes between two rows, where their ends are guessed
	mostInner   = 8        // guesses at a row's end that are passed over
	mostAtOnce  = 64       // rows of which the ends are guessed
	mostUnasked = 64       // rows one after the other that aren't asked about
	farthest    = 16 << 10 // bytes in which a row's end is guessed
)

// window is the part of a body that rows are cut from.
type window struct {
	data  []byte // read and not yet handed out
	room  []byte // that data are in
	began bool   // an element of the list was handed out: a comma comes before the next
	ended error  // what the body ended with

	layout  scan.Layout // of the rows that are scanned
	between []byte      // the last row's brace, what stood before the next one, and that one's brace
	inner   int         // how often that stood within the row that was scanned last

	guessed [][]byte // what may be the next rows
	run     int      // how many of them are worth guessing

	unknown int // rows one after the other that aren't known, among those that were asked about
	unasked int // rows to come that aren't asked about
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
		end := scan.Odd
		if w.data[at] == '{' {
			known, err := s.recognised(w, used, at)
			if err != nil {
				return used, keepError{err}
			}
			if known > 0 {
				used, w.began = known, true
				continue
			}
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
		if s.to.known != nil && w.unasked == 0 {
			w.inner = w.innerOf(w.data[at:end])
		}
		if err := s.to.row(w.data[at:end:end]); err != nil {
			return used, keepError{err}
		}
		used, w.began = end, true
	}
}

// recognised is where the known rows end that begin at a place, as far as that is found without looking into them: one may
// end wherever between stands next, and then another begins. from is where the row before them ended. It is 0 where the first
// isn't known, or its end isn't that plain to see.
//
// It is exact: bytes that are those of a known row are a whole object, and no whole object begins a longer one.
func (s *splitter) recognised(w *window, from, at int) (end int, err error) {
	if s.to.known == nil || !w.asks() {
		return 0, nil
	}
	if w.began {
		w.between = append(append(append(w.between[:0], '}'), w.data[from:at]...), '{')
	}
	if len(w.between) == 0 || len(w.between) > mostBetween {
		return 0, nil
	}
	w.guess(at, s.limit)
	if len(w.guessed) == 0 {
		return 0, nil
	}
	known, err := s.to.known(w.guessed)
	if err != nil {
		return 0, err
	}
	s.rows += known
	w.run = known
	if known == len(w.guessed) {
		w.run = min(2*known, mostAtOnce)
	}
	if known == 0 {
		end, err = s.later(w, at, at+len(w.guessed[0]))
		w.learn(end > 0)
		return end, err
	}
	w.learn(true)
	for i, row := range w.guessed[:known] {
		if i > 0 {
			at += len(w.between) - 2
		}
		at += len(row)
	}
	return at, nil
}

// asks tells whether the next row is asked about. Where many aren't known, as in a first load, one in a few shows whether
// that is still so.
func (w *window) asks() bool {
	if w.unasked == 0 {
		return true
	}
	w.unasked--
	return false
}

func (w *window) learn(known bool) {
	if w.unknown++; known {
		w.unknown = 0
	}
	w.unasked = min(w.unknown/2, mostUnasked)
}

// guess guesses what the next rows are.
func (w *window) guess(at, limit int) {
	w.guessed = w.guessed[:0]
	for range max(w.run, 1) {
		end := w.end(at, at)
		if end < 0 || end-at > limit {
			return
		}
		w.guessed = append(w.guessed, w.data[at:end:end])
		at = end + len(w.between) - 2
	}
}

// end is where a row that begins at a place may end, after another place; negative: nowhere near.
func (w *window) end(at, after int) int {
	next := bytes.Index(w.data[after:min(len(w.data), at+farthest)], w.between)
	if next < 0 {
		return next
	}
	return after + next + 1
}

// later is as recognised, of one row, where it doesn't end at the first place where it may.
func (s *splitter) later(w *window, at, end int) (int, error) {
	for range min(w.inner, mostInner) {
		if end = w.end(at, end); end < 0 || end-at > s.limit {
			break
		}
		w.guessed = append(w.guessed[:0], w.data[at:end:end])
		if known, err := s.to.known(w.guessed); known > 0 || err != nil {
			s.rows += known
			return end, err
		}
	}
	return 0, nil
}

// innerOf is how often between stands within a row.
func (w *window) innerOf(row []byte) int {
	if len(w.between) == 0 || len(row) > farthest {
		return 0
	}
	return bytes.Count(row, w.between)
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
