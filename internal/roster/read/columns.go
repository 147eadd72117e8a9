package read

import (
	"github.com/rollcall/rollcall/internal/roster"
)

// Columns is a report's dictionary: the names of the columns that some field may use, dotted into objects, in the
// order in which they were first filled. A column's place is its bit in the masks of known rows, so that names are
// only ever added.
type Columns struct {
	Names []string `json:"names"`
}

// UnusedColumn is a column that no field can use, or a candidate that was never filled: its name and in how many of
// the rows read it had a value.
type UnusedColumn struct {
	Name   string `json:"name"`
	Filled int    `json:"filled"`
}

var usualFields = func() map[string][]roster.Field {
	fields := map[string][]roster.Field{}
	for f := range roster.Fields() {
		for _, name := range f.UsualColumns() {
			fields[name] = append(fields[name], f)
		}
	}
	return fields
}()

// candidates tells which fields a column may fill: those that the tenant names for it, else those whose usual name it
// has.
func candidates(mapped map[string][]roster.Field, path string) []roster.Field {
	if fields, own := mapped[roster.ColumnKey(path)]; own {
		return fields
	}
	return usualFields[roster.UsualKey(path)]
}
