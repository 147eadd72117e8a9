package erasure

import (
	"math/bits"
	"slices"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// Redactor takes out of rows, as they are read, whoever is kept out. It is for one goroutine. The nil Redactor lets
// everything pass.
//
// Which column is whose field is settled only when the whole report is read. A row is judged by the columns that it has
// filled itself: those are what the whole report is read by, or the row lacks a required field and is rejected anyway.
type Redactor struct {
	list    *List
	fields  roster.FieldMap
	columns *read.Columns
	source  roster.Source

	fillable []roster.FieldSet          // by column: which fields it may fill
	bound    map[uint64]roster.Bindings // by mask of the columns filled

	newMarks []Mark
}

// Redact makes a Redactor of one report's rows: the tenant's field map, the report's dictionary, which may grow, and
// the directory's source.
func (l *List) Redact(fields roster.FieldMap, columns *read.Columns, source roster.Source) *Redactor {
	if l.Empty() {
		return nil
	}
	return &Redactor{list: l, fields: fields, columns: columns, source: source, bound: map[uint64]roster.Bindings{}}
}

// Row is the row without what is erased: of somebody kept out its number alone (Row.Erased), of anybody else all but a
// manager's email that is theirs. Again, it changes nothing.
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
	return r.list.HasEmail(email)
}

// keepsOut tells whether the row is that of somebody who is kept out.
func (r *Redactor) isErased(row roster.Row) bool {
	b := r.bind(row.Mask())
	var id, email string
	for _, cell := range row.Cells {
		if b.Fields.Has(roster.ExternalID) && b.By[roster.ExternalID].Column == cell.Column {
			id = first(cell.IDs)
			if id == "" {
				id = first(cell.Values)
			}
		}
		if b.Fields.Has(roster.Email) && b.By[roster.Email].Column == cell.Column {
			if address, ok := roster.NormalEmail(first(cell.Values)); ok {
				email = address
			}
		}
	}
	found := r.list.Find(b.Kind(r.source), id, email)
	r.newMarks = append(r.newMarks, r.list.addMarks(found, b.Kind(r.source), id, email)...)
	return len(found) > 0
}

// Learned are marks to be kept besides: by what else the rows said of whoever is kept out, they will be known again.
func (r *Redactor) NewMarks() []Mark {
	if r == nil {
		return nil
	}
	return r.newMarks
}

// first is the first text that says something, normalised.
func first(texts []string) string {
	for _, text := range texts {
		if text = roster.NormalText(text); text != "" {
			return text
		}
	}
	return ""
}

// bind is how a row is read in which these columns are filled.
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
	b := read.Bind(r.fields, r.columns, filled)
	r.bound[mask] = b
	return b
}

// maxBound is how many kinds of rows are remembered: nearly all rows of a report fill the same few columns.
const maxBindings = 256

// mayFill are the fields that a column alone would fill.
func (r *Redactor) mayFill(column int) roster.FieldSet {
	if column < 0 || column >= 64 {
		return 0
	}
	for len(r.fillable) <= column {
		r.fillable = append(r.fillable, r.bind(1<<len(r.fillable)).Fields)
	}
	return r.fillable[column]
}

// Memberships returns what a source lists without people who are kept out: of these neither id nor email is left (see
// Nobody).
func (l *List) Memberships(source roster.Source, listed []directory.Membership) []directory.Membership {
	if l.Empty() {
		return listed
	}
	for i, m := range listed {
		email, _ := roster.NormalEmail(m.Email)
		if l.Has(source.Listed, roster.NormalText(m.User), email) {
			listed[i].User, listed[i].Email = "", ""
		}
	}
	return listed
}

// Nobody tells whether a membership is that of somebody who is kept out.
func Redacted(m directory.Membership) bool { return m.User == "" && m.Email == "" }
