package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func TestEveryStepHasItsWords(t *testing.T) {
	t.Parallel()
	s := workflows.Status{
		Planned: workflows.Planned{Changes: round.ChangeCounts{Added: 2}, Batches: 1, Removals: 4},
		Result:  round.Result{Snapshot: round.SnapshotCounts{Users: 1}},
	}
	words := map[workflows.Step]string{}
	for _, step := range []workflows.Step{
		workflows.Beginning, workflows.Fetching, workflows.Validating, workflows.Diffing, workflows.Guarding, workflows.Adding,
		workflows.Removing, workflows.Finishing, workflows.Done, "of a newer worker",
	} {
		s.Step = step
		step, counts := describe(s)
		words[s.Step] = terminal.Join(step, counts)
	}
	assert.Equal(t, map[workflows.Step]string{
		workflows.Beginning:  "is beginning",
		workflows.Fetching:   "reads the directory, 1 user, 0 groups, 0 memberships",
		workflows.Validating: "checks what was read, 1 user, 0 groups, 0 memberships",
		workflows.Diffing:    "works out what changed, 1 user, 0 groups, 0 memberships",
		workflows.Guarding:   "weighs removals against the limit, 4 removals",
		workflows.Adding:     "applies additions and updates, 0 of 1 batch, 2 changes",
		workflows.Removing:   "applies removals, 0 of 1 batch, 2 changes",
		workflows.Finishing:  "records the outcome",
		workflows.Done:       "is done",
		"of a newer worker":  "of a newer worker",
	}, words)
}

func TestASummaryNamesWhatChanged(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "nothing", round.ChangeCounts{}.Summary())
	assert.Equal(t, "1 added, 2 departed, 3 memberships removed", round.ChangeCounts{Added: 1, Departed: 2, MembershipsRemoved: 3}.Summary())
}
