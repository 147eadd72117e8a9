package read

import (
	"errors"
	"slices"
)

// errCopyLearns says that a copy met a new column.
var errCopyLearns = errors.New("new column in a copied reader")

// Copy returns a reader for another goroutine, which decodes rows ahead of their turn. The copy knows the columns
// that r knows and adds none, because the number of a column depends on the order of rows.
//
// Law: a row that a copy decodes is what r would decode, now or later, and counts the same in Unused. On any error
// of the copy, r must decode the row.
func (r *Reader) Copy() *Reader {
	c := &Reader{
		fields: r.fields, custom: r.custom, also: r.also, mapsParts: r.mapsParts, words: vocabularies{of: r.words.of, numbered: map[wordKey]int{}},
		columns: &Columns{Names: slices.Clone(r.columns.Names), Words: r.columns.Words, Custom: r.columns.Custom},
		seen:    make(map[string]*column, len(r.seen)),
		unused:  r.unused, folds: map[string]string{}, isCopy: true,
	}
	for name, known := range r.seen {
		c.seen[name] = &column{number: -1, usable: known.usable, words: known.words, custom: slices.Clone(known.custom)}
		if known.number >= 0 {
			c.number(c.seen[name], known.number)
		}
	}
	return c
}

// Version grows when r learns a column or a name. A copy is up to date while its Version equals r's.
func (r *Reader) Version() int {
	version := len(r.seen) + len(r.columns.Names)
	if r.columns.Custom != nil {
		version += len(r.columns.Custom.Names)
	}
	return version
}

// TakeUnused appends the counts of unused columns since the last call, for AddUnused of another reader.
func (r *Reader) TakeUnused(unused []UnusedColumn) []UnusedColumn {
	for name, c := range r.seen {
		if !c.usable && c.filled > 0 {
			unused = append(unused, UnusedColumn{Name: name, Filled: c.filled})
			c.filled = 0
		}
	}
	return unused
}
