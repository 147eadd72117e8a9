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
			want := guard.Result{Held: c.held, Limit: c.limit, Planned: c.facts.Planned, Recent: c.facts.Recent}
			assert.Equal(t, want, guard.Check(c.limits, c.facts).Removals)
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
		verdict := guard.Check(limits, facts).Removals
		if verdict.Held != (facts.Planned > 0 && facts.Planned+facts.Recent > verdict.Limit) {
			t.Fatal("the verdict doesn't follow from its own limit")
		}
		facts.Planned++
		if verdict.Held && !guard.Check(limits, facts).Removals.Held {
			t.Fatal("one more removal is let through")
		}
		facts.Planned--
		facts.Active++
		if !verdict.Held && guard.Check(limits, facts).Removals.Held {
			t.Fatal("one more active member has the removals held")
		}
	})
}

// docs/rules.md, section 5, the guard of additions and changes.
func TestAdditionsAndChangesHaveLimits(t *testing.T) {
	t.Parallel()
	t.Run("many additions", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			facts guard.Facts
			held  bool
			limit int
		}{
			"a hundred pass":                   {guard.Facts{Active: 20, Additions: 100}, false, 100},
			"more are held":                    {guard.Facts{Active: 20, Additions: 101}, true, 100},
			"half of the active pass":          {guard.Facts{Active: 1000, Additions: 500}, false, 500},
			"more than half are held":          {guard.Facts{Active: 1000, Additions: 501}, true, 500},
			"recent ones count":                {guard.Facts{Active: 20, Additions: 1, RecentAdditions: 100}, true, 100},
			"the first load passes":            {guard.Facts{First: true, Additions: 5000}, false, 0},
			"removals and changes don't count": {guard.Facts{Active: 20, Planned: 500, Changes: 500}, false, 100},
		} {
			v := guard.Check(guard.DefaultLimits, c.facts).Additions
			assert.Equal(t, c.held, v.Held, name)
			assert.Equal(t, c.limit, v.Limit, name)
		}
		holding := guard.DefaultLimits
		holding.HoldFirst = true
		assert.True(t, guard.Check(holding, guard.Facts{First: true, Additions: 1}).Additions.Held)
		assert.False(t, guard.Check(holding, guard.Facts{First: true}).Additions.Held, "nothing is never held")
	})
	t.Run("many changes", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			facts guard.Facts
			held  bool
		}{
			"fifty pass":                   {guard.Facts{Active: 20, Changes: 50}, false},
			"more are held":                {guard.Facts{Active: 20, Changes: 51}, true},
			"a quarter of the active pass": {guard.Facts{Active: 1000, Changes: 250}, false},
			"more than that are held":      {guard.Facts{Active: 1000, Changes: 251}, true},
			"recent ones count":            {guard.Facts{Active: 20, Changes: 1, RecentChanges: 50}, true},
		} {
			assert.Equal(t, c.held, guard.Check(guard.DefaultLimits, c.facts).Changes.Held, name)
		}
	})
	t.Run("of an earlier release's settings", func(t *testing.T) {
		t.Parallel()
		v := guard.Check(guard.Limits{Removals: 1}, guard.Facts{Additions: 1e6, Changes: 1e6})
		assert.False(t, v.Additions.Held || v.Changes.Held)
	})
}

func TestMembershipsOfATenantHaveALimit(t *testing.T) {
	t.Parallel()
	t.Run("no groups, or no membership, where there were ten or more memberships", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			size, removals int
			over           bool
		}{
			"all of ten":            {10, 10, true},
			"all of nine":           {9, 9, false},
			"ten of twenty":         {20, 10, false},
			"eleven of twenty":      {20, 11, true},
			"a fifth of a thousand": {1000, 200, false},
			"more than a fifth":     {1000, 201, true},
			"none":                  {1000, 0, false},
		} {
			assert.Equal(t, c.over, guard.MembershipsOverLimit(c.size, c.removals), name)
		}
	})
}
