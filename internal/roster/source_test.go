package roster

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var (
	fromWorkday = Source{
		Name:     "Workday",
		User:     "row of the user report",
		IDs:      "workday",
		Provide:  "add a column for it to the report",
		Policies: true,
	}
	fromWorkOS = Source{
		Name:    "WorkOS",
		User:    "user",
		IDs:     "workos",
		Listed:  "workos:idp_id",
		Provide: "map an attribute to it",
	}
)

func TestAHintFitsTheSource(t *testing.T) {
	t.Parallel()
	assert.Contains(t, fromWorkday.Hint(City), "domain security policy \"Worker Data: All Positions\"")
	assert.Contains(t, fromWorkday.Hint(City), "If the field is wanted, add a column")
	assert.Contains(t, fromWorkday.Hint(Email), "The field is required: add a column")
	assert.NotContains(t, fromWorkOS.Hint(City), "Workday")
	assert.NotContains(t, fromWorkOS.Hint(City), "policy")
	assert.Contains(t, fromWorkOS.Hint(City), "map an attribute to it")
}

// docs/rules.md section 6, "Sources".
func TestSources(t *testing.T) {
	t.Parallel()
	t.Run("advice", func(t *testing.T) {
		t.Parallel()
		for code := range codes {
			plain := code.Issue(Identity{}, NoField)
			issue := fromWorkOS.Advise(plain)
			assert.Equal(t, plain, issue)
			for _, text := range []string{issue.Detail, issue.Hint} {
				assert.NotRegexp(t, "(?i)workday|report|polic|integration system user", text, "%s", code)
			}
			if hint, own := workdayHints[code]; own {
				assert.Equal(t, hint, fromWorkday.Advise(plain).Hint)
				assert.NotEqual(t, hint, plain.Hint)
			} else {
				assert.Equal(t, plain, fromWorkday.Advise(plain))
			}
		}
		for code := range workdayHints {
			assert.Contains(t, codes, code)
		}
		own := CodeColumnAbsent.Issue(Identity{}, City)
		own.Hint = "its own"
		assert.Equal(t, own, fromWorkday.Advise(own))
	})
}
