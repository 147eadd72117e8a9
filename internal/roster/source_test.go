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
