package plandiff_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/roster"
)

func issues(list ...roster.Issue) plandiff.Issues {
	return func() iter.Seq2[roster.Issue, error] {
		return func(yield func(roster.Issue, error) bool) {
			for _, i := range list {
				if !yield(i, nil) {
					return
				}
			}
		}
	}
}

func issue(row int, who, detail string) roster.Issue {
	i := roster.CodeEmailInvalid.Issue(roster.Identity{Row: row, ExternalID: who}, roster.Email)
	i.Detail = detail
	return i
}

func TestIssuesOfTwoRunsAreCompared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []roster.Issue
		brought, gone []string
	}{
		"rows that moved are the same": {
			before: []roster.Issue{issue(5, "E1", "bad"), issue(6, "E2", "the same email as in rows 5, 7 and 9")},
			after:  []roster.Issue{issue(6, "E1", "bad"), issue(7, "E2", "the same email as in rows 6, 8 and 10")},
		},
		"another person's is another": {
			before: []roster.Issue{issue(5, "E1", "bad")}, after: []roster.Issue{issue(5, "E2", "bad")},
			brought: []string{"E2"}, gone: []string{"E1"},
		},
		"another detail is another": {
			before: []roster.Issue{issue(0, "", "level M4")}, after: []roster.Issue{issue(0, "", "level M5")},
			brought: []string{""}, gone: []string{""},
		},
		"of nobody's only the number counts": {
			before: []roster.Issue{issue(1, "", "bad"), issue(2, "", "bad")},
			after:  []roster.Issue{issue(8, "", "bad"), issue(9, "", "bad"), issue(10, "", "bad")}, brought: []string{""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tally plandiff.IssueTally
			found := map[plandiff.Kind][]string{}
			for d, err := range plandiff.CompareIssues(issues(c.before...), issues(c.after...), &tally) {
				require.NoError(t, err)
				found[d.Kind] = append(found[d.Kind], d.Issue.ExternalID)
			}
			assert.Equal(t, c.brought, found[plandiff.New])
			assert.Equal(t, c.gone, found[plandiff.Gone])
			assert.Equal(
				t,
				plandiff.IssueTally{Before: len(c.before), After: len(c.after), New: len(c.brought), Gone: len(c.gone)},
				tally,
			)
		})
	}
}

func TestIssuesDoNotDifferFromThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) roster.Issue {
			return issue(
				rapid.IntRange(0, 3).Draw(t, "row"),
				rapid.SampledFrom([]string{"", "E1", "E2"}).Draw(t, "who"),
				"bad",
			)
		})).Draw(t, "issues")
		var tally plandiff.IssueTally
		for range plandiff.CompareIssues(issues(list...), issues(rapid.Permutation(list).Draw(t, "again")...), &tally) {
			t.Fatal("a difference")
		}
		require.Equal(t, len(list), tally.After)
	})
}
