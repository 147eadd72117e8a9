package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// cause is one thing to put right, however many rows have it.
type cause struct {
	causeKey
	detail   string // of the first issue
	hint     string
	details  bool // whether the issues' details differ
	issues   int
	rows     bool // some row has it; else it is of people or groups that have none
	whole    bool // concerns the report as a whole: nobody's row, and nobody
	examples []roster.Issue
}

type causeKey struct {
	severity roster.Severity
	code     roster.Code
	field    string
}

// exampleCount is how many rows of a cause are named in a text.
const exampleCount = 10

// causes groups issues. There are few causes, since codes and fields are few.
type causes map[causeKey]*cause

// add takes in an issue; of each cause as many as most are kept as examples.
func (c causes) add(issue roster.Issue, most int) {
	key := causeKey{issue.Severity, issue.Code, issue.Field}
	of := c[key]
	if of == nil {
		of = &cause{causeKey: key, detail: issue.Detail, hint: issue.Hint, whole: true}
		c[key] = of
	}
	of.issues++
	of.details = of.details || issue.Detail != of.detail
	of.rows = of.rows || issue.Row > 0
	of.whole = of.whole && identity(issue) == ""
	if len(of.examples) < most {
		of.examples = append(of.examples, issue)
	}
}

// worstFirst sorts: what cost whole rows, then what concerns the whole report, then what most rows have.
func (c causes) worstFirst() []*cause {
	return slices.SortedFunc(maps.Values(c), func(a, b *cause) int {
		return cmp.Or(
			trueFirst(a.severity == roster.Rejected, b.severity == roster.Rejected),
			trueFirst(a.whole, b.whole),
			cmp.Compare(b.issues, a.issues),
			cmp.Compare(a.code, b.code),
			cmp.Compare(a.field, b.field),
		)
	})
}

// countText says how many have it, by a way of counting.
func (c *cause) countText(count func(n int, one, many string) string) string {
	switch {
	case c.whole:
		return "the whole report"
	case c.rows:
		return count(c.issues, "row", "rows")
	default:
		return count(c.issues, "case", "cases")
	}
}

// trueFirst sorts true before false.
func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}
