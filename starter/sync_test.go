package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/plan"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/workflows"
)

func resultOf(tenant string, outcome round.Outcome) round.Result {
	return round.Result{
		Tenant: tenant, Run: numbered(3).String(), Outcome: outcome,
		Snapshot: round.SnapshotCounts{Users: 500, Groups: 1, Memberships: 20},
		Rows:     round.RowCounts{Accepted: 498, Rejected: 2, Warnings: 5},
		Changes:  round.ChangeCounts{Added: 3, Updated: 1}, Started: noon, Finished: noon.Add(12 * time.Second),
	}
}

// always is a sync that ends immediately with the result.
func endsWith(result func(tenant string) (round.Result, error)) func(workflow.Context, workflows.Input) (round.Result,
	error) {
	return func(_ workflow.Context, in workflows.Input) (round.Result, error) { return result(in.Tenant) }
}

func TestResyncWaitEndsWithTheResultOfTheSync(t *testing.T) {
	t.Parallel()
	statuses := map[round.Outcome]int{
		round.Applied: exitDone, round.Unchanged: exitDone, round.Rejected: exitDone, round.Expired: exitDone,
		round.Held:   exitHeld,
		round.Failed: exitFailed,
	}
	ending := func(id string) round.Result { // each tenant is named after how its sync ends
		result := resultOf(id, round.Outcome(id))
		switch result.Outcome {
		case round.Held:
			result.Held = &round.HeldPlan{Plan: "abc", Removals: 12}
		case round.Failed:
			result.Error = &round.ResultError{
				Kind: "credentials_refused", Detail: "Workday answers 401",
				Hint: "Check the password.",
			}
		}
		return result
	}
	b := newBench(t, shared)
	b.serveSyncs(endsWith(func(id string) (round.Result, error) {
		result := ending(id)
		if result.Error == nil {
			return result, nil
		}
		return round.Result{}, temporal.NewApplicationErrorWithOptions(result.Error.Detail, result.Error.Kind,
			temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{result}})
	}))
	b.apply("applied", "unchanged", "rejected", "expired", "held", "failed")
	for outcome, want := range statuses {
		id := string(outcome)
		status, out, errOut := b.run("resync", id, "--wait", "-o", "json")
		assert.Equal(t, want, status, errOut)
		var got round.Result
		require.NoError(t, json.Unmarshal([]byte(out), &got), out)
		assert.Equal(t, ending(id), got)

		status, out, errOut = b.run("resync", id, "--wait")
		assert.Equal(t, want, status)
		assert.Contains(t, out, id+": "+id+" in 12s, run "+numbered(3).String()+
			"\n  read     500 users, 1 group, 20 memberships\n"+
			"  rows     498 accepted, 2 rejected, 5 with warnings\n")
		switch outcome {
		case round.Held:
			assert.Contains(t, out, "  held     12 removals not applied: they exceed the guard's limit; plan abc\n")
		case round.Failed:
			assert.Contains(t, errOut, "Error: the sync of failed failed: Workday answers 401 "+
				"(credentials_refused)\nCheck the password.\n")
		default:
			assert.Contains(t, out, "  changes  3 added, 1 updated\n")
		}
	}
}

func TestTheOperatorAndTheReasonStayInTheStore(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("private")
	inputs := make(chan workflows.Input, 3)
	b.serveSyncs(func(ctx workflow.Context, in workflows.Input) (round.Result, error) {
		var sent workflows.Resync
		workflow.GetSignalChannel(ctx, workflows.ResyncSignal).Receive(ctx, &sent)
		if sent != (workflows.Resync{Origin: round.Manual, Request: in.Request}) {
			return round.Result{}, errors.New("the signal isn't the start's")
		}
		inputs <- in
		return resultOf(in.Tenant, round.Applied), nil
	})
	for _, c := range []struct {
		args []string
		want store.Request
	}{
		{
			[]string{"--by", "Jo canary", "--reason", "fixed, says canary"},
			store.Request{By: "Jo canary", Reason: "fixed, says canary"},
		},
		{nil, store.Request{By: "jo-canary"}},
	} {
		b.must(append([]string{"resync", "private", "--wait"}, c.args...)...)
		in := <-inputs
		assert.Equal(t, workflows.Input{Tenant: "private", Origin: round.Manual, Request: in.Request}, in)
		got, err := b.store().Request(t.Context(), in.Request)
		require.NoError(t, err)
		assert.WithinDuration(t, time.Now(), got.At, time.Minute)
		c.want.ID, c.want.Tenant, c.want.Verb, c.want.At = in.Request, "private", "resync", got.At
		assert.Equal(t, c.want, got)
	}
	history := b.client().GetWorkflowHistory(t.Context(), workflows.SyncID("private"), "", false,
		enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(t, err)
		assert.NotContains(t, protojson.Format(event), "canary")
		if signal := event.GetWorkflowExecutionSignaledEventAttributes(); signal != nil {
			assert.Equal(t, "starter", signal.GetIdentity(), "the operator's machine isn't named")
		}
	}
	described, err := b.client().DescribeWorkflowExecution(t.Context(), workflows.SyncID("private"), "")
	require.NoError(t, err)
	assert.NotContains(t, protojson.Format(described), "canary")
}

