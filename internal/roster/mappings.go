package roster

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Mappings are the tenant's settings that say what a directory's columns and words mean.
type Mappings struct {
	Fields   FieldMap `json:"fields"`
	Levels   Levels   `json:"levels"`
	Statuses Words    `json:"statuses,omitempty"` // to one of Statuses()
	Locales  Words    `json:"locales,omitempty"`  // to one of Locales()
	Dates    Dates    `json:"dates,omitzero"`
	Scope    Scope    `json:"scope,omitempty"`
	Primary  string   `json:"primary,omitempty"` // the column that says which row of a worker counts; "": none

	// Custom has the columns of the custom fields. Fields has Custom for each of these columns.
	Custom CustomFields `json:"custom,omitempty"`
}

// Vocabulary returns what the words in a column of f mean. It knows no word if f takes any text.
func (m Mappings) Vocabulary(f Field) Vocabulary {
	switch f.row().kind {
	case asStatus:
		return newVocabulary(m.Statuses, statusWords)
	case asLocale:
		return newVocabulary(m.Locales, localeWords)
	default:
		return Vocabulary{}
	}
}

// VerdictsVersion is the version of the code that judges a row. Increase it whenever a verdict changes: the golden
// file of judged rows enforces that.
const VerdictsVersion = 3

// Digest returns a hash of everything that a row is judged by: the settings, the field table, the word lists and
// VerdictsVersion. If it changes, every row is judged again.
func (m Mappings) Digest() string {
	var text strings.Builder
	fmt.Fprintf(&text, "verdicts %d\nrules %x\n", VerdictsVersion, builtInRules())
	mapped := m.Fields.ByColumnKey()
	for _, key := range slices.Sorted(maps.Keys(mapped)) {
		fmt.Fprintf(&text, "field %q %v\n", key, mapped[key])
	}
	for _, name := range m.Custom.Names() {
		fmt.Fprintf(&text, "custom %s %q\n", name, ColumnKey(m.Custom[name]))
	}
	for _, list := range []struct {
		name string
		of   map[string]string
	}{{"level", m.Levels}, {"status", m.Statuses}, {"locale", m.Locales}} {
		for _, word := range slices.Sorted(maps.Keys(list.of)) {
			fmt.Fprintf(&text, "%s %q %q\n", list.name, word, list.of[word])
		}
	}
	for _, column := range m.Scope.Columns() {
		fmt.Fprintf(&text, "scope %q %q %q\n", column, m.Scope[column].Only, m.Scope[column].Not)
	}
	if m.Primary != "" {
		fmt.Fprintf(&text, "primary %q\n", ColumnKey(m.Primary))
	}
	if m.Dates.Today != "" { // a known row may be due, so all are judged again on another day
		fmt.Fprintf(&text, "dates %d %s\n", m.Dates.Lead, m.Dates.Today)
	}
	digest := HashBytes([]byte(text.String()))
	return hex.EncodeToString(digest[:])
}

// builtInRules is a hash of the built-in data that rows are judged by. fmt prints maps in the order of their keys.
var builtInRules = sync.OnceValue(func() Hash { //nolint:gochecknoglobals // a constant that takes some time
	return HashBytes(fmt.Append(nil, fieldTable, wrappers, GroupColumns, idColumns, builtInRoles, localeWords, yesNoWords,
		statusWords, MaxEmail, defaultLocale))
})
