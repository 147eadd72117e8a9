package contrast

import (
	"cmp"
	"iter"
	"regexp"
	"strconv"

	"github.com/rollcall/rollcall/internal/roster"
)

// Issues gives the issues of one run, the same each time that it is called. Nil is none.
type Issues func() iter.Seq2[roster.Issue, error]

// IssueDifference is an issue that only one of two runs has: New or Gone.
type IssueDifference struct {
	Kind  Kind
	Issue roster.Issue
}

// IssueTally counts the issues of two runs, and in what they differ.
type IssueTally struct {
	Before, After int
	New, Gone     int
}

// IssuesOf gives the differences between the issues of an earlier and a later run, and counts into tally while it is
// read. Row numbers move with every row that comes or goes, so an issue is known by whose it is, and what it says; of those
// of nobody in particular only the number counts. The laws of Plans hold likewise.
func IssuesOf(before, after Issues, tally *IssueTally) iter.Seq2[IssueDifference, error] {
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

// rowNumbers are where a detail names other rows.
var rowNumbers = regexp.MustCompile(`\brows? \d[\d, and]*`)

// issueKey is equal for issues that are the same but for their rows.
func issueKey(i roster.Issue) roster.Hash {
	who, detail := cmp.Or(i.ExternalID, i.Email), rowNumbers.ReplaceAllLiteralString(i.Detail, "row ")
	return hash(string(i.Code), string(i.Severity), i.Field, detail, who, strconv.FormatBool(i.Row > 0))
}
