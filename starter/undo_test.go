package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/workflows"
)

// undoHolding is an undo that holds the plan abc until a decision.
func holdUndo(ctx workflow.Context, in workflows.Input) (round.Result, error) {
	result := round.Result{
		Tenant: in.Tenant, Run: numbered(3).String(), Outcome: round.Held, Started: noon,
		Undoes: &round.Undoing{Run: in.Undoes.String(), Skipped: 2},
		Held:   &round.HeldPlan{Plan: "abc", Removals: 1, Changes: 12, Undo: true},
	}
	hold := &workflows.Hold{
		Plan: "abc", Removals: 1, Changes: 12, Undoes: in.Undoes, Run: numbered(3), Since: noon,
		Until: noon.Add(1e15),
	}
	status := workflows.Status{Step: workflows.Holding, Since: noon, Result: result, Hold: hold}
	if err := workflow.SetQueryHandler(ctx, workflows.StatusQuery,
		func() (workflows.Status, error) { return status, nil }); err != nil {
		return result, err
	}
	decided := false
	for _, name := range []string{workflows.ApproveUpdate, workflows.RejectUpdate} {
		err := workflow.SetUpdateHandler(ctx, name, func(workflow.Context, workflows.Decision) (round.HeldPlan, error) {
			decided = true
			return *result.Held, nil
		})
		if err != nil {
			return result, err
		}
	}
	err := workflow.Await(ctx, func() bool { return decided })
	result.Outcome = round.Rejected
	return result, err
}

func TestAnUndoPausesTheTenantAndIsHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("wrong")
	bad := populate(t, b.store(), "wrong").ID.String()
	b.serveSyncs(holdUndo)

	status, out, errOut := b.run("undo", "wrong", bad, "--by", "Jo canary", "--reason", "wrong report canary", "--wait")
	require.Equal(t, exitHeld, status, errOut)
	assert.Contains(t, out, "wrong is paused, since the next sync would repeat the changes. Fix the cause, then run "+
		"`starter unpause wrong`.\n")
	assert.Contains(t, out, "  undoes   run "+bad+
		"\n  left     2 changes of that run not undone: changed since, or impossible to undo\n"+
		"  held     12 changes not applied: an undo always needs a decision; plan abc\nShow the plan:    starter "+
		"report wrong ")
	note := "paused by undo of run " + bad + "; unpause after the cause is fixed"
	shown := b.must("status", "wrong")
	assert.Contains(t, shown, "wrong holds 12 changes of an undo since 2026-03-04 12:00:00: plan abc waits for a "+
		"decision")
	assert.Contains(t, shown, "wrong is paused: "+note+"\n")
	var line monitor.Tenant
	require.NoError(t, json.Unmarshal([]byte(b.must("tenants", "-o", "json")), &line))
	assert.True(t, line.Paused)
	assert.Equal(t, note, *line.Note)

	status, _, errOut = b.run("undo", "wrong", bad, "--by", "Jo")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "wrong holds 12 changes of an undo, plan abc: approve or reject them before the undo")
	out = b.must("reject", "wrong", "abc", "--by", "Jo")
	assert.Contains(t, out, "wrong: rejected an undo of 12 changes. Nothing was applied.\n")
	assert.Contains(t, out, "If wrong is paused, it stays paused")

	var started control.StartedUndo
	require.NoError(t, json.Unmarshal([]byte(b.must("undo", "wrong", bad, "--by", "Jo canary", "--reason", "why canary",
		"-o", "json")), &started))
	assert.Equal(t, control.StartedUndo{Undoes: bad, Paused: true, Started: control.Started{
		Tenant: "wrong", Workflow: "sync-wrong", Request: started.Request, Execution: started.Execution,
	}}, started)
	request, err := b.store().Request(t.Context(), started.Request)
	require.NoError(t, err)
	assert.Equal(t, store.Request{
		ID: started.Request, Tenant: "wrong", Verb: "undo", By: "Jo canary",
		Reason: "why canary", At: request.At,
	}, request)
	assert.Contains(t, b.must("approve", "wrong", "abc", "--by", "Jo"), "wrong: approved 12 changes of an undo.")
}

func TestAnUndoNeverRunsWithASync(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("busy")
	bad := populate(t, b.store(), "busy").ID.String()
	b.must("resync", "busy") // open: there is no worker
	status, _, errOut := b.run("undo", "busy", bad, "--by", "Jo")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "a sync of busy is open, and an undo cannot run at the same time")
	assert.NotContains(t, b.must("status", "busy"), "is paused", "nothing has changed")
	require.NoError(t, b.client().TerminateWorkflow(t.Context(), workflows.SyncID("busy"), "", "test"))

	handle := b.client().ScheduleClient().GetHandle(t.Context(), workflows.ScheduleID("busy"))
	require.NoError(t, handle.Pause(t.Context(), client.SchedulePauseOptions{Note: "until Monday"}))
	assert.Contains(t, b.must("undo", "busy", bad, "--by", "Jo"), "busy is already paused.")
	assert.Contains(t, b.must("status", "busy"), "busy is paused: until Monday\n", "a pause and its note are kept")
}

