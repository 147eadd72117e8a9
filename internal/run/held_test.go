package run_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/run"
)

func TestAHeldPlanIsItsKinds(t *testing.T) {
	t.Parallel()
	held := run.HeldPlan{Plan: "p", Removals: 2, Additions: 33, Changes: 5}
	rest, sum := held, 0
	for _, kind := range run.Kinds() {
		assert.Positive(t, held.Of(kind))
		assert.Zero(t, held.Without(kind).Of(kind))
		assert.Equal(t, held.Total(), held.Of(kind)+held.Without(kind).Total())
		rest, sum = rest.Without(kind), sum+held.Of(kind)
	}
	assert.Equal(t, held.Total(), sum)
	assert.Zero(t, rest.Total())
	assert.Zero(t, run.HeldPlan{Changes: 7, Undo: true}.Of(run.Updates), "an undo is held as a whole")
}
