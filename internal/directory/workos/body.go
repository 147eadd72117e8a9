package workos

import (
	"bytes"
	"encoding/json" // which the client decodes with
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/fault"
)

// readBody checks that body is one complete JSON object and, if path is that of a list, that it has entries and
// list_metadata. A list without a cursor in list_metadata is at its end (API reference, "Pagination").
//
// It returns the body for the client, which would round the numbers of custom attributes and refuse a page for one
// entry. So numbers in entries become strings, as written, and an entry that the client can't decode becomes null.
func readBody(body []byte, path string) ([]byte, error) {
	r := bodyReader{
		dec: jsontext.NewDecoder(
			bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
		),
		kinds: map[string]jsontext.Kind{},
	}
	switch {
	case strings.HasSuffix(path, "/directory_users"):
		r.decode = decodes[sdk.DirectoryUserWithGroups]
	case strings.HasSuffix(path, "/directory_groups"):
		r.decode = decodes[sdk.DirectoryGroup]
	}
	err := r.read()
	switch list := r.decode != nil; {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, responseError{func(at fault.At) *fault.Fault { return fault.BodyTruncated(at, err) }}
	case err != nil:
		return nil, r.syntaxError(err)
	case list && r.kinds["data"] != '[':
		return nil, malformed("it has no list of entries")
	case list && r.kinds["list_metadata"] != '{':
		return nil, malformed("it has no list_metadata")
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, responseError{fault.TrailingData}
	}
	return r.out, nil
}

func decodes[T any](entry []byte) bool {
	var value T
	return json.Unmarshal(entry, &value) == nil
}

// bodyReader reads the object in a body.
type bodyReader struct {
	dec    *jsontext.Decoder
	decode func(entry []byte) bool // reports whether the client can decode an entry; nil if the body is no list
	kinds  map[string]jsontext.Kind
	out    []byte // for the client
	entry  int    // number of the entry that is being read; 0: none
}

var errNoObject = errors.New("not an object")

func (r *bodyReader) read() error {
	start, err := r.dec.ReadToken()
	if err != nil {
		return err
	}
	if start.Kind() != '{' {
		return errNoObject
	}
	r.out = append(r.out, '{')
	for r.dec.PeekKind() != '}' {
		if err := r.member(); err != nil {
			return err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	r.out = append(r.out, '}')
	return nil
}

// member reads a name and its value.
func (r *bodyReader) member() error {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	if len(r.kinds) > 0 {
		r.out = append(r.out, ',')
	}
	r.out = append(append(r.out, raw...), ':')
	text, _ := jsontext.AppendUnquote(nil, raw) // a name that isn't UTF-8 is none of ours
	name := string(text)
	r.kinds[name] = r.dec.PeekKind()
	if name == "data" && r.kinds[name] == '[' && r.decode != nil {
		return r.entries()
	}
	raw, err = r.dec.ReadValue()
	r.out = append(r.out, raw...)
	return err
}

// entries reads the entries of a list.
func (r *bodyReader) entries() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	r.out = append(r.out, '[')
	for r.entry = 1; r.dec.PeekKind() != ']'; r.entry++ {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		if r.entry > 1 {
			r.out = append(r.out, ',')
		}
		from := len(r.out)
		if r.out = appendQuoted(r.out, raw); !r.decode(r.out[from:]) {
			r.out = append(r.out[:from], "null"...)
		}
	}
	r.entry = 0
	r.out = append(r.out, ']')
	_, err := r.dec.ReadToken()
	return err
}

// appendQuoted appends raw, which is valid JSON, with each number as a string.
func appendQuoted(out []byte, raw jsontext.Value) []byte {
	const number = "+-.0123456789eE"
	for at := 0; at < len(raw); {
		end := at + 1
		switch c := raw[at]; {
		case c == '"':
			for ; raw[end] != '"'; end++ {
				if raw[end] == '\\' {
					end++
				}
			}
			end++
			out = append(out, raw[at:end]...)
		case c == '-', c >= '0' && c <= '9':
			for end < len(raw) && strings.IndexByte(number, raw[end]) >= 0 {
				end++
			}
			out = append(append(append(out, '"'), raw[at:end]...), '"')
		default:
			out = append(out, c)
		}
		at = end
	}
	return out
}

// syntaxError returns the error for an error of the decoder.
func (r *bodyReader) syntaxError(err error) error {
	position, entry := r.dec.InputOffset(), r.entry
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		position = syntax.ByteOffset
	}
	return responseError{func(at fault.At) *fault.Fault {
		if len(r.out) == 0 {
			return fault.NotJSON(at, position)
		}
		return fault.BodyInvalid(at, entry, position+1)
	}}
}
