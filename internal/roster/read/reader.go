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
	maxDepth  = 12   // nesting of objects and arrays; deeper values are ignored
	maxUnused = 1000 // names of unused columns that are kept
	maxName   = 200  // bytes that are kept of a name
)

// Reader decodes the rows of one report. It flattens objects to dotted columns, splits arrays into values, keeps
// numbers as written, and leaves out empty values: missing, null, "", [], {} and invisible text. It is for one
// goroutine.
type Reader struct {
	fields    func(name string) []roster.Field // the fields that can use a column
	mapsParts bool                             // the tenant maps the Descriptor or ID of a reference
	custom    map[string][]string              // names of the custom fields of a column, by roster.ColumnKey
	also      map[string]bool                  // columns of the scope and for primary, by roster.ColumnKey
	words     vocabularies
	columns   *Columns
	seen      map[string]*column
	unused    int // number of seen columns that no field can use

	path        []byte // path of the current value
	text        []byte // the row, followed by values that differ from their JSON text
	spans       []CellSpan
	sortedSpans []CellSpan // buffer for sort

	joined     []byte   // buffer for all texts of a row
	valueBlock []string // unused memory for values of later rows
	cellBlock  []roster.Cell

	layout  layout
	counted [roster.MaxColumns]*column // columns whose words are counted, by number
	counts  uint64                     // mask of these columns

	ids   []typedID         // of the current reference
	name  []byte            // current name in an object
	folds map[string]string // cache of folded names

	filledCustom uint64 // mask of the custom fields that the row fills

	isCopy bool // it may not add columns: see Copy
}

// NewReader returns a Reader of a report. The Reader appends new names and words to columns.
func NewReader(of roster.Mappings, columns *Columns) *Reader {
	mapped := of.Fields.ByColumnKey()
	fields := func(name string) []roster.Field { return candidates(mapped, name) }
	also := map[string]bool{}
	for _, name := range of.Scope.Columns() {
		also[roster.ColumnKey(name)] = true
	}
	if of.Primary != "" {
		also[roster.ColumnKey(of.Primary)] = true
	}
	r := newReader(fields, columns)
	r.also, r.words, r.custom = also, newVocabularies(of), of.CustomByColumnKey()
	r.resolve()
	for key := range mapped {
		r.mapsParts = r.mapsParts || strings.HasSuffix(key, ".descriptor") || strings.HasSuffix(key, ".id")
	}
	return r
}

func newReader(fields func(name string) []roster.Field, columns *Columns) *Reader {
	return &Reader{fields: fields, columns: columns, seen: map[string]*column{}, folds: map[string]string{}}
}

// resolve sets the columns whose numbers are known.
func (r *Reader) resolve() {
	for number, name := range r.columns.real {
		r.seen[name] = r.newColumn(name)
		r.number(r.seen[name], number)
	}
}

// jsonOptions tolerate what some systems write: a duplicate name is two values of one column, and half an escaped
// surrogate pair damages one text, not the report.
var jsonOptions = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

var (
	errNotObject = errors.New("not an object")
	errTrailing  = errors.New("data after the object")
)

// Read decodes one row. It doesn't keep raw. The only errors are a *fault.Fault of a malformed row, and one of more
// candidate columns than roster.MaxColumns. If Columns came from an earlier report, the latter may not occur with
// new Columns.
func (r *Reader) Read(number int, raw []byte) (roster.Row, error) {
	if _, err := r.flatten(number, raw); err != nil {
		return roster.Row{}, err
	}
	return roster.Row{Number: number, Hash: roster.HashBytes(raw), Cells: r.cells()}, nil
}

// ReadTo decodes one row and adds it to rows. The caller sets all of row but its cells. ReadTo returns the row's
// mask, and the errors of Read.
func (r *Reader) ReadTo(rows *PackedRows, row roster.Row, raw []byte) (mask Mask, err error) {
	if mask.Columns, err = r.flatten(row.Number, raw); err != nil {
		return Mask{}, err
	}
	mask.Custom = r.filledCustom
	rows.AddSpans(&row, mask.Columns, r.text, r.spans)
	return mask, nil
}

// flatten decodes a row into r.spans, sorted by column, and returns the mask of these columns.
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
	if err := r.countWords(); err != nil {
		return 0, err
	}
	return r.sort(), nil
}

// Mask says which columns and custom fields a row fills, by their numbers.
type Mask struct{ Columns, Custom uint64 }

// sort sorts r.spans by column, which they nearly are, and returns their mask.
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
	case bits.OnesCount64(mask) == len(r.spans): // each column once: its place is the number of lower columns
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
	r.filledCustom = 0
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

// array reads each element as a value of the same column. If one of several objects is marked as primary, as an
// email address may be, only that one counts.
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

// add counts the column r.path, and keeps the value if a field can use it. scalar may be nil: an id alone is a
// value too.
func (r *Reader) add(scalar, id jsontext.Value, row int) error {
	c, err := r.column(r.path)
	if err != nil {
		return err
	}
	return r.put(c, scalar, id, row)
}

// put is add for a known column. A nil column isn't counted.
func (r *Reader) put(c *column, scalar, id jsontext.Value, row int) error {
	start := len(r.text)
	r.text = unquote(r.text, scalar)
	end := len(r.text)
	r.text = unquote(r.text, id)
	empty := roster.Blank(r.text[start:])
	if c != nil && len(c.custom) > 0 && !empty {
		if err := r.addCustom(c, start, end); err != nil {
			return err
		}
		if !c.usable {
			return nil
		}
	}
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

// unquote appends the text of a JSON scalar: the content of a string, else the scalar as written.
func unquote(text []byte, scalar jsontext.Value) []byte {
	switch {
	case len(scalar) == 0:
		return text
	case scalar[0] != '"':
		return append(text, scalar...)
	case bytes.IndexByte(scalar, '\\') < 0:
		return append(text, scalar[1:len(scalar)-1]...)
	}
	// Half an escaped surrogate pair becomes a replacement character.
	text, _ = jsontext.AppendUnquote(text, scalar)
	return text
}
