package scan

import "bytes"

// Layout is the names of an object in their order, which is mostly that of the next one: there each is compared, not read.
type Layout struct{ names [][]byte } // as they were written, with their colons

// So many names are remembered, up to that length.
const (
	maxNames      = 512
	maxNameLength = 256
)

// Object is scan.Object.
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
