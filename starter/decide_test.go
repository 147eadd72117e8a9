package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/rollcall/rollcall/internal/control"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/workflows"
)

// holding is a sync that holds the plan abc until a decision or the signal end.
func holdRemovals(ctx workflow.Context, in workflows.Input) (round.Result, error) {
	result := resultOf(in.Tenant, round.Held)
	result.Held = &round.HeldPlan{Plan: "abc", Removals: 12}
	status := workflows.Status{
		Step: workflows.Holding, Since: workflow.Now(ctx), Result: result,
		Hold: &workflows.Hold{
			Plan: "abc", Removals: 12, Run: numbered(3), Since: noon,
			Until: noon.Add(72 * time.Hour),
		},
	}
	if err := workflow.SetQueryHandler(ctx, workflows.StatusQuery,
		func() (workflows.Status, error) { return status, nil }); err != nil {
		return result, err
	}
	decided := ""
	for _, name := range []string{workflows.ApproveUpdate, workflows.RejectUpdate} {
		err := workflow.SetUpdateHandlerWithOptions(ctx, name,
			func(_ workflow.Context, d workflows.Decision) (round.HeldPlan, error) {
				decided = name
				return *result.Held, nil
			}, workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, d workflows.Decision) error {
				if d.Plan != "abc" || d.Request == "" {
					return errors.New("refused")
				}
				return nil
			}})
		if err != nil {
			return result, err
		}
	}
	err := workflow.Await(ctx, func() bool { return decided != "" })
	result.Outcome = map[string]round.Outcome{
		workflows.ApproveUpdate: round.Applied,
		workflows.RejectUpdate:  round.Rejected,
	}[decided]
	status.Step, status.Result, status.Hold = workflows.Done, result, nil
	return result, err
}

func TestResyncWaitEndsWhenTheSyncHoldsRemovals(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("waits")
	b.serveSyncs(holdRemovals)
	status, out, errOut := b.run("resync", "waits", "--wait")
	assert.Equal(t, exitHeld, status, errOut)
	assert.Contains(t, out, "  held     12 removals not applied: they exceed the guard's limit; plan abc\n")
	assert.Contains(t, out, "Approve the plan: starter approve waits abc --by WHO\n")
	const held = "waits holds 12 removals since 2026-03-04 12:00:00: plan abc waits for a decision; " +
		"it expires 2026-03-07 12:00:00\nwaits: held in 12s"
	require.Eventually(t, func() bool { return strings.Contains(b.must("status", "waits"), held) }, waitLimit,
		20*time.Millisecond, "a busy worker may answer late, which status says")
	var got struct{ Hold *workflows.Hold }
	require.NoError(t, json.Unmarshal([]byte(b.must("status", "waits", "-o", "json")), &got))
	assert.Equal(t, "abc", got.Hold.Plan)
	b.must("reject", "waits", "abc", "--by", "Jo")
}

func TestADecisionNamesThePlanAndTheOperatorStaysInTheStore(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{
		"approve": ": approved 12 removals.",
		"reject":  ": rejected 12 removals.",
	} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, shared)
			id := "decide-" + verb
			b.apply(id)
			status, _, errOut := b.run(verb, id, "abc", "--by", "Jo")
			assert.Equal(t, exitFailed, status)
			assert.Contains(t, errOut, id+" has no held plan")
			b.serveSyncs(holdRemovals)
			b.must("resync", id)
			require.Eventually(t, func() bool { return strings.Contains(b.must("status", id), "plan abc") }, waitLimit,
				20*time.Millisecond)
			status, _, errOut = b.run(verb, id, "other", "--by", "Jo")
			assert.Equal(t, exitFailed, status)
			assert.Contains(t, errOut, id+" holds another plan, abc (12 removals): see `starter report "+id)

			var got control.Decided
			require.NoError(t, json.Unmarshal([]byte(b.must(verb, id, "abc", "--by", "Jo canary", "--note",
				"says canary", "-o", "json")), &got))
			assert.Equal(t, control.Decided{
				Tenant: id, Decision: verb, Plan: "abc", Removals: 12,
				Request: got.Request,
			}, got)
			request, err := b.store().Request(t.Context(), got.Request)
			require.NoError(t, err)
			assert.Equal(t, store.Request{
				ID: got.Request, Tenant: id, Verb: verb, By: "Jo canary",
				Reason: "says canary", At: request.At,
			}, request)
			history := b.client().GetWorkflowHistory(t.Context(), workflows.SyncID(id), "", false,
				enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for history.HasNext() {
				event, err := history.Next()
				require.NoError(t, err)
				assert.NotContains(t, protojson.Format(event), "canary")
			}

			b.must("resync", id)
			require.Eventually(t, func() bool { return strings.Contains(b.must("status", id), "plan abc waits") },
				waitLimit, 20*time.Millisecond)
			assert.Contains(t, b.must(verb, id, "abc", "--by", "Jo"), id+want)
		})
	}
}
