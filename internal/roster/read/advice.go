package read

import (
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// LikelyColumn returns the unused column whose name is most like f's usual names. It returns false if none is
// similar enough.
func LikelyColumn(f roster.Field, unused []UnusedColumn) (column UnusedColumn, found bool) {
	score := 0.0
	for _, c := range unused {
		if likeness := likenessTo(f, c.Name); likeness > score {
			column, score = c, likeness
		}
	}
	return column, score >= minLikeness
}

// Advice returns what to do about a field that no row fills: a similar column, if there is one, and how the source
// provides the field.
func Advice(f roster.Field, unused []UnusedColumn, source roster.Source) string {
	return strings.TrimSpace(likelyHint(f, unused) + " " + source.Hint(f))
}

// UnmatchedColumns returns the sorted names of the columns that a tenant maps but the report doesn't have, neither
// in columns nor in unused.
func UnmatchedColumns(of roster.Mappings, columns *Columns, unused []UnusedColumn) []string {
	there := map[string]bool{}
	for _, name := range columns.real {
		there[roster.ColumnKey(name)] = true
	}
	for name, column := range of.Custom {
		if columns.numberOf(name) >= 0 {
			there[roster.ColumnKey(column)] = true
		}
	}
	for _, c := range unused {
		there[roster.ColumnKey(c.Name)] = true
	}
	var lost []string
	for name, fields := range of.Fields {
		if len(fields) > 0 && !there[roster.ColumnKey(name)] {
			lost = append(lost, name)
		}
	}
	if of.Primary != "" && !there[roster.ColumnKey(of.Primary)] {
		lost = append(lost, of.Primary)
	}
	slices.Sort(lost)
	return lost
}
