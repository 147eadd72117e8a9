package levelsim_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// member has a level, and the role that it has under a map.
func member(n int, level string, under roster.Levels) roster.Member {
	m := roster.Member{ID: uuid.UUID{15: byte(n)}, Version: 3}
	m.Values[roster.ManagementLevel], m.Values[roster.Status] = level, roster.Active
	m.Values[roster.Role], _ = under.Mapper()(level)
	return m
}

func TestMembersLevelsAreMappedThroughAnotherMap(t *testing.T) {
	t.Parallel()
	now, tried := roster.Levels{
		"M4":    "Manager",
		"Chief": "Executive",
	}, roster.Levels{
		"M4": "Sr. Manager",
		"P1": "Analyst",
	}
	r := levelsim.New(now, tried)
	var changed []string
	departed := member(9, "M4", now)
	departed.Values[roster.Status] = roster.Departed
	stale := member(8, "Director", now)
	stale.Values[roster.Role] = "Sr. Director" // somebody else's doing, or an older map's
	for _, m := range []roster.Member{
		member(1, "M4", now), member(2, "m4", now), member(3, "P1", now), member(4, "Chief", now), member(5, "Sr Director", now),
		member(6, "Wizard", now), member(7, "", now), stale, departed,
	} {
		c, changes := r.Member(m)
		if !changes {
			continue
		}
		require.Equal(t, plan.Update, c.Verb)
		fields := c.Fields()
		require.Len(t, fields, 1, "nothing but the role")
		changed = append(changed, fmt.Sprintf("%d %v → %v", c.Member[15], fields["role"][0], fields["role"][1]))
	}
	assert.Equal(t, []string{
		"1 Manager → Sr. Manager", "2 Manager → Sr. Manager", "3 P1 → Analyst", "4 Executive → Chief", "8 Sr. Director → Director",
	}, changed)
	s := r.Summary()
	assert.Equal(t, []levelsim.RoleShift{
		{Before: "Manager", After: "Sr. Manager", Members: 2},
		{Before: "Executive", After: "Chief", Members: 1},
		{Before: "P1", After: "Analyst", Members: 1},
		{Before: "Sr. Director", After: "Director", Members: 1},
	}, s.Roles)
	became := map[string]string{}
	for _, level := range s.Levels {
		became[level.Level] = level.Effect()
	}
	assert.Equal(
		t,
		map[string]string{"M4": "mapped differently", "m4": "mapped differently", "P1": "mapped", "Chief": "unmapped"},
		became,
	)
	assert.Equal(t, []string{"Chief", "Wizard"}, s.Unmapped)
	assert.Equal(t, []int{7, 1, 1, 5}, []int{s.Members, s.Departed, s.Unknown, s.Changed})
}

func TestUnderTheSameMapNobodysRoleIsAnother(t *testing.T) {
	t.Parallel()
	levels := rapid.MapOf(
		rapid.SampledFrom([]string{"M4", "P1", "Manager", "Chief"}),
		rapid.SampledFrom([]string{"VP", "Lead"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		now, tried := roster.Levels(levels.Draw(t, "now")), roster.Levels(levels.Draw(t, "tried"))
		same, other := levelsim.New(now, now), levelsim.New(now, tried)
		for n, level := range rapid.SliceOf(rapid.SampledFrom([]string{"M4", "m4", "P1", "Manager", "Chief", "Wizard"})).Draw(t, "levels") {
			m := member(n, level, now)
			_, changes := same.Member(m)
			require.False(t, changes)
			if c, changes := other.Member(m); changes {
				_, again := levelsim.New(now, tried).Member(*c.After)
				require.False(t, again, "what was changed is as the map says")
			}
		}
		require.Empty(t, same.Summary().Levels)
		moved := 0
		for _, shift := range other.Summary().Roles {
			moved += shift.Members
		}
		require.Equal(t, other.Summary().Changed, moved)
	})
}

func TestAColumnFullOfDistinctTextsTakesLittleMemory(t *testing.T) {
	t.Parallel()
	r := levelsim.New(nil, roster.Levels{"x": "y"})
	for n := range 2000 {
		r.Member(member(n, fmt.Sprint("level ", n), nil))
	}
	s := r.Summary()
	assert.Len(t, s.Unmapped, 500)
	assert.Equal(t, 1500, s.More)
	assert.Equal(t, 2000, s.Members)
}
