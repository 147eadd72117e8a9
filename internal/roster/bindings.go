package roster

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Bindings say which column each field is read from, for all rows of a report.
type Bindings struct {
	Fields FieldSet            `json:"fields"` // those that a column is bound to
	By     [FieldCount]Binding `json:"by"`     // meaningful for Fields only
}

// Binding is one field's column.
type Binding struct {
	Column int    `json:"column"` // its number in Columns.Names
	Name   string `json:"name"`
}

// Bind chooses for each field its best column among those that are filled in at least one row: filled counts rows by
// column. The columns that the tenant maps come first, and of these the one that serves the fewest fields; then, for
// a field that the tenant doesn't map, the usual names in their order: losing sight of a column that was chosen on purpose
// must not put another one in its place. A usual
// name that is filled in less than half as many rows as another one of the field is passed over: a few values in a new
// column must not empty the field for everybody else. A column without a value in any row is never bound, so that it clears nothing.
func Bind(fields FieldMap, columns *Columns, filled []int) Bindings {
	mapped := byColumnKey(fields)
	var present []candidate
	for number, name := range columns.Names {
		if number < len(filled) && filled[number] > 0 {
			own, isMapped := mapped[columnKey(name)]
			present = append(present, candidate{
				Binding: Binding{Column: number, Name: name},
				key:     usualKey(name), mapped: own, isMapped: isMapped, filled: filled[number],
			})
		}
	}
	fromWorkOS := slices.ContainsFunc(present, func(c candidate) bool { return c.key == idpColumn })
	var b Bindings
	for f := range Fields() {
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
			if c.key == stateColumn && !fromWorkOS {
				continue
			}
			rank := slices.Index(f.row().columns, c.key)
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
	if b.Fields.Has(ManagementLevel) {
		b.Fields, b.By[Role] = b.Fields.With(Role), b.By[ManagementLevel]
	}
	return b
}

// candidate is a column that may be bound.
type candidate struct {
	Binding
	key      string
	mapped   []Field
	isMapped bool
	filled   int // rows that have a value
}

// mostFilled is how many rows the best filled column with a usual name of f has.
func mostFilled(present []candidate, f Field) int {
	most := 0
	for _, c := range present {
		if !c.isMapped && slices.Contains(f.row().columns, c.key) {
			most = max(most, c.filled)
		}
	}
	return most
}

// before tells whether c of that rank is the better one; columns of the same rank go by name.
func (c candidate) before(rank int, other candidate, otherRank int) bool {
	return rank < otherRank || rank == otherRank && c.Name < other.Name
}

func isMappedTo(mapped map[string][]Field, f Field) bool {
	for _, fields := range mapped {
		if slices.Contains(fields, f) {
			return true
		}
	}
	return false
}

// Digest is equal for bindings under which any row reads the same, however the columns are numbered.
func (b Bindings) Digest() string {
	var text strings.Builder
	for f := range b.Fields.All() {
		fmt.Fprintf(&text, "%s=%q\n", f, b.By[f].Name)
	}
	digest := HashBytes([]byte(text.String()))
	return hex.EncodeToString(digest[:])
}

// Missing lists the required fields that no column is bound to.
func (b Bindings) Missing() []Field {
	var missing []Field
	for f := range Fields() {
		if f.Required() && !b.Fields.Has(f) {
			missing = append(missing, f)
		}
	}
	return missing
}

// Kind returns the kind of the external ids that are read: what the source calls them, and their column. A usual column
// always gives the same kind, however the report spells it. It is "" when there is no such column.
func (b Bindings) Kind(source Source) string {
	if !b.Fields.Has(ExternalID) {
		return ""
	}
	name := b.By[ExternalID].Name
	if usual, ok := idColumns[usualKey(name)]; ok {
		name = usual
	}
	return source.IDs + ":" + name
}

var idColumns = map[string]string{
	idpColumn: "idp_id", "employeeid": "Employee_ID", "workerid": "Worker_ID", "wid": "WID", "workerwid": "WID",
	"employeenumber": "Employee_Number", "workernumber": "Worker_Number", "externalid": "External_ID",
}
