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
	whole    bool // concerns the report as a whole: no row has it
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
	of.whole = of.whole && issue.Row == 0
	if len(of.examples) < most {
		of.examples = append(of.examples, issue)
	}
}

// worstFirst sorts: what cost whole rows, then what concerns the whole report, then what most rows have.
func (c causes) worstFirst() []*cause {
	return slices.SortedFunc(maps.Values(c), func(a, b *cause) int {
		return cmp.Or(
			first(a.severity == roster.Rejected, b.severity == roster.Rejected),
			first(a.whole, b.whole),
			cmp.Compare(b.issues, a.issues),
			cmp.Compare(a.code, b.code),
			cmp.Compare(a.field, b.field),
		)
	})
}

// first sorts true before false.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}
