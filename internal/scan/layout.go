package scan

import "bytes"

// Layout reads objects that mostly have the same names in the same order. It compares what stands between two values
// with what stood there before, which is faster than reading it. The zero Layout is ready to use. It is for one
// goroutine.
type Layout struct{ between [][]byte } // brace or comma, name and colon, with the white space around them

// Limits on what a Layout remembers: the number of names, and the bytes of each.
const (
	maxNames      = 512
	maxNameLength = 256
)

// Object reads an object like the function Object.
func (l *Layout) Object(data []byte, at int) int {
	for next := 0; ; next++ { // at a brace or a comma
		if next < len(l.between) && bytes.HasPrefix(data[at:], l.between[next]) {
			at += len(l.between[next])
		} else {
			from := at
			at = Space(data, at+1)
			if at < len(data) && data[at] == '}' && next == 0 {
				return at + 1
			}
			if at = name(data, at); at < 0 {
				return at
			}
			l.remember(next, data[from:at])
		}
		at = Space(data, at)
		if end := SimpleString(data, at); end > 0 { // as most values are
			at = end
		} else if at = value(data, at, 0); at < 0 {
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
	case at < len(l.between):
		l.between[at] = append(l.between[at][:0], written...)
	case at < maxNames:
		l.between = append(l.between, bytes.Clone(written))
	}
}
