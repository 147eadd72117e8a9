package read

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// Bind chooses the best column of each field. filled holds the number of rows that fill each column.
//
// A column that the tenant maps comes first; of several the one that serves the fewest fields. A field that the
// tenant maps gets no usual column, because nothing else may replace a column that was chosen on purpose. Any other
// field gets the best of its usual columns.
//
// A usual column is ignored if another one of the field is filled in more than twice as many rows: a few values in
// a new column must not empty the field for everybody else. A column without a value in any row is never bound, so
// it clears nothing.
func Bind(fields roster.FieldMap, columns *Columns, filled []int) roster.Bindings {
	mapped := fields.ByColumnKey()
	var present []candidate
	for number, name := range columns.Names {
		if number < len(filled) && filled[number] > 0 {
			own, isMapped := mapped[roster.ColumnKey(name)]
			present = append(present, candidate{
				Binding: roster.Binding{Column: number, Name: name},
				key:     roster.UsualKey(name), mapped: own, isMapped: isMapped, filled: filled[number],
			})
		}
	}
	fromWorkOS := slices.ContainsFunc(present, func(c candidate) bool { return c.key == roster.IdpColumn })
	var b roster.Bindings
	for f := range roster.Fields() {
		if f.Derived() {
			continue
		}
		own, usual := candidate{}, candidate{}
		ownRank, usualRank := -1, -1
		most := mostFilled(present, f)
		for _, c := range present {
			if c.isMapped {
				if slices.Contains(c.mapped, f) && (ownRank < 0 || c.before(len(c.mapped), own, ownRank)) {
					own, ownRank = c, len(c.mapped)
				}
				continue
			}
			if c.key == roster.StateColumn && !fromWorkOS {
				continue
			}
			rank := slices.Index(f.UsualColumns(), c.key)
			if rank >= 0 && 2*c.filled >= most && (usualRank < 0 || c.before(rank, usual, usualRank)) {
				usual, usualRank = c, rank
			}
		}
		switch {
		case ownRank >= 0:
			b.Fields, b.By[f] = b.Fields.With(f), own.Binding
		case usualRank >= 0 && !isMappedTo(mapped, f):
			b.Fields, b.By[f] = b.Fields.With(f), usual.Binding
		}
	}
	if b.Fields.Has(roster.ManagementLevel) {
		b.Fields, b.By[roster.Role] = b.Fields.With(roster.Role), b.By[roster.ManagementLevel]
	}
	return b
}

// candidate is a column that may be bound.
type candidate struct {
	roster.Binding
	key      string
	mapped   []roster.Field
	isMapped bool
	filled   int // rows with a value
}

// mostFilled returns the number of rows that fill the best filled usual column of f.
func mostFilled(present []candidate, f roster.Field) int {
	most := 0
	for _, c := range present {
		if !c.isMapped && slices.Contains(f.UsualColumns(), c.key) {
			most = max(most, c.filled)
		}
	}
	return most
}

// before reports whether c, with the given rank, is better than other. Columns of one rank are ordered by name.
func (c candidate) before(rank int, other candidate, otherRank int) bool {
	return rank < otherRank || rank == otherRank && c.Name < other.Name
}

func isMappedTo(mapped map[string][]roster.Field, f roster.Field) bool {
	for _, fields := range mapped {
		if slices.Contains(fields, f) {
			return true
		}
	}
	return false
}
