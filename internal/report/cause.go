package report

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// cause groups issues with the same severity, code and field.
type cause struct {
	causeKey
	detail   string // of the first issue
	hint     string
	details  bool // the details of the issues differ
	issues   int
	rows     bool // at least one issue is about a row
	whole    bool // the issues are about the whole report, not about a row or a person
	examples []roster.Issue
	values   roster.OffendingTally
	unkept   int                 // rows whose values aren't known
	missing  map[roster.Hash]int // of these, the first ones that an earlier run may tell, by person
}

type causeKey struct {
	severity roster.Severity
	code     roster.Code
	field    string
}

// exampleCount limits the examples of a cause in a text report.
const exampleCount = 10

// valueCount limits the distinct values of a cause.
const valueCount = 20

// causes groups issues. There are few causes, since there are few codes and fields.
type causes map[causeKey]*cause

// add adds an issue. Each cause keeps up to limit issues as examples.
func (c causes) add(issue roster.Issue, limit int) {
	key := causeKey{issue.Severity, issue.Code, issue.Field}
	group := c[key]
	if group == nil {
		group = &cause{causeKey: key, detail: issue.Detail, hint: issue.Hint, whole: true}
		c[key] = group
	}
	group.issues++
	group.details = group.details || issue.Detail != group.detail
	group.rows = group.rows || issue.Row > 0
	group.whole = group.whole && identity(issue) == ""
	if len(group.examples) < limit {
		group.examples = append(group.examples, issue)
	}
	for _, value := range issue.Values {
		group.values.Add(value.String(), max(issue.Rows, 1))
	}
	if issue.Code.HasValues() && len(issue.Values) == 0 && issue.Row > 0 {
		group.unkept++
		group.miss(issue)
	}
}

// maxMissing limits the people of a cause whose values are looked for in earlier runs.
const maxMissing = 100_000

// miss notes that the values of an issue are to be looked for. The sync knew the row, so it didn't judge it.
func (c *cause) miss(issue roster.Issue) {
	if who := personOf(issue); who != "" && len(c.missing) < maxMissing {
		if c.missing == nil {
			c.missing = map[roster.Hash]int{}
		}
		c.missing[roster.HashTexts(who)]++
	}
}

// personOf returns what identifies the person of an issue, or "".
func personOf(i roster.Issue) string { return cmp.Or(i.ExternalID, i.Email) }

// complete adds the values of rows that the sync knew. earlier yields the issues of earlier runs, the latest run first.
// The latest one with values judged the row as it is: a row that changes is judged again.
func (c causes) complete(earlier iter.Seq2[roster.Issue, error]) error {
	left := 0
	for _, group := range c {
		left += len(group.missing)
	}
	if left == 0 || earlier == nil {
		return nil
	}
	for issue, err := range earlier {
		if err != nil {
			return err
		}
		group := c[causeKey{issue.Severity, issue.Code, issue.Field}]
		if group == nil || len(issue.Values) == 0 {
			continue
		}
		who := roster.HashTexts(personOf(issue))
		rows := group.missing[who]
		if rows == 0 {
			continue
		}
		for _, value := range issue.Values {
			group.values.Add(value.String(), rows)
		}
		delete(group.missing, who)
		group.unkept -= rows
		if left--; left == 0 {
			return nil
		}
	}
	return nil
}

// listed reports whether the values say all that the issues do: each is about one value of the whole report.
func (c *cause) listed() bool {
	worst, others := c.values.Worst(valueCount)
	return c.whole && len(worst) > 0 && others == 0
}

// restText says which rows are not among the listed values: those with other values, and those without. It is "" if all
// are listed.
func restText(others, unkept int, count func(n int, one, many string) string) string {
	var parts []string
	if others > 0 {
		parts = append(parts, count(others, "row", "rows")+" with other values")
	}
	if unkept > 0 {
		parts = append(parts, count(unkept, "row", "rows")+" whose values aren't kept any more")
	}
	return strings.Join(parts, ", and ")
}

// worstFirst returns causes of rejected rows first, then causes about the whole report, then by number of issues.
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

// countText says how many rows or cases have the cause. It formats numbers with count.
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

// trueFirst compares booleans for sorting: true comes before false.
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
