package roster

import (
	"maps"
	"slices"
)

// Scope says which rows of a directory count, by column. A row must satisfy all rules.
type Scope map[string]ScopeRule

// ScopeRule is the rule for one column. Values are compared without case.
type ScopeRule struct {
	Only []string `json:"only,omitempty"` // the row must have one of these
	Not  []string `json:"not,omitempty"`  // the row must have none of these
}

// Columns returns the names of the columns, sorted.
func (s Scope) Columns() []string { return slices.Sorted(maps.Keys(s)) }

// FoldScope returns the form in which values of scope columns are compared.
func FoldScope(value string) string { return Fold(NormalText(value)) }

// scopeColumn is a rule with the number of its column in the report.
type scopeColumn struct {
	name      string
	number    int
	only, not map[string]bool // folded; only is nil if the rule has none
}

// newScope returns the rules of a scope for a report.
func newScope(of Scope, b Bindings) []scopeColumn {
	var scope []scopeColumn
	for _, name := range of.Columns() {
		number, found := b.Scope[name]
		if !found { // Bindings.Unscoped says so, and no row is judged
			continue
		}
		scope = append(scope, scopeColumn{name, number, foldedSet(of[name].Only), foldedSet(of[name].Not)})
	}
	return scope
}

func foldedSet(values []string) map[string]bool {
	if len(values) == 0 {
		return nil
	}
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[FoldScope(value)] = true
	}
	return set
}

// inScope reports whether a row satisfies the rules, as far as its cells have values. It notes empty cells.
func (j *judgement) inScope() bool {
	for i := range j.rules.scope {
		of := &j.rules.scope[i]
		cell := j.cells[of.number]
		if cell == nil {
			j.noteEmptyScope(of.name)
			continue
		}
		has := func(set map[string]bool) bool {
			in := func(value string) bool { return set[FoldScope(value)] }
			return slices.ContainsFunc(cell.Values, in) || slices.ContainsFunc(cell.IDs, in)
		}
		if of.only != nil && !has(of.only) || has(of.not) {
			return false
		}
	}
	return true
}

// noteEmptyScope notes that a row has no value in a scope column.
func (j *judgement) noteEmptyScope(column string) {
	who := Identity{Row: j.row.Number, ExternalID: j.user.ExternalID, Email: j.issueEmail}
	issue := CodeScopeEmpty.Issue(who, NoField)
	j.issues = append(j.issues, issue.WithDetail(issue.Detail+": "+quoted([]string{column})))
	j.membersOnly = true
}
