package roster

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/scan"
)

// place is a name, as it was written where it came first, and the column of scalars there.
type place struct {
	quoted []byte
	path   []byte
	column *column
	looked bool // for the column
}

// layout is the names of a report's rows in the order in which they came, which is mostly that of the next row.
type layout struct {
	places []place
	by     map[string]int // by quoted name
	next   int            // the place that is expected
	other  place          // for a name too many
}

// maxLayout is how many names are remembered.
const maxLayout = 512

// plain reads a row in one pass, with its names where they were in the row before. It is done unless the row isn't plainly
// an object: it then leaves to odd to say why, who comes by the same values to the same place.
func (r *Reader) plain(raw []byte, row int) (done bool, err error) {
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
		named, next := r.layout.named(raw, at)
		if next < 0 {
			return false, nil
		}
		from := scan.Space(raw, next)
		if from == len(raw) || raw[from] != ':' {
			return false, nil
		}
		from = scan.Space(raw, from+1)
		to := scan.Value(raw, from)
		if to < 0 {
			return false, nil
		}
		r.path = append(r.path[:0], named.path...)
		switch value := raw[from:to:to]; value[0] {
		case '{', '[':
			err = r.value(value, row, 1)
		case 'n':
			err = r.scalar(named, nil, row)
		default:
			err = r.scalar(named, value, row)
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

// scalar reads a scalar, nil for null, at a place.
func (r *Reader) scalar(p *place, text jsontext.Value, row int) error {
	if !p.looked {
		c, err := r.column(p.path)
		if err != nil {
			return err
		}
		p.column, p.looked = c, true
	}
	return r.put(p.column, text, nil, row)
}

// named reads the name that begins at a place in a row, and returns the place after it; negative where there is none.
func (l *layout) named(raw []byte, at int) (named *place, end int) {
	if l.next < len(l.places) && bytes.HasPrefix(raw[at:], l.places[l.next].quoted) {
		l.next++
		return &l.places[l.next-1], at + len(l.places[l.next-1].quoted)
	}
	if at == len(raw) || raw[at] != '"' {
		return nil, scan.Odd
	}
	if end = scan.Value(raw, at); end < 0 {
		return nil, end
	}
	found, known := l.by[string(raw[at:end])]
	if !known {
		if len(l.places) == maxLayout {
			l.other = place{path: unquote(l.other.path[:0], raw[at:end])}
			return &l.other, end
		}
		if found = len(l.places); found == 0 {
			l.by = map[string]int{}
		}
		l.places = append(l.places, place{quoted: bytes.Clone(raw[at:end]), path: unquote(nil, raw[at:end])})
		l.by[string(raw[at:end])] = found
	}
	l.next = found + 1
	return &l.places[found], end
}
