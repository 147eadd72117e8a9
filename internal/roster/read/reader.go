package read

import (
	"bytes"
	"cmp"
	"errors"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

const (
	maxDepth  = 12   // objects and arrays in one another; what is deeper is no column
	maxUnused = 1000 // names of unused columns kept
	maxName   = 200  // bytes kept of such a name
)

// Reader decodes the rows of one report. It flattens objects to dotted columns, takes arrays apart, keeps numbers as
// they are written, and leaves out what is empty: missing, null, "", [], {} and invisible text. It is for one
// goroutine.
type Reader struct {
	usable    func(name string) bool // whether some field can use that column
	mapsParts bool                   // whether the tenant maps a Descriptor or an ID by itself
	columns   *Columns
	seen      map[string]*column
	unused    int // how many of seen no field can use

	path        []byte // of the value at hand
	text        []byte // the row, and behind it values that stand in it otherwise
	spans       []CellSpan
	sortedSpans []CellSpan // room to sort found

	joined     []byte   // all texts of the row
	valueBlock []string // for rows to come
	cellBlock  []roster.Cell

	layout layout

	ids   []typedID         // of the reference at hand
	name  []byte            // of the member at hand
	folds map[string]string // names folded before

	isCopy bool // it learns nothing: see Copy
}

// NewReader reads a report whose columns the tenant maps by fields. It adds to columns as it meets new ones.
func NewReader(fields roster.FieldMap, columns *Columns) *Reader {
	mapped := fields.ByColumnKey()
	r := newReader(func(name string) bool { return len(candidates(mapped, name)) > 0 }, columns)
	for key := range mapped {
		r.mapsParts = r.mapsParts || strings.HasSuffix(key, ".descriptor") || strings.HasSuffix(key, ".id")
	}
	return r
}

func newReader(usable func(name string) bool, columns *Columns) *Reader {
	r := &Reader{usable: usable, columns: columns, seen: map[string]*column{}, folds: map[string]string{}}
	for number, name := range columns.Names {
		r.seen[name] = &column{number: number, usable: usable(name)}
	}
	return r
}

// Rows come from systems of all kinds: a name that is there twice is two values of one column, and half an escaped
// surrogate pair is a damaged text, not a damaged report.
var jsonOptions = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

var (
	errNotObject = errors.New("not an object")
	errTrailing  = errors.New("data after the object")
)

// Read decodes one row. Its only errors are faults: a malformed row, and more candidate columns than a mask has bits
// for (where the dictionary was an earlier report's, a new one may still do). raw isn't kept.
func (r *Reader) Read(number int, raw []byte) (roster.Row, error) {
	if _, err := r.flatten(number, raw); err != nil {
		return roster.Row{}, err
	}
	return roster.Row{Number: number, Hash: roster.HashBytes(raw), Cells: r.cells()}, nil
}

// ReadTo decodes one row and adds it to rows. row has all but its cells; its mask is returned. The errors are Read's.
func (r *Reader) ReadTo(rows *PackedRows, row roster.Row, raw []byte) (mask uint64, err error) {
	if mask, err = r.flatten(row.Number, raw); err != nil {
		return 0, err
	}
	rows.AddSpans(&row, mask, r.text, r.spans)
	return mask, nil
}

// take takes a row apart, into found, by column, and gives the mask of these columns.
func (r *Reader) flatten(number int, raw []byte) (mask uint64, err error) {
	if !utf8.Valid(raw) {
		raw = bytes.ToValidUTF8(raw, []byte(string(utf8.RuneError)))
	}
	r.begin(raw)
	done, err := r.readFast(raw, number)
	if err == nil && !done {
		r.begin(raw)
		err = r.readSlow(raw, number)
	}
	if err != nil {
		if known, ok := fault.Of(err); ok {
			return 0, known
		}
		return 0, fault.MalformedRow(number, err)
	}
	return r.sort(), nil
}

// sort puts what was found in the order of columns, which it nearly is in, and gives their mask.
func (r *Reader) sort() (mask uint64) {
	last, inOrder := 0, true
	for i := range r.spans {
		column := r.spans[i].Column
		inOrder = inOrder && column >= last
		last = column
		mask |= 1 << column
	}
	switch {
	case inOrder:
	case bits.OnesCount64(mask) == len(r.spans): // each column once: its place is how many there are below
		r.sortedSpans = slices.Grow(r.sortedSpans[:0], len(r.spans))[:len(r.spans)]
		for _, found := range r.spans {
			r.sortedSpans[bits.OnesCount64(mask&(1<<found.Column-1))] = found
		}
		r.spans, r.sortedSpans = r.sortedSpans, r.spans
	default:
		slices.SortStableFunc(r.spans, func(a, b CellSpan) int { return cmp.Compare(a.Column, b.Column) })
	}
	return mask
}

func (r *Reader) begin(raw []byte) {
	r.path, r.text, r.spans = r.path[:0], append(r.text[:0], raw...), r.spans[:0]
}

// value reads any value of the column r.path. raw is valid JSON.
func (r *Reader) value(raw jsontext.Value, row, depth int) error {
	switch raw.Kind() {
	case jsontext.KindBeginObject:
		if depth >= maxDepth {
			return nil
		}
		if reference, ok := r.reference(raw, depth); ok {
			return r.addReference(reference, row)
		}
		return r.object(raw, row, depth)
	case jsontext.KindBeginArray:
		if depth >= maxDepth {
			return nil
		}
		return r.array(raw, row, depth)
	case jsontext.KindNull:
		return r.add(nil, nil, row)
	default:
		return r.add(raw, nil, row)
	}
}

// array reads each element as a value of the same column. Of several objects one that is marked as primary, as an
// email address may be, stands for all.
func (r *Reader) array(raw jsontext.Value, row, depth int) error {
	if primary := r.primary(raw, depth); primary != nil {
		return r.value(primary, row, depth+1)
	}
	empty := true
	for element := range elements(raw) {
		empty = false
		if err := r.value(element, row, depth+1); err != nil {
			return err
		}
	}
	if empty {
		return r.add(nil, nil, row)
	}
	return nil
}

// add counts the column r.path, and keeps the value if some field can use it. The scalar may be nil; an id alone is a
// value too.
func (r *Reader) add(scalar, id jsontext.Value, row int) error {
	c, err := r.column(r.path)
	if err != nil {
		return err
	}
	return r.put(c, scalar, id, row)
}

// put is add where the column is known; nil: it is one too many.
func (r *Reader) put(c *column, scalar, id jsontext.Value, row int) error {
	start := len(r.text)
	r.text = unquote(r.text, scalar)
	end := len(r.text)
	r.text = unquote(r.text, id)
	empty := roster.Blank(r.text[start:])
	switch {
	case c == nil:
	case !c.usable:
		if !empty && c.row != row {
			c.filled, c.row = c.filled+1, row
		}
	case !empty:
		if c.number < 0 {
			if err := r.addColumn(c); err != nil {
				return err
			}
		}
		found := CellSpan{Column: c.number, Start: start, End: end, ID: -1}
		if id != nil {
			found.ID = len(r.text)
		}
		r.spans = append(r.spans, found)
		return nil
	}
	r.text = r.text[:start]
	return nil
}

// unquote appends the text of a JSON scalar to text: a string's own, else as it is written.
func unquote(text []byte, scalar jsontext.Value) []byte {
	switch {
	case len(scalar) == 0:
		return text
	case scalar[0] != '"':
		return append(text, scalar...)
	case bytes.IndexByte(scalar, '\\') < 0:
		return append(text, scalar[1:len(scalar)-1]...)
	}
	// Half an escaped surrogate pair is replaced; the value shows it.
	text, _ = jsontext.AppendUnquote(text, scalar)
	return text
}
