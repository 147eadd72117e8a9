package monitor

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func TestEveryStepHasItsWords(t *testing.T) {
	t.Parallel()
	s := workflows.Status{
		Planned: workflows.Planned{Changes: run.ChangeCounts{Added: 2}, Batches: 1, Removals: 4},
		Result:  run.Result{Snapshot: run.SnapshotCounts{Users: 1}},
	}
	words := map[workflows.Step]string{}
	for _, step := range []workflows.Step{
		workflows.Beginning, workflows.Fetching, workflows.Validating, workflows.Diffing, workflows.Guarding, workflows.Adding,
		workflows.Removing, workflows.Finishing, workflows.Done, "of a newer worker",
	} {
		s.Step = step
		step, counts := stepText(s)
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

func TestAResultSaysWhatBecameOfWhatWasHeld(t *testing.T) {
	t.Parallel()
	held := &run.HeldPlan{Plan: "abc", Removals: 12}
	assert.Equal(t, "  rejected 12 removals not applied: withheld until those people have been present again, or a resync; plan abc\n",
		decisionText(run.Result{Outcome: run.Rejected, Held: held}))
	assert.Equal(t, "  expired  12 removals not applied: withheld until those people have been present again, or a resync; plan abc\n",
		decisionText(run.Result{Outcome: run.Expired, Held: held}))
	assert.Equal(t, "  approved 1 removal; 2 left out, as those people are back or changed since; plan abc\n  withheld 3 removals: rejected or expired before\n",
		decisionText(run.Result{Outcome: run.Applied, Withheld: 3, Approved: &run.ApprovedPlan{Plan: "abc", Removals: 1, Left: 2}}))
}
