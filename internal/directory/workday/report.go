package workday

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/fault"
)

// keepError marks an error as that of who takes the rows.
type keepError struct{ err error }

func (e keepError) Error() string { return e.err.Error() }

// split reads a report's body to its true end and hands each element of Report_Entry to keep, as it was sent and valid
// only until keep returns. Report_Entry may stand anywhere among the top-level keys; the others are skipped, but for error
// messages, which are faults wherever they stand. Memory is bounded by limit, the size of the largest row.
//
// Law: however the body is cut into reads, the rows and the verdict are the same; and the verdict is nil only if the body
// is one whole JSON object with Report_Entry and white space after it.
//
// Its error is a keepError around keep's own, or a *fault.Fault. When r itself fails, r knows better why.
func split(at fault.At, r io.Reader, limit int, keep func(raw []byte) error) error {
	s := &splitter{at: at, limit: limit, keep: keep, in: input{from: bufio.NewReaderSize(r, 64<<10), most: int64(limit)}}
	if err := s.open(); err != nil {
		return err
	}
	return s.object()
}

type splitter struct {
	at    fault.At
	limit int
	keep  func(raw []byte) error
	in    input
	dec   *jsontext.Decoder
	rows  int
	found bool // Report_Entry
}

// open looks at the first byte that is not white space: a report's is a brace.
func (s *splitter) open() error {
	s.in.skip("\xef\xbb\xbf")
	for {
		first, err := s.in.from.Peek(1)
		if err != nil {
			return fault.BodyTruncated(s.at, err)
		}
		switch first[0] {
		case ' ', '\t', '\r', '\n':
			s.in.skip(string(first))
			continue
		case '{':
		case '<':
			return s.markup()
		default:
			return s.text()
		}
		s.dec = jsontext.NewDecoder(&s.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		return nil
	}
}

// markup says what kind of page came in place of JSON.
func (s *splitter) markup() error {
	head := s.in.head()
	switch {
	case bytes.Contains(head, notAuthorized):
		return fault.TaskNotAuthorized(s.at)
	case bytes.Contains(head, []byte("<html")), bytes.Contains(head, []byte("<!doctype html")):
		return fault.HTMLNotJSON(s.at)
	}
	return fault.XMLNotJSON(s.at)
}

// text says what came that is neither an object nor markup.
func (s *splitter) text() error {
	head := s.in.head()
	switch {
	case bytes.Contains(head, notAuthorized):
		return fault.TaskNotAuthorized(s.at)
	case head[0] == '[':
		return fault.ReportEntryMissing(s.at)
	}
	return fault.NotJSON(s.at, s.in.offset)
}

// object reads the report's object and what follows it.
func (s *splitter) object() error {
	if _, err := s.token(); err != nil {
		return err
	}
	for s.dec.PeekKind() != '}' {
		name, err := s.token()
		if err != nil {
			return err
		}
		if err := s.value(name.String()); err != nil {
			return err
		}
	}
	if _, err := s.token(); err != nil {
		return err
	}
	if !s.found {
		return fault.ReportEntryMissing(s.at)
	}
	switch _, err := s.dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case s.in.failed != nil:
		return s.broken(err)
	}
	return fault.TrailingData(s.at)
}

// value reads the value of one top-level key.
func (s *splitter) value(name string) error {
	switch strings.ToLower(name) {
	case "report_entry":
		s.found = true
		return s.entries()
	case "error", "errors", "fault", "faultstring", "faultcode", "exception":
		return s.message()
	}
	return s.skip()
}

// entries reads the rows. Where a report has one row, some converters leave the list away; where it has none, the list.
func (s *splitter) entries() error {
	switch s.dec.PeekKind() {
	case '[':
		if _, err := s.token(); err != nil {
			return err
		}
		if err := s.bulk(); err != nil {
			return err
		}
		for s.dec.PeekKind() != ']' {
			if err := s.entry(); err != nil {
				return err
			}
		}
		_, err := s.token()
		return err
	case '{':
		return s.entry()
	default:
		raw, err := s.raw()
		if err == nil && filled(raw) {
			return fault.ReportEntryMissing(s.at)
		}
		return err
	}
}

// entry reads one row.
func (s *splitter) entry() error {
	raw, err := s.raw()
	if err != nil {
		return err
	}
	s.rows++
	if len(raw) > s.limit {
		return fault.RowTooLarge(s.at, s.rows, s.limit)
	}
	if err := s.keep(raw); err != nil {
		return keepError{err}
	}
	return nil
}

// message reads what may be an error message; an empty one says nothing.
func (s *splitter) message() error {
	raw, err := s.raw()
	switch {
	case err != nil:
		return err
	case bytes.Contains(bytes.ToLower(raw), notAuthorized):
		return fault.TaskNotAuthorized(s.at)
	case filled(raw):
		return fault.ReportError(s.at)
	}
	return nil
}

func filled(raw []byte) bool {
	switch string(raw) {
	case "null", "false", `""`, "[]", "{}":
		return false
	}
	return true
}

// skip reads over one value, token by token, so that it may be of any length.
func (s *splitter) skip() error {
	depth := s.dec.StackDepth()
	for {
		if _, err := s.token(); err != nil {
			return err
		}
		if s.dec.StackDepth() <= depth {
			return nil
		}
	}
}

func (s *splitter) token() (jsontext.Token, error) {
	token, err := s.dec.ReadToken()
	if err != nil {
		return token, s.broken(err)
	}
	s.in.used = s.dec.InputOffset()
	return token, nil
}

func (s *splitter) raw() (jsontext.Value, error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return nil, s.broken(err)
	}
	s.in.used = s.dec.InputOffset()
	return raw, nil
}

// broken says why the decoder could not go on.
func (s *splitter) broken(err error) error {
	switch {
	case errors.Is(s.in.failed, errTooLarge) && s.found:
		return fault.RowTooLarge(s.at, s.rows+1, s.limit)
	case errors.Is(s.in.failed, errTooLarge):
		return fault.RowTooLarge(s.at, 0, s.limit)
	case s.in.failed != nil:
		return fault.ConnectionLost(s.at, s.in.failed)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.BodyTruncated(s.at, err)
	case s.found:
		return fault.BodyDamaged(s.at, fmt.Errorf("byte %d: %w", s.in.offset+s.dec.InputOffset(), err))
	}
	return fault.NotJSON(s.at, s.in.offset+s.dec.InputOffset())
}

var errTooLarge = errors.New("a value larger than the limit")

// input feeds the decoder, and stops when it holds more unread bytes than one value may have.
type input struct {
	from   *bufio.Reader
	most   int64
	offset int64 // bytes skipped before the decoder's first
	fed    int64 // bytes given to the decoder
	used   int64 // of these, bytes up to the end of the last token or value
	failed error // what from ended with, other than its end
}

func (i *input) Read(p []byte) (int, error) {
	if i.fed-i.used > i.most {
		i.failed = errTooLarge
		return 0, errTooLarge
	}
	n, err := i.from.Read(p)
	i.fed += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		i.failed = err
	}
	return n, err
}

// skip skips text if it comes next.
func (i *input) skip(text string) {
	for n := range len(text) {
		if next, _ := i.from.Peek(n + 1); string(next) != text[:n+1] { // an error shows again at the next read
			return
		}
	}
	n, _ := i.from.Discard(len(text)) // it is in the buffer
	i.offset += int64(n)
}

// head is the beginning of what comes, in lower case, for telling kinds of pages apart. It may be cut anywhere.
func (i *input) head() []byte {
	head, _ := i.from.Peek(4 << 10) // less where the body ends or breaks: that is what came
	return bytes.ToLower(head)
}
