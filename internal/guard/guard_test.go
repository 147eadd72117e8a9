package guard_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/guard"
)

// TestGuard holds the sentences of docs/rules.md section 5 about the limits.
func TestGuard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits guard.Limits
		facts  guard.Facts
		held   bool
		limit  int
	}{
		"few people: 10 pass":                     {guard.DefaultLimits, guard.Facts{Active: 50, Planned: 10}, false, 10},
		"few people: more than 10 are held":       {guard.DefaultLimits, guard.Facts{Active: 50, Planned: 11}, true, 10},
		"many people: 5 % of the active pass":     {guard.DefaultLimits, guard.Facts{Active: 500, Planned: 25}, false, 25},
		"many people: more than 5 % are held":     {guard.DefaultLimits, guard.Facts{Active: 500, Planned: 26}, true, 25},
		"a share that isn't a whole number":       {guard.DefaultLimits, guard.Facts{Active: 239, Planned: 11}, false, 11},
		"and one more than it":                    {guard.DefaultLimits, guard.Facts{Active: 239, Planned: 12}, true, 11},
		"those applied in the last 24 hours":      {guard.DefaultLimits, guard.Facts{Active: 50, Planned: 1, Recent: 10}, true, 10},
		"together at the limit":                   {guard.DefaultLimits, guard.Facts{Active: 50, Planned: 1, Recent: 9}, false, 10},
		"nothing planned is never held":           {guard.DefaultLimits, guard.Facts{Active: 50, Recent: 40}, false, 10},
		"nobody active":                           {guard.DefaultLimits, guard.Facts{Planned: 11}, true, 10},
		"both numbers are the tenant's: removals": {guard.Limits{Removals: 3, Percent: 5}, guard.Facts{Active: 20, Planned: 4}, true, 3},
		"both numbers are the tenant's: percent":  {guard.Limits{Removals: 3, Percent: 20}, guard.Facts{Active: 20, Planned: 4}, false, 4},
		"a part of a percent":                     {guard.Limits{Percent: 0.29}, guard.Facts{Active: 10_000, Planned: 29}, false, 29},
		"no limits hold every removal":            {guard.Limits{}, guard.Facts{Active: 500, Planned: 1}, true, 0},
		"a hundred percent hold none":             {guard.Limits{Percent: 100}, guard.Facts{Active: 500, Planned: 500}, false, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := guard.Result{Held: c.held, Limit: c.limit, Removals: c.facts.Planned, Recent: c.facts.Recent}
			assert.Equal(t, want, guard.Check(c.limits, c.facts))
		})
	}
}

func TestGroupsHaveTheirOwnLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size, removals int
		over           bool
	}{
		"more than half of the memberships of a group of 10": {10, 6, true},
		"half of them":                   {10, 5, false},
		"more than half of 11":           {11, 6, true},
		"all of a group of 9":            {9, 9, false},
		"a group of 10 that goes itself": {10, 10, true},
		"none":                           {100, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.over, guard.GroupOverLimit(c.size, c.removals))
		})
	}
}

func TestMoreRemovalsAreNeverHeldLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 2_000_000)
		limits := guard.Limits{
			Removals: count.Draw(t, "removals"),
			Percent:  float64(rapid.IntRange(0, 100_000).Draw(t, "thousandths of a percent")) / 1000,
		}
		facts := guard.Facts{
			Active: count.Draw(t, "active"), Recent: count.Draw(t, "recent"), Planned: count.Draw(t, "planned"),
		}
		verdict := guard.Check(limits, facts)
		if verdict.Held != (facts.Planned > 0 && facts.Planned+facts.Recent > verdict.Limit) {
			t.Fatal("the verdict doesn't follow from its own limit")
		}
		facts.Planned++
		if verdict.Held && !guard.Check(limits, facts).Held {
			t.Fatal("one more removal is let through")
		}
		facts.Planned--
		facts.Active++
		if !verdict.Held && guard.Check(limits, facts).Held {
			t.Fatal("one more active member has the removals held")
		}
	})
}
