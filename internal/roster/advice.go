package roster

import (
	"fmt"
	"slices"
	"strings"
)

// Demand is how much a field is wanted in a report.
type Demand string

// The demands, as the set-up article has them. Additional fields are not in it, but used when they are there.
const (
	Required    Demand = "required"
	Recommended Demand = "recommended"
	Optional    Demand = "optional"
	Additional  Demand = "additional"
)

// Demand is how much f is wanted.
func (f Field) Demand() Demand {
	const recommended FieldSet = 1<<JobTitle | 1<<BusinessUnit | 1<<JobFunction | 1<<PeopleManager | 1<<ManagerEmail
	switch {
	case required.Has(f):
		return Required
	case recommended.Has(f):
		return Recommended
	case wanted.Has(f):
		return Optional
	default:
		return Additional
	}
}

// LikelyColumn is the column, of those that no field uses, that looks most like f's under another name.
func LikelyColumn(f Field, unused []UnusedColumn) (column UnusedColumn, found bool) {
	score := 0.0
	for _, c := range unused {
		if likeness := likenessTo(f, c.Name); likeness > score {
			column, score = c, likeness
		}
	}
	return column, score >= nearEnough
}

// Advice is what to do about a field whose column no row fills: the column that looks like it, where one may be named, and
// the policy that may be missing at Workday.
func Advice(f Field, unused []UnusedColumn, directory string) string {
	if strings.HasPrefix(directory, "workos:") {
		return strings.TrimSpace(likely(f, unused) + " Where the field is wanted, map an attribute to it in the WorkOS dashboard, or name one " +
			"under fields in the tenant's settings.")
	}
	if !f.Required() {
		return strings.TrimSpace(likely(f, unused) + " " + columnHint(f))
	}
	return strings.TrimSpace(fmt.Sprintf("%s Add a column for it to the report, or name one under fields in the tenant's settings. If the column "+
		"is there, the Workday domain security policy %q may be missing for the integration system user.", likely(f, unused), Policy(f)))
}

// Unmatched lists, by name, the columns that a tenant maps though none of these, nor of the unused ones, is called so.
func Unmatched(mapped FieldMap, columns *Columns, unused []UnusedColumn) []string {
	there := map[string]bool{}
	for _, name := range columns.Names {
		there[columnKey(name)] = true
	}
	for _, c := range unused {
		there[columnKey(c.Name)] = true
	}
	var lost []string
	for name, fields := range mapped {
		if len(fields) > 0 && !there[columnKey(name)] {
			lost = append(lost, name)
		}
	}
	slices.Sort(lost)
	return lost
}
