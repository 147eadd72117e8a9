package read

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// Workday domain security policies that concern no single field.
const (
	LeaversPolicy = "Worker Data: Active and Terminated Workers" // to see leavers
	ReportPolicy  = "Worker Data: Public Worker Reports"         // to see the report
)

// MissingColumns returns the fault of a report whose bindings are incomplete. It names the columns that the tenant maps to
// them or that they were last read from, and the unused columns that look renamed or are empty.
func MissingColumns(
	bindings roster.Bindings,
	mapped roster.FieldMap,
	unused []UnusedColumn,
	source roster.Source,
) *fault.Fault {
	var names, hints, policies []string
	for _, f := range bindings.Missing() {
		name := f.String()
		if change, lost := bindings.Change(f); lost && !f.Required() {
			name += fmt.Sprintf(" (last read from %q; it says who is in the directory)", change.From)
			hints = append(hints, lostHint(change))
		}
		if own := mappedTo(mapped, f); len(own) > 0 {
			name += fmt.Sprintf(" (by the tenant's settings: %s)", strings.Join(own, ", "))
		}
		names = append(names, name)
		if hint := likelyHint(f, unused); hint != "" {
			hints = append(hints, hint)
		}
		if policy := fmt.Sprintf("%q", f.Policy()); !slices.Contains(policies, policy) {
			policies = append(policies, policy)
		}
	}
	for _, column := range bindings.Unscoped {
		names = append(names, fmt.Sprintf("%q (a column of the tenant's scope)", column))
	}
	if len(bindings.Unscoped) > 0 {
		hints = append(hints, "Correct the column under scope in tenants.yaml, or take it out: then all rows count.")
	}
	if lost := bindings.LostPrimary; lost != "" {
		names = append(names, fmt.Sprintf("primary (last read from %q; it says which of several rows of a worker counts)", lost))
		hints = append(hints, "Correct the column for primary under fields in tenants.yaml, or take it out: then the rows of a "+
			"worker count alike.")
	}
	hints = append(hints, "Nothing was changed. For each of these fields, "+source.Provide+
		", or name the existing column under fields in tenants.yaml.")
	if source.Policies && len(policies) > 0 {
		hints = append(
			hints,
			fmt.Sprintf("In Workday, the integration system user's security group may lack Get access to the domain "+
				"security policy %s.", strings.Join(policies, ", ")),
		)
	}
	return fault.ColumnMissing(
		"no "+source.User+" has a value for "+strings.Join(names, ", "),
		strings.Join(hints, " "),
	)
}

// lostHint says what to do about a field that decides who is in the directory, and has lost its column.
func lostHint(change roster.ColumnChange) string {
	hint := ""
	if change.To != "" {
		hint = fmt.Sprintf("The column %q may be the new one: then write `%s: %s` under fields. ", change.To, change.To,
			change.Field)
	}
	return hint + fmt.Sprintf("If the field is no longer wanted, write `%s: []` under fields.", change.From)
}

// mappedTo returns the sorted, quoted columns that the tenant maps to f.
func mappedTo(mapped roster.FieldMap, f roster.Field) []string {
	var own []string
	for name, fields := range mapped {
		if slices.Contains(fields, f) {
			own = append(own, fmt.Sprintf("%q", name))
		}
	}
	slices.Sort(own)
	return own
}

// likelyHint returns a hint about the unused column that looks like f's, or "".
func likelyHint(f roster.Field, unused []UnusedColumn) string {
	switch best, found := LikelyColumn(f, unused); {
	case !found:
		return ""
	case best.Filled == 0:
		return fmt.Sprintf("The column %q is there, but empty in every row.", best.Name)
	default:
		return fmt.Sprintf(
			"The column %q looks like a renamed %s. If it is, name it under fields in the tenant's settings.",
			best.Name,
			f,
		)
	}
}

// minLikeness is the likeness from which a column is suggested.
const minLikeness = 0.7

// likenessTo returns how similar a column's name is to the usual names of f: 1 is equal, 0 has nothing in common. Of a
// nested column the last part counts, because the parts before it are those of its flags and types too.
func likenessTo(f roster.Field, column string) float64 {
	if at := strings.LastIndexByte(column, '.'); at >= 0 {
		switch roster.UsualKey(column[at+1:]) {
		case "value", "descriptor", "id": // which say nothing
			column = column[:at]
		default:
			column = column[at+1:]
		}
	}
	key := []rune(roster.UsualKey(column))
	if len(key) == 0 || len(key) > 64 {
		return 0
	}
	best := 0.0
	for _, name := range f.UsualColumns() {
		longer := max(len(key), len(name))
		likeness := 1 - float64(distance(key, []rune(name)))/float64(longer)
		// A longer name that contains a usual one is close, unless the usual one is very short.
		if len(name) > 4 && strings.Contains(string(key), name) {
			likeness = max(likeness, 0.7+0.3*float64(len(name))/float64(longer))
		}
		best = max(best, likeness)
	}
	return best
}

// distance returns how many letters must be inserted, deleted, replaced or swapped with a neighbour to turn a into
// b.
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
