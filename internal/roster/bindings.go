package roster

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Bindings say from which column each field is read. They hold for all rows of a report.
type Bindings struct {
	Fields FieldSet            `json:"fields"` // fields with a column
	By     [FieldCount]Binding `json:"by"`     // by field; valid for those in Fields
}

// Binding is the column of one field.
type Binding struct {
	Column int    `json:"column"` // its index in read.Columns.Names
	Name   string `json:"name"`
}

// Digest returns a hash of the bindings in hex. Bindings that read every row alike have the same digest, however
// their columns are numbered.
func (b Bindings) Digest() string {
	var text strings.Builder
	for f := range b.Fields.All() {
		fmt.Fprintf(&text, "%s=%q\n", f, b.By[f].Name)
	}
	digest := HashBytes([]byte(text.String()))
	return hex.EncodeToString(digest[:])
}

// Missing returns the required fields without a column.
func (b Bindings) Missing() []Field {
	var missing []Field
	for f := range Fields() {
		if f.Required() && !b.Fields.Has(f) {
			missing = append(missing, f)
		}
	}
	return missing
}

// Kind returns the kind of the report's external ids: the source's word for them and the name of their column. A
// usual column has one kind, however the report spells it. Kind returns "" if no column has external ids.
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

// idColumns are the names that kinds use for the usual id columns, by UsualKey.
var idColumns = map[string]string{
	IdpColumn: "idp_id", "employeeid": "Employee_ID", "workerid": "Worker_ID", "wid": "WID", "workerwid": "WID",
	"employeenumber": "Employee_Number", "workernumber": "Worker_Number", "externalid": "External_ID",
}
