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

	// Custom has the custom fields that a row fills, by name. Their values are in one cell, whose column is By[Custom].
	Custom []CustomBinding `json:"custom,omitempty"`

	Scope    map[string]int `json:"scope,omitempty"`    // numbers of the scope's columns, by the names in the settings
	Unscoped []string       `json:"unscoped,omitempty"` // columns of the scope that no row fills

	Primary     *PrimaryColumn `json:"primary,omitempty"`      // nil: no column says which row of a worker counts
	LostPrimary string         `json:"lost_primary,omitempty"` // the column that said so at the last sync, if none does now

	Changes []ColumnChange `json:"changes,omitempty"` // fields that have lost the column they were last read from
	Foreign []string       `json:"foreign,omitempty"` // usual status columns with other words than a status has
}

// PrimaryColumn is the column that says which of several rows of one worker counts.
type PrimaryColumn struct {
	Binding
	Yes uint64 `json:"yes"` // a row whose mask has one of these bits says yes
}

// PrimaryMask returns the bits of which a row's mask has one if the row says that it is the primary one. Without such a
// column it is 0.
func (b Bindings) PrimaryMask() uint64 {
	if b.Primary == nil {
		return 0
	}
	return b.Primary.Yes
}

// ColumnChange says that a field has lost the column that it was last read from.
type ColumnChange struct {
	Field Field
	From  string // the column of the last sync
	To    string // the usual column that would take its place; "": there is none
}

// issue returns the warning about the change.
func (c ColumnChange) issue() Issue {
	issue := CodeColumnChanged.Issue(Identity{}, c.Field)
	issue.Severity = Warning
	effect := "so the field is left unchanged"
	if c.Field.Required() {
		effect = "and the field, which is required, is read from it"
	}
	return issue.WithDetail(fmt.Sprintf("no row has a value in the column %q of the last sync; %q would take its place, %s",
		shorten(c.From), shorten(c.To), effect))
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
	for _, custom := range b.Custom {
		fmt.Fprintf(&text, "custom.%s=%q\n", custom.Name, ColumnKey(custom.Column))
	}
	if b.Primary != nil {
		fmt.Fprintf(&text, "primary=%q\n", b.Primary.Name)
	}
	digest := HashBytes([]byte(text.String()))
	return hex.EncodeToString(digest[:])
}

// Incomplete reports whether a field that must have a column has none, or a column has no value that says which rows
// count: one of the scope, or one for primary that was read at the last sync.
func (b Bindings) Incomplete() bool {
	return len(b.Missing()) > 0 || len(b.Unscoped) > 0 || b.LostPrimary != ""
}

// Missing returns the fields without a column that need one: the required fields, and those that decide who is in the
// directory and were read at an earlier sync.
func (b Bindings) Missing() []Field {
	var missing []Field
	for f := range Fields() {
		if _, lost := b.Change(f); !b.Fields.Has(f) && (f.Required() || lost && f.Decides()) {
			missing = append(missing, f)
		}
	}
	return missing
}

// Change returns the change of f's column, if there is one.
func (b Bindings) Change(f Field) (change ColumnChange, ok bool) {
	for _, c := range b.Changes {
		if c.Field == f {
			return c, true
		}
	}
	return ColumnChange{}, false
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
	"empid": "Emp_ID", "workdayid": "Workday_ID",
}
