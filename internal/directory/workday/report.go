package workday

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

// handlerError marks an error of the caller's handler.
type handlerError struct{ err error }

func (e handlerError) Error() string { return e.err.Error() }

// split reads a report's body to its true end and passes each element of Report_Entry to handle, as it was sent. An
// element is valid only until handle returns. For one larger than limit, handle gets directory.Unreadable. Report_Entry
// may be anywhere among the top-level keys. The other keys are skipped, except error messages, which are faults. Memory
// is bounded by limit.
//
// Law: the rows and the result don't depend on how the body is divided into reads. The error is nil only if the body is
// one complete JSON object with Report_Entry, followed by nothing but white space. Of a row larger than limit, only
// strings and brackets are checked.
//
// Its error is a handlerError or a *fault.Fault. If r failed, the error of r is more precise.
func split(at fault.At, r io.Reader, limit int, handle func(raw []byte) error) error {
	s := &splitter{
		at: at, limit: limit, handle: handle, in: input{reader: bufio.NewReaderSize(r, 64<<10), limit: int64(limit)},
	}
	if err := s.begin(); err != nil {
		return err
	}
	return s.readReport()
}

type splitter struct {
	at     fault.At
	limit  int
	handle func(raw []byte) error
	in     input
	dec    *jsontext.Decoder
	rows   int
	found  bool // Report_Entry was seen
	inRows bool // the decoder is inside Report_Entry
}

// begin checks that the first byte other than white space is a brace.
func (s *splitter) begin() error {
	s.in.skip("\xef\xbb\xbf")
	for {
		first, err := s.in.reader.Peek(1)
		if err != nil {
			return fault.BodyTruncated(s.at, err)
		}
		switch first[0] {
		case ' ', '\t', '\r', '\n':
			s.in.skip(string(first))
			continue
		case '{':
		case '<':
			return s.markupFault()
		default:
			return s.textFault()
		}
		s.dec = jsontext.NewDecoder(&s.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		return nil
	}
}

// markupFault returns the fault for a body that is HTML or XML.
func (s *splitter) markupFault() error {
	head := s.in.peekLower()
	switch {
	case bytes.Contains(head, notAuthorized):
		return fault.TaskNotAuthorized(s.at)
	case bytes.Contains(head, []byte("<html")), bytes.Contains(head, []byte("<!doctype html")):
		return fault.HTMLNotJSON(s.at)
	}
	return fault.XMLNotJSON(s.at)
}

// textFault returns the fault for a body that is neither an object nor markup.
func (s *splitter) textFault() error {
	head := s.in.peekLower()
	switch {
	case bytes.Contains(head, notAuthorized):
		return fault.TaskNotAuthorized(s.at)
	case head[0] == '[':
		return fault.ReportEntryMissing(s.at)
	}
	return fault.NotJSON(s.at, s.in.offset)
}

// readReport reads the report's object and checks that nothing follows it.
func (s *splitter) readReport() error {
	if _, err := s.readToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() != '}' {
		name, err := s.readToken()
		if err != nil {
			return err
		}
		if err := s.readKey(name.String()); err != nil {
			return err
		}
	}
	if _, err := s.readToken(); err != nil {
		return err
	}
	if !s.found {
		return fault.ReportEntryMissing(s.at)
	}
	switch _, err := s.dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case s.in.err != nil:
		return s.decodeFault(err)
	}
	return s.drained(fault.TrailingData(s.at))
}

// readKey reads the value of one top-level key.
func (s *splitter) readKey(name string) error {
	switch strings.ToLower(name) {
	case "report_entry":
		s.found, s.inRows = true, true
		if err := s.readRows(); err != nil {
			return err
		}
		s.inRows = false
		return nil
	case "error", "errors", "fault", "faultstring", "faultcode", "exception":
		return s.readError()
	}
	return s.skipValue()
}

// readRows reads the rows. Some converters write a single row without an array, and no rows as an empty value.
func (s *splitter) readRows() error {
	switch s.dec.PeekKind() {
	case '[':
		if _, err := s.readToken(); err != nil {
			return err
		}
		if err := s.scanRows(); err != nil {
			return err
		}
		for s.dec.PeekKind() != ']' {
			if err := s.readRow(); err != nil {
				return err
			}
		}
		_, err := s.readToken()
		return err
	case '{':
		return s.readRow()
	default:
		raw, err := s.readValue()
		if err == nil && nonEmpty(raw) {
			return fault.ReportEntryMissing(s.at)
		}
		return err
	}
}

