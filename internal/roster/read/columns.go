package read

import (
	"github.com/rollcall/rollcall/internal/roster"
)

// Columns is a report's list of the columns that some field may use. Names are dotted paths, in the order of their
// first value. The index of a name is its bit in the masks of known rows, so names are only ever appended.
type Columns struct {
	Names []string `json:"names"`
}

// UnusedColumn is a column that no field can use, or a candidate without a value. Filled is the number of rows with
// a value.
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

// candidates returns the fields that a column may fill: those of the tenant's map, else those with its name as a
// usual name.
func candidates(mapped map[string][]roster.Field, path string) []roster.Field {
	if fields, own := mapped[roster.ColumnKey(path)]; own {
		return fields
	}
	return usualFields[roster.UsualKey(path)]
}
