package monitor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func TestEveryStepHasAText(t *testing.T) {
	t.Parallel()
	s := workflows.Status{
		Planned: workflows.Planned{Changes: run.ChangeCounts{Added: 2}, Batches: 1, Removals: 4},
		Result:  run.Result{Snapshot: run.SnapshotCounts{Users: 1}},
	}
	words := map[workflows.Step]string{}
	for _, step := range []workflows.Step{
		workflows.Beginning, workflows.Fetching, workflows.Validating, workflows.Diffing, workflows.Guarding,
		workflows.Adding,
		workflows.Removing, workflows.Finishing, workflows.Done, "of a newer worker",
	} {
		s.Step = step
		step, counts := stepText(s)
		words[s.Step] = terminal.Join(step, counts)
	}
	assert.Equal(t, map[workflows.Step]string{
		workflows.Beginning:  "is beginning",
		workflows.Fetching:   "reads the directory, 1 user, 0 groups, 0 memberships",
		workflows.Validating: "validates the snapshot, 1 user, 0 groups, 0 memberships",
		workflows.Diffing:    "compares with the members, 1 user, 0 groups, 0 memberships",
		workflows.Guarding:   "checks removals against the limit, 4 removals",
		workflows.Adding:     "applies additions and updates, 0 of 1 batch, 2 changes",
		workflows.Removing:   "applies removals, 0 of 1 batch, 2 changes",
		workflows.Finishing:  "records the outcome",
		workflows.Done:       "is done",
		"of a newer worker":  "of a newer worker",
	}, words)
}

func TestAResultDescribesItsRemovals(t *testing.T) {
	t.Parallel()
	held := &run.HeldPlan{Plan: "abc", Removals: 12}
	assert.Equal(t, "  rejected 12 removals not applied: withheld until those people have been in the directory "+
		"again, or until a resync; plan abc\n",
		decisionText(run.Result{Outcome: run.Rejected, Held: held}))
	assert.Equal(t, "  expired  12 removals not applied: withheld until those people have been in the directory "+
		"again, or until a resync; plan abc\n",
		decisionText(run.Result{Outcome: run.Expired, Held: held}))
	assert.Equal(t, "  approved 1 removal; 2 skipped, since this read does not call for them; plan abc\n  "+
		"withheld 3 changes that were rejected or had expired earlier\n",
		decisionText(run.Result{
			Outcome: run.Applied, Withheld: 3,
			Approved: &run.ApprovedPlan{Plan: "abc", Removals: 1, LeftOut: 2},
		}))
}

func TestTextOfAStatus(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.Local)
	hold := &workflows.Hold{Plan: "abc", Removals: 12, Since: noon, Until: noon.Add(72 * time.Hour)}
	result := &run.Result{Tenant: "acme", Outcome: run.Held}
	for want, s := range map[string]Status{
		"acme: a sync is open, but no worker answers on task queue queue\n": {Open: true},
		"acme: not synced yet. Run `starter resync acme --wait`.\n":         {},
		"acme applies removals: 1 of 2 batches, 0 changes, since 2026-03-04 12:00:00; another round follows; 12 " +
			"removals held, plan abc\n": {
			Open: true, Step: new(workflows.Removing), Since: &noon, Waiting: true,
			Planned: &workflows.Planned{Batches: 2, Applied: 1},
			Hold:    hold, Result: &run.Result{},
		},
		"acme holds 12 removals since 2026-03-04 12:00:00: plan abc waits for a decision; it expires 2026-03-07 " +
			"12:00:00\n" +
			"acme: held\n  changes  nothing\n": {Open: true, Step: new(workflows.Holding), Hold: hold, Result: result},
		"acme: held\n  changes  nothing\nThe sync that held the plan was terminated. Run `starter resync acme` to " +
			"plan the removals again.\n": {Result: result},
		"acme: failed\n  error    the sync was terminated before its end (terminated)\n" + resyncHint + "\n": {
			Result: &run.Result{Tenant: "acme", Outcome: run.Failed, Error: terminated()},
		},
	} {
		s.Tenant, s.taskQueue = "acme", "queue"
		assert.Equal(t, want, s.Text())
	}
}

func TestStatusesAreTheSameIfTheyLookTheSame(t *testing.T) {
	t.Parallel()
	one := Status{
		Open: true, Step: new(workflows.Adding), Planned: &workflows.Planned{Batches: 2},
		Result: &run.Result{Run: "r"},
	}
	same := Status{
		Open: true, Step: new(workflows.Adding), Planned: &workflows.Planned{Batches: 2},
		Result: &run.Result{Run: "r"},
	}
	assert.True(t, one.sameAs(same))
	same.Planned.Applied = 1
	assert.False(t, one.sameAs(same))
	assert.False(t, one.sameAs(Status{Open: true}))
}

func TestAStatusSaysThatATenantIsDegraded(t *testing.T) {
	t.Parallel()
	assert.Contains(t, Status{Tenant: "acme", Degraded: true}.Text(), "acme is degraded: more than a tenth of its rows")
	assert.NotContains(t, Status{Tenant: "acme"}.Text(), "degraded")
}
