package read

import (
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// column is the reader's state of a column.
type column struct {
	number int // index in Columns.Names; -1: none so far
	usable bool
	filled int            // rows with a value, counted while there is no number
	row    int            // last row counted
	custom []customColumn // the custom fields that it fills
	words  *vocabulary    // whose words are counted; nil: none
}

// Unused returns the columns that no field can use and the candidates without a value, sorted by name.
func (r *Reader) Unused() []UnusedColumn {
	var unused []UnusedColumn
	for name, c := range r.seen {
		if !c.fillsCustom() && (!c.usable || c.number < 0) {
			unused = append(unused, UnusedColumn{Name: name, Filled: c.filled})
		}
	}
	slices.SortFunc(unused, func(a, b UnusedColumn) int { return strings.Compare(a.Name, b.Name) })
	return unused
}

// AddUnused adds what another reader of the same report counted.
func (r *Reader) AddUnused(unused []UnusedColumn) {
	for _, earlier := range unused {
		if c, err := r.column([]byte(earlier.Name)); err == nil && c != nil && !c.usable {
			c.filled += earlier.Filled
		}
	}
}

// addColumn appends the column r.path to Columns.
func (r *Reader) addColumn(c *column) error {
	if r.isCopy {
		return errCopyLearns
	}
	if len(r.columns.Names) == roster.MaxColumns {
		return fault.TooManyColumns(roster.MaxColumns+1, roster.MaxColumns)
	}
	r.number(c, len(r.columns.Names))
	r.columns.Names = append(r.columns.Names, string(r.path))
	return nil
}

func (r *Reader) newColumn(name string) *column {
	fields := r.fields(name)
	key := roster.ColumnKey(name)
	c := &column{number: -1, words: r.words.forColumn(key, fields)}
	if slices.Contains(fields, roster.Custom) {
		fields = slices.DeleteFunc(slices.Clone(fields), func(f roster.Field) bool { return f == roster.Custom })
		c.custom = r.customOf(name)
	}
	c.usable = len(fields) > 0 || r.also[key]
	return c
}

// column returns the column with the given path. It returns nil if the path is one unused name too many.
func (r *Reader) column(path []byte) (*column, error) {
	if c, ok := r.seen[string(path)]; ok {
		return c, nil
	}
	name := string(path)
	c := r.newColumn(name)
	if !c.usable {
		if len(name) > maxName {
			name = strings.ToValidUTF8(name[:maxName], "")
		}
		if known, ok := r.seen[name]; ok {
			return known, nil
		}
		if r.unused == maxUnused {
			return nil, nil
		}
	}
	if r.isCopy {
		return nil, errCopyLearns
	}
	if !c.usable {
		r.unused++
	}
	r.seen[name] = c
	return c, nil
}
