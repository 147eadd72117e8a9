package erasure

import (
	"math/bits"
	"slices"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// Redactor removes erased people from rows while they are read. It is not safe for concurrent use. A nil Redactor
// changes nothing.
//
// The columns of the fields are only known when the whole report has been read. So each row is judged by the columns
// that it fills itself. The whole report is read by the same columns, or the row lacks a required field and is rejected
// anyway.
type Redactor struct {
	list    *List
	fields  roster.FieldMap
	columns *read.Columns
	source  roster.Source

	fillable []roster.FieldSet          // fields that a column may fill, by column
	bound    map[uint64]roster.Bindings // by mask of the filled columns

	newMarks []Mark
}

// Redact returns a Redactor for the rows of one report. It takes the tenant's field map, the report's dictionary of
// columns, which may still grow, and the directory's source.
func (l *List) Redact(fields roster.FieldMap, columns *read.Columns, source roster.Source) *Redactor {
	if l.Empty() {
		return nil
	}
	return &Redactor{list: l, fields: fields, columns: columns, source: source, bound: map[uint64]roster.Bindings{}}
}

// Row returns the row without erased data. An erased person's row keeps its number only (see roster.Row.Erased). Any
// other row loses a manager's email that is an erased person's. Row may be repeated.
func (r *Redactor) Row(row roster.Row) roster.Row {
	if r == nil || row.Erased() {
		return row
	}
	suspect := false
	for i, cell := range row.Cells {
		fields := r.mayFill(cell.Column)
		switch {
		case fields.Has(roster.ExternalID):
			suspect = true
		case fields.Has(roster.Email):
			suspect = suspect || slices.ContainsFunc(cell.Values, r.hasEmail)
		case fields.Has(roster.ManagerEmail) && slices.ContainsFunc(cell.Values, r.hasEmail):
			row.Cells[i] = roster.Cell{Column: cell.Column, Values: []string{roster.ErasedValue}}
		}
	}
	if suspect && r.isErased(row) {
		return roster.Row{Number: row.Number}
	}
	return row
}

func (r *Redactor) hasEmail(text string) bool {
	email, _ := roster.NormalEmail(text)
	return r.list.HasEmail(email) || r.list.HasEmail(roster.EarlierEmail(text))
}

// isErased reports whether the row is that of an erased person.
func (r *Redactor) isErased(row roster.Row) bool {
	b := r.bind(row.Mask())
	var id, email, earlier string
	var name Name
	for _, cell := range row.Cells {
		if b.Fields.Has(roster.ExternalID) && b.By[roster.ExternalID].Column == cell.Column {
			id = first(cell.IDs)
			if id == "" {
				id = first(cell.Values)
			}
		}
		if b.Fields.Has(roster.Email) && b.By[roster.Email].Column == cell.Column {
			if address, ok := roster.NormalEmail(first(cell.Values)); ok {
				email, earlier = address, roster.EarlierEmail(first(cell.Values))
			}
		}
		if b.Fields.Has(roster.FirstName) && b.By[roster.FirstName].Column == cell.Column {
			name.First = first(cell.Values)
		}
		if b.Fields.Has(roster.LastName) && b.By[roster.LastName].Column == cell.Column {
			name.Last = first(cell.Values)
		}
	}
	found := r.list.Find(b.Kind(r.source), id, email)
	if earlier != "" {
		found = sorted(append(found, r.list.Find(b.Kind(r.source), "", earlier)...))
	}
	for _, name.Email = range []string{email, earlier} {
		found = sorted(append(found, r.list.FindRelinked(id, name)...))
	}
	r.newMarks = append(r.newMarks, r.list.addMarks(found, b.Kind(r.source), id, email)...)
	return len(found) > 0
}

// NewMarks returns the marks that rows of erased people have added to the list. The caller must store them, so that
// these people are recognised by them too.
func (r *Redactor) NewMarks() []Mark {
	if r == nil {
		return nil
	}
	return r.newMarks
}

// first returns the first text that isn't empty after normalisation.
func first(texts []string) string {
	for _, text := range texts {
		if text = roster.NormalText(text); text != "" {
			return text
		}
	}
	return ""
}

// bind returns the bindings of a row that fills these columns.
func (r *Redactor) bind(mask uint64) roster.Bindings {
	if b, known := r.bound[mask]; known {
		return b
	}
	if len(r.bound) >= maxBindings {
		clear(r.bound)
	}
	filled := make([]int, bits.Len64(mask))
	for column := range filled {
		filled[column] = int(mask >> column & 1)
	}
	// Any column that may fill a field counts, not only the one that the field was last read from.
	b := read.Bind(roster.Mappings{Fields: r.fields}, &read.Columns{Names: r.columns.Names, Words: r.columns.Words, Custom: r.columns.Custom}, filled)
	r.bound[mask] = b
	return b
}

// maxBindings limits the cache of bindings. Nearly all rows of a report fill the same few columns.
const maxBindings = 256

// mayFill returns the fields that a column alone would fill.
func (r *Redactor) mayFill(column int) roster.FieldSet {
	if column < 0 || column >= 64 {
		return 0
	}
	for len(r.fillable) <= column {
		r.fillable = append(r.fillable, r.bind(1<<len(r.fillable)).Fields)
	}
	return r.fillable[column]
}

// Memberships returns a source's memberships without the ids and emails of erased people (see Redacted). It changes
// listed.
func (l *List) Memberships(source roster.Source, listed []directory.Membership) []directory.Membership {
	if l.Empty() {
		return listed
	}
	for i, m := range listed {
		email, _ := roster.NormalEmail(m.Email)
		id := roster.NormalText(m.User)
		if l.Has(source.Listed, id, email) || l.Has(source.Listed, id, roster.EarlierEmail(m.Email)) {
			listed[i].User, listed[i].Email = "", ""
		}
	}
	return listed
}

// Redacted reports whether a membership is that of an erased person.
func Redacted(m directory.Membership) bool { return m.User == "" && m.Email == "" }
