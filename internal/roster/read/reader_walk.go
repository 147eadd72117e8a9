package read

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/scan"
)

// pairs yields an object's names, as written, and values. It yields nothing for another value. raw is valid JSON.
func pairs(raw jsontext.Value) iter.Seq2[jsontext.Value, jsontext.Value] {
	return func(yield func(name, value jsontext.Value) bool) {
		at := scan.Space(raw, 0)
		if at == len(raw) || raw[at] != '{' {
			return
		}
		for at = scan.Space(raw, at+1); raw[at] != '}'; {
			end := scan.Value(raw, at)
			from := scan.Space(raw, scan.Space(raw, end)+1) // past the colon
			to := scan.Value(raw, from)
			if to < 0 || !yield(raw[at:end], raw[from:to]) { // too deep
				return
			}
			if at = scan.Space(raw, to); raw[at] == ',' {
				at = scan.Space(raw, at+1)
			}
		}
	}
}

// elements yields an array's elements. It yields nothing for another value. raw is valid JSON.
func elements(raw jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		at := scan.Space(raw, 0)
		if at == len(raw) || raw[at] != '[' {
			return
		}
		for at = scan.Space(raw, at+1); raw[at] != ']'; {
			end := scan.Value(raw, at)
			if end < 0 || !yield(raw[at:end]) { // too deep
				return
			}
			if at = scan.Space(raw, end); raw[at] == ',' {
				at = scan.Space(raw, at+1)
			}
		}
	}
}

// object reads an object whose path is r.path.
func (r *Reader) object(raw jsontext.Value, row, depth int) error {
	above := len(r.path)
	for name, value := range pairs(raw) {
		if err := r.member(name, value, row, depth); err != nil {
			return err
		}
		r.path = r.path[:above]
	}
	return nil
}

// member reads a name and its value.
func (r *Reader) member(name, value jsontext.Value, row, depth int) error {
	if len(r.path) > 0 {
		r.path = append(r.path, '.')
	}
	r.path = unquote(r.path, name)
	return r.value(value, row, depth+1)
}

// readSlow decodes a row that isn't an ordinary object: to report what is wrong with it, or to handle its depth.
func (r *Reader) readSlow(raw []byte, row int) error {
	decoder := jsontext.NewDecoder(bytes.NewReader(raw), jsonOptions)
	if kind := decoder.PeekKind(); kind != jsontext.KindBeginObject && kind != jsontext.KindInvalid {
		return errNotObject
	}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	for decoder.PeekKind() != jsontext.KindEndObject {
		name, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		name = bytes.Clone(name)
		value, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		r.path = r.path[:0]
		if err := r.member(name, value, row, 0); err != nil {
			return err
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}