// slow is a sync that stays at one step until the signal end.
func applySlowly(ctx workflow.Context, in workflows.Input) (round.Result, error) {
	status := workflows.Status{
		Step: workflows.Adding, Since: workflow.Now(ctx),
		Planned: workflows.Planned{Changes: round.ChangeCounts{Added: 30}, Batches: 3, Applied: 1},
		Result:  round.Result{Tenant: in.Tenant, Run: numbered(3).String()},
	}
	err := workflow.SetQueryHandler(ctx, workflows.StatusQuery, func() (workflows.Status, error) { return status, nil })
	if err != nil {
		return round.Result{}, err
	}
	workflow.GetSignalChannel(ctx, "end").Receive(ctx, nil)
	status.Step = workflows.Done
	return resultOf(in.Tenant, round.Applied), nil
}

func (b *bench) end(id string) {
	b.Helper()
	require.NoError(b, b.client().SignalWorkflow(b.Context(), workflows.SyncID(id), "", "end", nil))
}

func TestAnOpenSyncIsShownAndAResyncJoinsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("open-one")
	assert.Equal(t, "open-one: not synced yet. Run `starter resync open-one --wait`.\n", b.must("status", "open-one"))
	assert.Contains(t, b.must("resync", "open-one"), "Requested a sync of open-one (workflow sync-open-one).")
	assert.Equal(t, "open-one: a sync is open, but no worker answers on task queue "+b.settings.TaskQueue+"\n",
		b.must("status", "open-one"))

	b.serveSyncs(applySlowly)
	assert.Contains(t, b.must("status", "open-one"),
		"open-one applies additions and updates: 1 of 3 batches, 30 changes, since ")
	var got monitor.Status
	require.NoError(t, json.Unmarshal([]byte(b.must("status", "open-one", "-o", "json")), &got))
	assert.True(t, got.Open)
	assert.Equal(t, workflows.Adding, *got.Step)
	assert.Equal(t, 1, got.Planned.Applied)

	var started control.Started
	require.NoError(t, json.Unmarshal([]byte(b.must("resync", "open-one", "-o", "json")), &started))
	assert.Equal(t, control.Started{
		Tenant: "open-one", Request: started.Request, Workflow: "sync-open-one",
		Execution: *got.Execution,
	}, started)
	b.end("open-one")
}

func TestResyncWaitShowsProgress(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("watched")
	b.serveSyncs(applySlowly)
	var out, errOut syncBuffer
	ended := make(chan int)
	go func() {
		ended <- run(t.Context(), b.environment(), []string{"resync", "watched", "--wait"}, &out, &errOut)
	}()
	const line = "watched applies additions and updates: 1 of 3 batches, 30 changes\n"
	require.Eventually(t, func() bool { return strings.Contains(errOut.String(), line) }, waitLimit, 20*time.Millisecond)
	b.end("watched")
	assert.Equal(t, exitDone, <-ended)
	assert.Equal(t, 1, strings.Count(errOut.String(), line), "once for each step, where it isn't a terminal")
	assert.Contains(t, out.String(), "watched: applied")
	assert.NotContains(t, out.String(), "batches", "the standard output has the result alone")
}

func TestInterruptingResyncWaitLeavesTheSyncOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("left")
	b.serveSyncs(applySlowly)
	ctx, interrupt := context.WithCancel(t.Context())
	var out, errOut syncBuffer
	ended := make(chan int)
	go func() { ended <- run(ctx, b.environment(), []string{"resync", "left", "--wait"}, &out, &errOut) }()
	require.Eventually(t, func() bool { return strings.Contains(errOut.String(), "batches") }, waitLimit,
		20*time.Millisecond)
	interrupt()
	assert.Equal(t, exitFailed, <-ended)
	assert.Contains(t, errOut.String(), "Error: stopped waiting; the sync continues: see `starter status left`\n")
	assert.Contains(t, b.must("status", "left"), "left applies additions")
	b.end("left")
}

func TestWatchShowsEachChangeUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("watched")
	b.serveSyncs(applySlowly)
	ctx, interrupt := context.WithCancel(t.Context())
	var out, plain, errOut syncBuffer
	ended := make(chan int)
	watch := func(out *syncBuffer, more ...string) {
		ended <- run(ctx, b.environment(), append([]string{"status", "watched", "--watch"}, more...), out, &errOut)
	}
	go watch(&out, "-o", "json")
	go watch(&plain)
	require.Eventually(t, func() bool {
		return strings.Contains(out.String(), `"open":false`) &&
			strings.Contains(plain.String(), "watched: not synced yet")
	}, waitLimit, 20*time.Millisecond)
	b.must("resync", "watched")
	require.Eventually(t, func() bool {
		return strings.Contains(out.String(), `"step":"adding"`) &&
			strings.Contains(plain.String(), "watched applies additions")
	}, waitLimit, 20*time.Millisecond)
	b.end("watched")
	require.Eventually(t, func() bool { return strings.Count(out.String(), `"open":false`) == 2 }, waitLimit,
		20*time.Millisecond, out.String())
	interrupt()
	assert.Equal(t, exitDone, <-ended)
	assert.Equal(t, exitDone, <-ended)
	assert.Equal(t, 1, strings.Count(out.String(), `"step":"adding"`), "a line only when something changed")
}

func TestAPreviewPrintsThePlanAndTheIssues(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("foreseen")
	db := b.store()
	ada, _, _ := people()
	id, err := uuid.NewV7()
	require.NoError(t, err)
	_, err = storetest.BeginRun(t.Context(), db, round.Run{
		ID: id, Tenant: "foreseen", Origin: round.Manual,
		Workflow: "preview-foreseen", Execution: "e", Preview: true, Started: noon,
	})
	require.NoError(t, err)
	putStage(t, db, id, "additions", plan.Batch{
		Part:    plan.PartAdditions,
		Changes: []plan.Change{{Verb: plan.Add, Member: ada.ID, After: &ada, Why: plan.Appeared}},
	})
	result := resultOf("foreseen", round.Previewed)
	result.Run = id.String()
	require.NoError(t, storetest.FinishRun(t.Context(), db, id, result, nil))
	b.serveSyncs(endsWith(func(string) (round.Result, error) { return result, nil }))
	var got struct {
		Preview bool
		Changes []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(b.must("preview", "foreseen", "-o", "json")), &got))
	assert.True(t, got.Preview)
	require.Len(t, got.Changes, 1)
	assert.Equal(t, "added", got.Changes[0]["op"])
	assert.Equal(t, "additions", got.Changes[0]["part"])
	assert.Empty(t, b.must("changes", "foreseen", "-o", "json"), "a preview changes nothing")
}

func TestAPreviewThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("clouded")
	b.serveSyncs(endsWith(func(string) (round.Result, error) {
		return round.Result{}, temporal.NewNonRetryableApplicationError("the report has no column for email",
			"column_missing", nil)
	}))
	status, _, errOut := b.run("preview", "clouded")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "the sync of clouded failed: the report has no column for email (column_missing)")
}

func TestTenantsShowLastOutcomeNextRunAndHeldPlan(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	assert.Contains(t, b.must("tenants"), "There are no tenants yet")
	b.apply("listed", "fresh")
	populate(t, b.store(), "listed")
	var listed, fresh monitor.Tenant
	lines := strings.Split(b.must("tenants", "-o", "json"), "\n")
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &fresh))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &listed))
	assert.Equal(t, "fresh", fresh.Tenant)
	assert.Nil(t, fresh.Last)
	assert.Equal(t, round.Held, listed.Last.Outcome)
	assert.Equal(t, &round.HeldPlan{Plan: "abc", Removals: 1}, listed.Held)
	require.NotNil(t, listed.Next)
	assert.Equal(t, 3, listed.Next.UTC().Hour())
	assert.Regexp(t, `listed +listed +workos +0 3 \* \* \* UTC +held +2026-03-04 12:01:30 +\d{4}-\d\d-\d\d 03:0\d:\d\d +1 removal, plan abc\n`, b.must("tenants"))
}
