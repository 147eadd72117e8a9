package read

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/scan"
)

// nameColumn is a name at the top level of a row, with the column of its scalars.
type nameColumn struct {
	written  []byte // the name as last written, up to the start of its value
	path     []byte
	column   *column
	resolved bool // column is set
}

// layout remembers the names of a report's rows in their order, which mostly is that of the next row.
type layout struct {
	names    []nameColumn
	byName   map[string]int // index in names, by quoted name
	next     int            // index of the expected name
	overflow nameColumn     // for names beyond maxLayout
}

// maxLayout bounds the names in a layout.
const maxLayout = 512

// readFast decodes a row in one pass, expecting the names of the row before. done is false if the row isn't an
// ordinary object: then readSlow decodes it again. For a row that both decode, both give the same values.
func (r *Reader) readFast(raw []byte, row int) (done bool, err error) {
	at := scan.Space(raw, 0)
	if at == len(raw) || raw[at] != '{' {
		return false, nil
	}
	r.layout.next = 0
	for first := true; ; first = false {
		at = scan.Space(raw, at+1)
		if at < len(raw) && raw[at] == '}' && first {
			break
		}
		named, from := r.layout.readName(raw, at)
		if from < 0 {
			return false, nil
		}
		to := scan.SimpleString(raw, from)
		if to > 0 {
			if c := named.column; c != nil && c.usable && c.number >= 0 && len(c.custom) == 0 && !roster.Blank(raw[from+1:to-1]) {
				r.spans = append(r.spans, CellSpan{Column: c.number, Start: from + 1, End: to - 1, ID: -1})
			} else {
				err = r.readOther(named, raw[from:to:to], row)
			}
		} else if to = scan.Value(raw, from); to > 0 {
			err = r.readOther(named, raw[from:to:to], row)
		} else {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if at = scan.Space(raw, to); at == len(raw) || raw[at] != ',' && raw[at] != '}' {
			return false, nil
		}
		if raw[at] == '}' {
			break
		}
	}
	return scan.Space(raw, at+1) == len(raw), nil
}

// readOther reads any value of a name.
func (r *Reader) readOther(p *nameColumn, raw jsontext.Value, row int) error {
	r.path = append(r.path[:0], p.path...)
	switch raw[0] {
	case '{', '[':
		return r.value(raw, row, 1)
	case 'n':
		raw = nil
	}
	if !p.resolved {
		c, err := r.column(r.path)
		if err != nil {
			return err
		}
		p.column, p.resolved = c, true
	}
	return r.put(p.column, raw, nil, row)
}

// readName reads the name at an offset in a row, and returns the offset of its value, or a negative number if there
// is no name.
func (l *layout) readName(raw []byte, at int) (named *nameColumn, from int) {
	if l.next < len(l.names) {
		if named = &l.names[l.next]; bytes.HasPrefix(raw[at:], named.written) {
			l.next++
			return named, scan.Space(raw, at+len(named.written))
		}
	}
	if at == len(raw) || raw[at] != '"' {
		return nil, scan.Invalid
	}
	end := scan.Value(raw, at)
	if end < 0 {
		return nil, end
	}
	if from = scan.Space(raw, end); from == len(raw) || raw[from] != ':' {
		return nil, scan.Invalid
	}
	from = scan.Space(raw, from+1)
	named = l.name(raw[at:end])
	named.written = append(named.written[:0], raw[at:from]...)
	return named, from
}

// name returns the entry of a name, and expects the one after it next.
func (l *layout) name(quoted []byte) *nameColumn {
	found, known := l.byName[string(quoted)]
	if !known {
		if len(l.names) == maxLayout {
			l.overflow = nameColumn{path: unquote(l.overflow.path[:0], quoted)}
			return &l.overflow
		}
		if found = len(l.names); found == 0 {
			l.byName = map[string]int{}
		}
		l.names = append(l.names, nameColumn{path: unquote(nil, quoted)})
		l.byName[string(quoted)] = found
	}
	l.next = found + 1
	return &l.names[found]
}
