package read

import (
	"cmp"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// GroupName returns the group's name in one row of a group report, as written, or "" if it is empty. The
// columns that the tenant maps to group_name come before the usual ones. The only error is a *fault.Fault about a
// malformed row.
func GroupName(raw []byte, mapped ...string) (string, error) {
	var order []string
	for _, column := range mapped {
		order = append(order, roster.ColumnKey(column))
	}
	place := func(name string) int {
		if i := slices.Index(order, roster.ColumnKey(name)); i >= 0 {
			return i
		}
		if i := slices.Index(roster.GroupColumns, roster.UsualKey(name)); i >= 0 {
			return len(order) + i
		}
		return -1
	}
	fields := func(name string) []roster.Field {
		if place(name) < 0 {
			return nil
		}
		return []roster.Field{roster.NoField}
	}
	reader := newReader(fields, vocabularies{}, &Columns{})
	row, err := reader.Read(0, raw)
	if err != nil || len(row.Cells) == 0 {
		return "", err
	}
	best := slices.MinFunc(row.Cells, func(a, b roster.Cell) int {
		return cmp.Compare(place(reader.columns.Names[a.Column]), place(reader.columns.Names[b.Column]))
	})
	return best.Values[0], nil
}
