package roster

import (
	"encoding/hex"
	"fmt"
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
	if usual, ok := idColumns[UsualKey(name)]; ok {
		name = usual
	}
	return source.IDs + ":" + name
}

var idColumns = map[string]string{
	IdpColumn: "idp_id", "employeeid": "Employee_ID", "workerid": "Worker_ID", "wid": "WID", "workerwid": "WID",
	"employeenumber": "Employee_Number", "workernumber": "Worker_Number", "externalid": "External_ID",
}
