package plandiff

import (
	"cmp"
	"iter"
	"regexp"
	"strconv"

	"github.com/rollcall/rollcall/internal/roster"
)

// Issues iterates over the issues of one run. Each call gives the same issues. Nil means none.
type Issues func() iter.Seq2[roster.Issue, error]

// IssueDifference is an issue that only one of two runs has: New or Gone.
type IssueDifference struct {
	Kind  Kind
	Issue roster.Issue
}

// IssueTally counts the issues of two runs and their differences.
type IssueTally struct {
	Before, After int
	New, Gone     int
}

// CompareIssues iterates over the differences between the issues of an earlier and a later run, and counts into
// tally meanwhile. Row numbers shift with every row that is added or removed, so it compares an issue by person and
// text. Issues without a person compare by their number alone. The laws of CompareChanges hold.
func CompareIssues(before, after Issues, tally *IssueTally) iter.Seq2[IssueDifference, error] {
	return func(yield func(IssueDifference, error) bool) {
		left := map[roster.Hash]int{}
		for issue, err := range before.all() {
			if err != nil {
				yield(IssueDifference{}, err)
				return
			}
			tally.Before++
			left[issueKey(issue)]++
		}
		remain := tally.Before
		for issue, err := range after.all() {
			if err != nil {
				yield(IssueDifference{}, err)
				return
			}
			tally.After++
			if key := issueKey(issue); left[key] > 0 {
				left[key]--
				remain--
				continue
			}
			tally.New++
			if !yield(IssueDifference{Kind: New, Issue: issue}, nil) {
				return
			}
		}
		if remain == 0 {
			return
		}
		for issue, err := range before.all() {
			if err != nil {
				yield(IssueDifference{}, err)
				return
			}
			key := issueKey(issue)
			if left[key] == 0 {
				continue
			}
			left[key]--
			tally.Gone++
			if !yield(IssueDifference{Kind: Gone, Issue: issue}, nil) {
				return
			}
		}
	}
}

func (i Issues) all() iter.Seq2[roster.Issue, error] {
	if i == nil {
		return func(func(roster.Issue, error) bool) {}
	}
	return i()
}

// rowNumbers matches the places where a detail names other rows.
var rowNumbers = regexp.MustCompile(`\brows? \d[\d, and]*`)

// issueKey is equal for issues that differ in their rows alone.
func issueKey(i roster.Issue) roster.Hash {
	who, detail := cmp.Or(i.ExternalID, i.Email), rowNumbers.ReplaceAllLiteralString(i.Detail, "row ")
	return hash(string(i.Code), string(i.Severity), i.Field, detail, who, strconv.FormatBool(i.Row > 0))
}
