package scan

import "bytes"

// Layout reads objects that mostly have the same names in the same order. It compares each name with the one
// expected, which is faster than reading it. The zero Layout is ready to use. It is for one goroutine.
type Layout struct{ names [][]byte } // as written, with the colon

// Limits on the names that a Layout remembers: their number, and the bytes of each.
const (
	maxNames      = 512
	maxNameLength = 256
)

// Object reads an object like the function Object.
func (l *Layout) Object(data []byte, at int) int {
	for next := 0; ; next++ {
		at = Space(data, at+1)
		if at < len(data) && data[at] == '}' && next == 0 {
			return at + 1
		}
		if next < len(l.names) && bytes.HasPrefix(data[at:], l.names[next]) {
			at += len(l.names[next])
		} else {
			from := at
			if at = name(data, at); at < 0 {
				return at
			}
			l.remember(next, data[from:at])
		}
		if at = value(data, Space(data, at), 0); at < 0 {
			return at
		}
		if at = Space(data, at); at == len(data) {
			return CutOff
		}
		switch data[at] {
		case '}':
			return at + 1
		case ',':
		default:
			return Invalid
		}
	}
}

func (l *Layout) remember(at int, written []byte) {
	switch {
	case len(written) > maxNameLength:
	case at < len(l.names):
		l.names[at] = append(l.names[at][:0], written...)
	case at < maxNames:
		l.names = append(l.names, bytes.Clone(written))
	}
}
