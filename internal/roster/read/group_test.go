package read

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// testGroupName is the row group_name of docs/rules.md, section 1.
func testGroupName(t *testing.T) {
	t.Helper()
	t.Run("is read by its usual names, the tenant's own first", func(t *testing.T) {
		for raw, want := range map[string]string{
			`{"group_name":"Mentors"}`:                   "Mentors",
			`{"Group Name":" Mentors "}`:                 " Mentors ",
			`{"Groups_group":[{"Other":1}],"Group":"A"}`: "A",
			`{"Name":"A","Group_Name":"B"}`:              "B",
			`{"Name":"A","Team":"T","group_name":"B"}`:   "T",
			`{"group_name":{"Descriptor":"A","ID":"1"}}`: "A",
			`{"group_name":["A"]}`:                       "A",
			`{"group_name":7}`:                           "7",
			`{"group_name":null}`:                        "",
			`{"group_name":"  "}`:                        "",
			`{"Cost_Center":"A"}`:                        "",
			`{}`:                                         "",
		} {
			name, err := GroupName([]byte(raw), "Team")
			require.NoError(t, err)
			assert.Equal(t, want, name, raw)
		}
		_, err := GroupName([]byte(`"Mentors"`))
		known, ok := fault.Of(err)
		require.True(t, ok)
		assert.Equal(t, fault.KindMalformedRow, known.Kind)
	})
	t.Run("trimmed, non-empty", func(t *testing.T) {
		rules := roster.NewGroupRules()
		unit, issues, ok := rules.Judge(1, "", " Mentors\u00a0\u200b")
		assert.Equal(t, roster.SourceGroup{Key: "Mentors", Name: "Mentors"}, unit)
		assert.True(t, ok)
		assert.Empty(t, issues)
		_, issues, ok = rules.Judge(2, "", "Mentors")
		assert.False(t, ok)
		assert.Equal(t, []string{"group_name group_duplicate warning"}, codesOf(issues))
		assert.False(t, rules.Present("Chess"))
		_, issues, ok = rules.Judge(3, "", "\u200b ")
		assert.False(t, ok)
		assert.Equal(t, []string{"group_name group_name_empty rejected"}, codesOf(issues))
		assert.Equal(t, 3, issues[0].Row)
		assert.True(t, rules.Present("Chess"), "it might be the one without a name")
		assert.Equal(t, []roster.SourceGroup{{Key: "Mentors", Name: "Mentors"}}, rules.Groups())
		assert.Nil(t, rules.Fault())
	})
	t.Run("bytes that aren't UTF-8 damage it", func(t *testing.T) {
		for _, raw := range []string{
			"{\"group_name\":\"D\xe9veloppement\"}", "{\"group_name\":[{\"Descriptor\":\"\x80\"}]}",
			`{"group_name":"Team \ud83d"}`, "{\"Name\":\"D\ufffdveloppement\"}",
		} {
			rules := roster.NewGroupRules()
			name, err := GroupName([]byte(raw))
			require.NoError(t, err)
			_, issues, ok := rules.Judge(1, "", name)
			assert.False(t, ok, raw)
			assert.Equal(t, []string{"group_name text_damaged rejected"}, codesOf(issues), raw)
			assert.Nil(t, rules.Fault(), "there is a name")
			assert.True(t, rules.Present("Développement"), "it may be any group")
			_, _, ok = rules.Judge(2, "", "Développement")
			assert.True(t, ok)
			assert.False(t, rules.Present("Développement"), "an accepted row names it")
		}
	})
	t.Run("a group with an id is known by it", func(t *testing.T) {
		rules := roster.NewGroupRules()
		_, _, ok := rules.Judge(1, "directory_group_2", "Mentors")
		assert.True(t, ok)
		_, _, ok = rules.Judge(2, "directory_group_1", "Mentors")
		assert.True(t, ok, "names may be shared")
		_, _, ok = rules.Judge(3, "directory_group_3", "")
		assert.False(t, ok)
		assert.True(t, rules.Present("directory_group_3"), "present is present")
		assert.False(t, rules.Present("directory_group_4"))
		assert.Equal(
			t,
			[]roster.SourceGroup{
				{Key: "directory_group_1", Name: "Mentors"},
				{Key: "directory_group_2", Name: "Mentors"},
			},
			rules.Groups(),
		)
	})
	t.Run("in no row at all fails the sync", func(t *testing.T) {
		rules := roster.NewGroupRules()
		assert.Nil(t, rules.Fault(), "no groups, no fault")
		rules.Judge(1, "", "")
		require.NotNil(t, rules.Fault())
		assert.Equal(t, fault.KindColumnMissing, rules.Fault().Kind)
		assert.Contains(t, rules.Fault().Detail, "group_name")
	})
}
