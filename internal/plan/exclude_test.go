package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// covering covers the members of those one-letter names.
func covering(names string) func(*roster.Member) bool {
	return func(m *roster.Member) bool {
		return m.ExternalID != "" && slices.Contains([]byte(names), m.ExternalID[0])
	}
}

// sparing is the plan of an input in which nobody named may be removed.
func sparing(t failer, names string, input plan.Input) ([]plan.Change, plan.Summary) {
	t.Helper()
	b, chunks := collect()
	b.Exclude(covering(names))
	if err := b.Add(changes(t, input)...); err != nil {
		t.Fatal(err)
	}
	summary, err := b.Close(never)
	if err != nil {
		t.Fatal(err)
	}
	var list []plan.Change
	for _, chunk := range *chunks {
		list = append(list, chunk.Changes...)
	}
	return list, summary
}

func TestNobodyCoveredIsRemoved(t *testing.T) {
	t.Parallel()
	leaving := func(m roster.Member) plan.Input {
		return plan.Input{Members: members(m), Memberships: joined("a", "g"), Absent: []uuid.UUID{id("a")}}
	}
	expired := leaving(departed("a", 2*grace))
	atOnce := leaving(active("a"))
	atOnce.Grace = 0
	rowed := func(u roster.User) plan.Input { return plan.Input{Members: members(active("a")), Users: users(u)} }
	for name, c := range map[string]struct {
		input plan.Input
		grace time.Duration
		want  []string
		keeps int // removals that would be in the plan without
	}{
		"absent: stays, with its memberships": {leaving(active("a")), grace, []string{}, 1},
		"absent without a grace time: stays":  {atOnce, 0, []string{}, 1},
		"grace time over: stays departed":     {expired, grace, []string{}, 1},
		"inactive in the row: stays active":   {rowed(with(row("a"), roster.Status, roster.Inactive)), grace, []string{}, 1},
		"inactive and moved: only the move":   {rowed(with(with(row("a"), roster.Status, roster.Inactive), roster.City, "Oslo")), grace, []string{"update a (row_changed)"}, 1},
		"moved: the move":                     {rowed(with(row("a"), roster.City, "Oslo")), grace, []string{"update a (row_changed)"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.input.Now, c.input.Grace = today, c.grace
			list, summary := sparing(t, "a", c.input)
			assert.Equal(t, c.want, story(list))
			assert.Equal(t, c.keeps, summary.Excluded)
			assert.Zero(t, summary.Planned, "the guard doesn't count what was left out")

			others, summary := sparing(t, "z", c.input)
			assert.ElementsMatch(t, story(changes(t, c.input)), story(others), "of anybody else the plan is whole")
			assert.Zero(t, summary.Excluded)
		})
	}
}

// TestNoPlanHoldsARemovalOfSomebodyCovered runs random members against random rows: a covered member has no removal in
// any part of the plan, and what the plan says of everybody else is the same as if nobody were.
func TestNoPlanHoldsARemovalOfSomebodyCovered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		input := plan.Input{Now: today, Grace: rapid.SampledFrom([]time.Duration{0, grace}).Draw(t, "grace")}
		for _, name := range letters[:5] {
			member := rapid.SampledFrom([]roster.Member{
				active(
					string(name),
				), inactive(string(name)), departed(string(name), grace/2), departed(string(name), 2*grace),
			}).Draw(t, "member")
			input.Members = append(input.Members, member)
			input.Memberships = append(
				input.Memberships,
				joined(string(name), rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group"))...)
			switch rapid.IntRange(0, 3).Draw(t, "what the directory says") {
			case 0:
				input.Absent = append(input.Absent, member.ID)
			case 1:
				input.Kept = append(input.Kept, member.ID)
			case 2:
				user := with(
					row(string(name)),
					roster.Status,
					rapid.SampledFrom([]string{roster.Active, roster.Inactive}).Draw(t, "status"),
				)
				input.Users = append(
					input.Users,
					with(user, roster.City, rapid.SampledFrom([]string{"", "Oslo"}).Draw(t, "city")),
				)
			}
		}
		names := rapid.SampledFrom([]string{"", "a", "ab", "bd", "abcde"}).Draw(t, "covered")
		list, summary := sparing(t, names, input)
		covered := map[uuid.UUID]bool{}
		for _, m := range input.Members {
			covered[m.ID] = covering(names)(&m)
		}
		removes := func(c plan.Change) bool {
			return c.Verb == plan.Depart || c.Verb == plan.Deactivate || c.Verb == plan.Delete
		}
		all, spared := changes(t, input), map[uuid.UUID]bool{}
		for _, c := range all {
			if removes(c) && covered[c.Member] {
				spared[c.Member] = true
			}
		}
		rest := slices.DeleteFunc(all, func(c plan.Change) bool {
			return spared[c.Member] && (removes(c) || c.Why == plan.MemberLeft)
		})
		for _, c := range list {
			if covered[c.Member] && removes(c) {
				t.Fatalf("in the plan: %v", story([]plan.Change{c}))
			}
		}
		if summary.Excluded != len(spared) {
			t.Fatalf("%d spared, want %d", summary.Excluded, len(spared))
		}
		require.ElementsMatch(t, story(rest), story(list))
	})
}
