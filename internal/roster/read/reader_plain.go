package read

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/scan"
)

// place is a name, and the column of scalars there.
type nameColumn struct {
	written  []byte // the name as it was written last, to where its value begins
	path     []byte
	column   *column
	resolved bool // for the column
}

// layout is the names of a report's rows in the order in which they came, which is mostly that of the next row.
type layout struct {
	names    []nameColumn
	byName   map[string]int // by quoted name
	next     int            // the place that is expected
	overflow nameColumn     // for a name too many
}

// maxLayout is how many names are remembered.
const maxLayout = 512

// plain reads a row in one pass, with its names where they were in the row before. It is done unless the row isn't plainly
// an object: it then leaves to odd to say why, who comes by the same values to the same place.
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
			if c := named.column; c != nil && c.usable && c.number >= 0 && !roster.Blank(raw[from+1:to-1]) {
				r.spans = append(r.spans, CellSpan{Column: c.number, Start: from + 1, End: to - 1, ID: -1}) // as nearly always
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

// other reads any value at a place.
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

// named reads the name that begins at a place in a row, and returns the place where its value begins; negative where there is
// none.
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

// place is that of a name, which is expected to be followed by the one after it.
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
