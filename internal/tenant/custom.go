package tenant

import (
	"cmp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/roster"
)

// customReader reads the custom fields of a tenant. Columns come in the order of the file.
type customReader struct {
	*section
	fields roster.CustomFields
}

// field parses the name of a field that a column fills, and adds a custom one.
func (r customReader) field(column string, value *yaml.Node) (roster.Field, bool) {
	if name, custom := strings.CutPrefix(value.Value, roster.CustomPrefix); custom {
		return roster.Custom, r.add(column, name)
	}
	return r.section.field(column, value)
}

// add adds the custom field with a name, which a column fills. It returns false if the name is wrong, taken, or one too
// many.
func (r customReader) add(column, name string) bool {
	other, twice := r.fields[name]
	switch {
	case !roster.ValidCustomName(name):
		r.reject(column, "%q is no name of a custom field: write custom. and 1 to 40 of the letters a-z, digits and _, the first "+
			"a letter, as custom.cost_center", roster.CustomPrefix+name)
	case twice:
		r.reject(column, "custom.%s is there twice, first for the column %q in line %d; give this one another name", name, other,
			r.entries[other].line)
	case len(r.fields) == roster.MaxCustom:
		r.reject(column, "a tenant has at most %d custom fields: remove one", roster.MaxCustom)
	default:
		r.fields[name] = column
		return true
	}
	return false
}

// byLine compares keys by their lines.
func (s *section) byLine(a, b string) int {
	return cmp.Or(cmp.Compare(s.entries[a].line, s.entries[b].line), cmp.Compare(a, b))
}
