package plan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/plan"
)

func TestEveryReasonHasAMeaning(t *testing.T) {
	t.Parallel()
	for _, why := range plan.Whys() {
		assert.NotEmpty(t, why.Meaning(), why)
	}
	assert.Empty(t, plan.Why("of another release").Meaning())
}