func TestAnImpossibleUndoIsRefusedBeforeAnythingChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("kept", "other")
	bad, others := populate(t, b.store(), "kept").ID.String(), populate(t, b.store(), "other").ID.String()
	quiet := addUnchanged(t, b.store(), "kept", 201, round.Unchanged).String()
	preview := addUnchanged(t, b.store(), "kept", 202, round.Previewed).String()
	for name, c := range map[string]struct {
		args []string
		exit int
		want string
	}{
		"no operator": {
			[]string{"undo", "kept", bad},
			exitUsage,
			"missing --by: name who requests the undo",
		},
		"not an id": {
			[]string{"undo", "kept", "latest", "--by", "Jo"},
			exitUsage,
			`"latest" is not a run id`,
		},
		"unknown": {
			[]string{"undo", "kept", numbered(777).String(), "--by", "Jo"},
			exitUsage,
			"kept has no run",
		},
		"a run of another tenant": {[]string{"undo", "kept", others, "--by", "Jo"}, exitUsage, "kept has no run " +
			others},
		"a preview": {
			[]string{"undo", "kept", preview, "--by", "Jo"},
			exitFailed,
			"is a preview: it changed nothing",
		},
		"nothing was applied": {
			[]string{"undo", "kept", quiet, "--by", "Jo"},
			exitFailed,
			"changed nothing: there is nothing to undo",
		},
	} {
		status, _, errOut := b.run(c.args...)
		assert.Equal(t, c.exit, status, name)
		assert.Contains(t, errOut, c.want, name)
	}
	assert.NotContains(t, b.must("status", "kept"), "is paused")
}

// finished adds a run that ended without applying anything.
func addUnchanged(t *testing.T, db *store.Store, tenant string, n int, outcome round.Outcome) uuid.UUID {
	t.Helper()
	r, err := storetest.BeginRun(t.Context(), db, round.Run{
		ID: numbered(n), Tenant: tenant, Origin: round.Manual, Preview: outcome == round.Previewed, Workflow: "sync-" +
			tenant, Execution: numbered(n).String(), Started: noon,
	})
	require.NoError(t, err)
	require.NoError(t, storetest.FinishRun(t.Context(), db, r.ID,
		round.Result{Tenant: tenant, Run: r.ID.String(), Outcome: outcome, Finished: noon}, nil))
	return r.ID
}

func TestReportRunsAndWhyShowAnUndo(t *testing.T) {
	t.Parallel()
	b, bad := newSynced(t, "acme")
	db := b.store()
	ada, bo, _ := people()
	back, out := ada, bo
	back.Version, back.Values[roster.City] = 2, "Paris"
	out.Values[roster.Status] = roster.Departed
	r, err := storetest.BeginRun(t.Context(), db, round.Run{
		ID: numbered(300), Tenant: "acme", Origin: round.Undo, Workflow: "sync-acme", Execution: "e2",
		Started: noon.Add(1e12),
	})
	require.NoError(t, err)
	putStage(t, db, r.ID, "additions", &plan.Batch{Part: plan.PartAdditions, Changes: []plan.Change{
		{Verb: plan.Update, Member: ada.ID, Before: &ada, After: &back, Why: plan.Undone},
	}})
	putStage(t, db, r.ID, "left", &plan.Batch{Part: plan.PartLeft, Changes: []plan.Change{
		{Verb: plan.Deactivate, Member: bo.ID, Before: &bo, After: &out, Why: plan.ChangedSince},
	}})
	summary := plan.Summary{Additions: plan.PartSummary{Batches: 1, Changes: 1, ID: "aa"}}
	_, err = db.ClaimStage(t.Context(), r.ID, "plan", 1, false, time.Time{})
	require.NoError(t, err)
	data, err := json.Marshal(summary)
	require.NoError(t, err)
	require.NoError(t, db.SealStage(t.Context(), r.ID, "plan", 1, data))
	require.NoError(t, storetest.FinishRun(t.Context(), db, r.ID, round.Result{
		Tenant: "acme", Run: r.ID.String(), Outcome: round.Held, Undoes: &round.Undoing{Run: bad.ID.String(), Skipped: 1},
		Held: &round.HeldPlan{Plan: summary.WholeID(), Changes: 1}, Started: r.Started, Finished: r.Started.Add(1e9),
	}, nil))

	report := b.must("report", "acme")
	assert.Contains(t, report, "Undoes    run "+bad.ID.String()+"\n")
	assert.Contains(t, report, "  updated, held  (1)\n    ada@example.com  (undone)  city: Lyon → Paris\n")
	assert.Contains(t, report, "  deactivated, not undone  (1)\n    bo@example.com  (changed_since)  status: "+
		"inactive → departed\n")
	assert.Regexp(t, `0195a000-0000-7000-8000-000000000300 .* undo +- +held`, b.must("runs", "acme"))
	why := b.must("why", "acme", "ada@example.com")
	assert.Contains(t, why, "undo of run "+bad.ID.String()+
		": held\n  planned   updated, held\n            undone: undoes what a run did\n")
	assert.Equal(t, 1, strings.Count(why, "the run ended before it checked rows"), "only for the sync")
	assert.Contains(t, b.must("why", "acme", "bo@example.com"),
		"deactivated, not undone\n            changed_since: it has changed since that run, so the undo leaves it "+
			"unchanged\n")
}
