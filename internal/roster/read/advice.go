package read

import (
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// LikelyColumn is the column, of those that no field uses, that looks most like f's under another name.
func LikelyColumn(f roster.Field, unused []UnusedColumn) (column UnusedColumn, found bool) {
	score := 0.0
	for _, c := range unused {
		if likeness := likenessTo(f, c.Name); likeness > score {
			column, score = c, likeness
		}
	}
	return column, score >= minLikeness
}

// Advice returns what to do about a field that no row fills: the column that looks like it, where one does, and how the
// source provides it.
func Advice(f roster.Field, unused []UnusedColumn, source roster.Source) string {
	return strings.TrimSpace(likelyHint(f, unused) + " " + source.Hint(f))
}

// Unmatched lists, by name, the columns that a tenant maps though none of these, nor of the unused ones, is called so.
func UnmatchedColumns(mapped roster.FieldMap, columns *Columns, unused []UnusedColumn) []string {
	there := map[string]bool{}
	for _, name := range columns.Names {
		there[roster.ColumnKey(name)] = true
	}
	for _, c := range unused {
		there[roster.ColumnKey(c.Name)] = true
	}
	var lost []string
	for name, fields := range mapped {
		if len(fields) > 0 && !there[roster.ColumnKey(name)] {
			lost = append(lost, name)
		}
	}
	slices.Sort(lost)
	return lost
}