func (s *splitter) readRow() error {
	raw, err := s.dec.ReadValue()
	switch {
	case err == nil:
		s.in.consumed = s.dec.InputOffset()
	case errors.Is(s.in.err, errTooLarge):
		if err := s.skipRow(); err != nil {
			return err
		}
	default:
		return s.decodeFault(err)
	}
	if err != nil || len(raw) > s.limit {
		raw = jsontext.Value(directory.Unreadable())
	}
	s.rows++
	if err := s.handle(raw); err != nil {
		return handlerError{err}
	}
	return nil
}

// readError reads the value of a key that may hold an error message. An empty value is not an error.
func (s *splitter) readError() error {
	raw, err := s.readValue()
	switch {
	case err != nil:
		return err
	case bytes.Contains(bytes.ToLower(raw), notAuthorized):
		return fault.TaskNotAuthorized(s.at)
	case nonEmpty(raw):
		return fault.ReportError(s.at)
	}
	return nil
}

func nonEmpty(raw []byte) bool {
	switch string(raw) {
	case "null", "false", `""`, "[]", "{}":
		return false
	}
	return true
}

// skipValue skips one value token by token, so the value may be of any length.
func (s *splitter) skipValue() error {
	depth := s.dec.StackDepth()
	for {
		if _, err := s.readToken(); err != nil {
			return err
		}
		if s.dec.StackDepth() <= depth {
			return nil
		}
	}
}

func (s *splitter) readToken() (jsontext.Token, error) {
	token, err := s.dec.ReadToken()
	if err != nil {
		return token, s.decodeFault(err)
	}
	s.in.consumed = s.dec.InputOffset()
	return token, nil
}

func (s *splitter) readValue() (jsontext.Value, error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return nil, s.decodeFault(err)
	}
	s.in.consumed = s.dec.InputOffset()
	return raw, nil
}

// decodeFault returns the fault for an error of the decoder.
func (s *splitter) decodeFault(err error) error {
	switch {
	case errors.Is(s.in.err, errTooLarge):
		return fault.RowTooLarge(s.at, s.limit)
	case s.in.err != nil:
		return fault.ConnectionLost(s.at, s.in.err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.BodyTruncated(s.at, err)
	}
	return s.syntaxFault(err)
}

// syntaxFault returns the fault for JSON that is wrong. It reads the body to its end first, because a body that ends
// early, or has a wrong checksum, was damaged on its way.
func (s *splitter) syntaxFault(err error) error {
	row, position := 0, s.in.offset+s.dec.InputOffset()
	if s.inRows {
		row = s.rows + 1
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		position = s.in.offset + syntax.ByteOffset
	}
	return s.drained(fault.BodyInvalid(s.at, row, position+1))
}

// drained returns f, unless the rest of the body can't be read.
func (s *splitter) drained(f *fault.Fault) *fault.Fault {
	if _, err := io.Copy(io.Discard, s.in.reader); err != nil {
		return fault.ConnectionLost(s.at, err)
	}
	return f
}

var errTooLarge = errors.New("a value larger than the limit")

// input feeds the decoder. It fails when the decoder buffers more unread bytes than limit.
type input struct {
	pending  []byte // comes before what is in reader
	reader   *bufio.Reader
	failed   error // what reader has ended with already, or nil
	limit    int64
	offset   int64 // bytes skipped before the decoder's first byte
	fed      int64 // bytes given to the decoder
	consumed int64 // of these, bytes up to the end of the last token or value
	err      error // what from ended with, other than its end
}

func (i *input) Read(p []byte) (int, error) {
	if i.fed-i.consumed > i.limit {
		i.err = errTooLarge
		return 0, errTooLarge
	}
	n, err := copy(p, i.pending), i.failed
	switch {
	case len(i.pending) > 0:
		i.pending, err = i.pending[n:], nil
	case err == nil:
		n, err = i.reader.Read(p)
	}
	i.fed += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		i.err = err
	}
	return n, err
}

// skip discards text if it comes next.
func (i *input) skip(text string) {
	for n := range len(text) {
		if next, _ := i.reader.Peek(n + 1); string(next) != text[:n+1] { // an error shows again at the next read
			return
		}
	}
	n, _ := i.reader.Discard(len(text)) // it is in the buffer
	i.offset += int64(n)
}

// peekLower returns up to 4 KiB of the unread body in lower case, to tell kinds of pages apart.
func (i *input) peekLower() []byte {
	head, _ := i.reader.Peek(4 << 10) // shorter if the body ends or fails
	return bytes.ToLower(head)
}
