package read

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
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
	reader := newReader(fields, &Columns{})
	row, err := reader.Read(0, raw)
	if err != nil || len(row.Cells) == 0 {
		return "", err
	}
	best := slices.MinFunc(row.Cells, func(a, b roster.Cell) int {
		return cmp.Compare(place(reader.columns.Names[a.Column]), place(reader.columns.Names[b.Column]))
	})
	return best.Values[0], nil
}

// GroupColumns returns the sorted columns of one row of a group report that names no group.
func GroupColumns(raw []byte) []string {
	reader := newReader(func(string) []roster.Field { return nil }, &Columns{})
	if _, err := reader.Read(0, raw); err != nil {
		return nil // a row that can't be read has none
	}
	var names []string
	for _, column := range reader.Unused() {
		names = append(names, column.Name)
	}
	slices.Sort(names)
	return names
}

// MissingGroupName returns the fault of a group report in which no row names its group. columns are those of its rows.
func MissingGroupName(columns []string) *fault.Fault {
	const most = 10
	hint := "Nothing was changed. "
	if len(columns) > 0 {
		var quoted []string
		for _, name := range columns[:min(most, len(columns))] {
			quoted = append(quoted, strconv.Quote(name))
		}
		hint += "The report has the column(s) " + strings.Join(quoted, ", ") + ". If one has the names of the groups, " +
			"write `COLUMN: group_name` under fields in tenants.yaml. Otherwise add "
	} else {
		hint += "Add "
	}
	return fault.ColumnMissing("no row of the group report has a value for group_name",
		hint+"the column group_name to the group report, or check that the integration system user may see it.")
}
