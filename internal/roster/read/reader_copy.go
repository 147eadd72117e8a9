package read

import (
	"errors"
	"slices"
)

// errNew is about what a copy must not learn.
var errCopyLearns = errors.New("something that only the reader itself may take in")

// Copy gives a reader for another goroutine, for rows whose turn hasn't come. It knows what r knows now and learns nothing,
// because what a column's number is, and which names are kept, depends on the order of rows.
//
// Law: a row that a copy reads is what r would read, now or in its turn, and counts the same in Unused. Where it answers with
// an error, whichever, r is to read the row.
func (r *Reader) Copy() *Reader {
	c := &Reader{
		usable: r.usable, mapsParts: r.mapsParts, columns: &Columns{Names: slices.Clone(r.columns.Names)}, seen: make(map[string]*column, len(r.seen)),
		unused: r.unused, folds: map[string]string{}, isCopy: true,
	}
	for name, known := range r.seen {
		c.seen[name] = &column{number: known.number, usable: known.usable}
	}
	return c
}

// Learned grows when there is more to know: a copy is as good as new while its own is the reader's.
func (r *Reader) Version() int { return len(r.seen) + len(r.columns.Names) }

// Counted adds to unused what was counted of columns that no field can use since it was asked the last time, for the Resume of
// another reader.
func (r *Reader) TakeUnused(unused []UnusedColumn) []UnusedColumn {
	for name, c := range r.seen {
		if !c.usable && c.filled > 0 {
			unused = append(unused, UnusedColumn{Name: name, Filled: c.filled})
			c.filled = 0
		}
	}
	return unused
}
