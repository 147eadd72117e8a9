package roster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
)

// policies are the Workday domain security policies that a field's column depends on: those of the set-up article, and
// two (levels, names) that it doesn't list but that are likely.
var policies = [FieldCount]string{
	FirstName:       "Person Data: Name",
	LastName:        "Person Data: Name",
	Email:           "Person Data: Work Contact Information",
	ManagementLevel: "Worker Data: Current Management Level Information",
	Role:            "Worker Data: Current Management Level Information",
	JobTitle:        "Worker Data: Business Title on Worker Profile",
	BusinessUnit:    "Worker Data: All Positions",
	JobFunction:     "Worker Data: All Positions",
	PeopleManager:   "Worker Data: All Positions",
	ManagerEmail:    "Person Data: Work Contact Information",
	City:            "Worker Data: All Positions",
	Country:         "Worker Data: All Positions",
	Office:          "Worker Data: All Positions",
	Locale:          "Workday Accounts",
	Status:          "Worker Data: Current Staffing Information",
	ExternalID:      "Worker Data: Workers",
	Groups:          "Worker Data: Workers",
}

// Policies of no single field: leavers in the report, and the report at all.
const (
	LeaversPolicy = "Worker Data: Active and Terminated Workers"
	ReportPolicy  = "Worker Data: Public Worker Reports"
)

// Policy is the Workday domain security policy that may be missing when f's column is; "" for NoField.
func Policy(f Field) string {
	if int(f) >= FieldCount {
		return ""
	}
	return policies[f]
}

// MissingColumns is the fault of a user report in which no row has a value for these required fields. It names the
// columns that the tenant maps to them, and of the report's unused columns the one that looks renamed or left empty.
func MissingColumns(fields []Field, mapped FieldMap, unused []UnusedColumn) *fault.Fault {
	var names, hints, domains []string
	for _, f := range fields {
		name := f.String()
		if own := mappedTo(mapped, f); len(own) > 0 {
			name += fmt.Sprintf(" (by the tenant's settings: %s)", strings.Join(own, ", "))
		}
		names = append(names, name)
		if hint := likely(f, unused); hint != "" {
			hints = append(hints, hint)
		}
		if domain := fmt.Sprintf("%q", Policy(f)); !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
	}
	hints = append(hints, "Put the column back into the report (at WorkOS: map the custom attribute), or name the one that is there "+
		"under fields in tenants.yaml.", fmt.Sprintf("In Workday, the integration system user's security group may lack Get access to the domain security policy %s. "+
		"Nothing was changed.", strings.Join(domains, ", ")))
	return fault.ColumnMissing("no row of the user report has a value for "+strings.Join(names, ", "), strings.Join(hints, " "))
}

// mappedTo lists the columns that the tenant maps to f.
func mappedTo(mapped FieldMap, f Field) []string {
	var own []string
	for name, fields := range mapped {
		if slices.Contains(fields, f) {
			own = append(own, fmt.Sprintf("%q", name))
		}
	}
	slices.Sort(own)
	return own
}

// MissingGroupName is the fault of a group report in which no row has a group_name.
func MissingGroupName() *fault.Fault {
	return fault.ColumnMissing("no row of the group report has a value for group_name",
		"Add the column group_name to the group report, or check that the integration system user may see it. Nothing was changed.")
}

// columnHint is what to do about a field whose column no row fills, though it is not required.
func columnHint(f Field) string {
	return fmt.Sprintf("If the field is wanted, add a column for it to the report (or name it under fields in the tenant's settings). "+
		"If the column is there, the Workday domain security policy %q may be missing for the integration system user.", Policy(f))
}

// likely says which column looks like f's.
func likely(f Field, unused []UnusedColumn) string {
	best, score := UnusedColumn{}, 0.0
	for _, column := range unused {
		if likeness := likenessTo(f, column.Name); likeness > score {
			best, score = column, likeness
		}
	}
	switch {
	case score < nearEnough:
		return ""
	case best.Filled == 0:
		return fmt.Sprintf("The column %q is there, but empty in every row.", best.Name)
	}
	return fmt.Sprintf("The column %q looks like a renamed %s: if it is, name it under fields in the tenant's settings.", best.Name, f)
}

// nearEnough is how alike two names are when one is probably the other.
const nearEnough = 0.7

// likenessTo is how much a column's name is like the usual names of f: 1 is equal, 0 is nothing in common.
func likenessTo(f Field, column string) float64 {
	key := []rune(usualKey(column))
	if len(key) == 0 || len(key) > 64 {
		return 0
	}
	best := 0.0
	for _, name := range usualNames[f] {
		longer := max(len(key), len(name))
		likeness := 1 - float64(distance(key, []rune(name)))/float64(longer)
		// A longer name with the whole usual one in it is close, unless the usual one is too short to say much.
		if len(name) > 4 && strings.Contains(string(key), name) {
			likeness = max(likeness, 0.7+0.3*float64(len(name))/float64(longer))
		}
		best = max(best, likeness)
	}
	return best
}

// distance is how many letters to insert, delete, replace or swap with their neighbour make a into b.
func distance(a, b []rune) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range a {
		current[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j]+cost, previous[j+1]+1, current[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], before[j-1]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
