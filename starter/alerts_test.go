package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/health"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

func TestApplyCreatesAndCorrectsTheScheduleThatLooksForOverdueSyncs(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	path := b.file("tenants: []")
	b.must("apply", "-f", path)
	handle := b.client().ScheduleClient().GetHandle(t.Context(), workflows.WatchID(b.settings.TaskQueue))
	found, err := handle.Describe(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []client.ScheduleIntervalSpec{{Every: 5 * time.Minute}}, found.Schedule.Spec.Intervals)
	assert.Equal(t, workflows.WatchName, found.Schedule.Action.(*client.ScheduleWorkflowAction).Workflow)
	assert.Equal(t, "Nothing changed.\n", b.must("apply", "-f", path))

	require.NoError(t, handle.Update(t.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			now.Description.Schedule.Spec.Intervals[0].Every = time.Hour
			now.Description.Schedule.State.Paused = true
			return &client.ScheduleUpdate{Schedule: &now.Description.Schedule}, nil
		},
	}))
	assert.Equal(t, "watch for overdue syncs: updated\n", b.must("apply", "-f", path))
	found, err = handle.Describe(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 5*time.Minute, found.Schedule.Spec.Intervals[0].Every)
	assert.True(t, found.Schedule.State.Paused, "a pause is kept")
}

func TestAlertsShowsWebhooksAndAlerts(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("quiet")
	assert.Equal(t, "quiet has no webhooks: see `alerts` of tenants.yaml in docs/operations.md.\n",
		b.must("alerts", "quiet"))
	assert.JSONEq(t, `{"tenant":"quiet","to":[],"told":[]}`, b.must("alerts", "quiet", "-o", "json"))
	status, _, errOut := b.run("alerts", "quiet", "--test")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "quiet has no webhooks in tenants.yaml")

	b.variables["HOOK"] = "https://hooks.example.com/canary"
	b.must("apply", "-f", b.file("alerts: [{url: \"${HOOK}\", on: [failed, held]}]\ntenants:\n"+
		tenantOnWorkOS("loud", "0 3 * * *")))
	sent, err := b.store().AddEvent(t.Context(), health.Event{
		Tenant: "loud", Key: "one", Kind: health.Ended, At: noon, Origin: round.Scheduled,
		Result: round.Result{
			Outcome: round.Failed,
			Error:   &round.ResultError{Kind: "not_found", Detail: "nothing is there", Hint: "Look."},
		},
	})
	require.NoError(t, err)
	require.Len(t, sent, 1)
	shown := b.must("alerts", "loud")
	assert.Equal(t, "to 1: failed, held\n2026-03-04 12:00:00 (not sent yet)  loud: the sync failed. nothing is "+
		"there (not_found). Look.\n", shown)
	require.NoError(t, b.store().TakeAlert(t.Context(), sent[0].ID, noon))
	assert.NotContains(t, b.must("alerts", "loud"), "not sent yet")
	assert.Contains(t, b.must("alerts", "loud", "-o", "json"),
		`"to":[{"name":"1","on":["failed","held"]}],"told":[{"id":"`+sent[0].ID.String()+`"`)
	assert.NotContains(t, b.must("alerts", "loud", "-o", "json"), "canary")
}

func TestTenantsAndStatusShowAQuarantine(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("ill")
	for n := range 3 {
		_, err := b.store().AddEvent(t.Context(), health.Event{
			Tenant: "ill", Key: string(rune('a' + n)), Kind: health.Ended, At: noon, Origin: round.Scheduled,
			Result: round.Result{Outcome: round.Failed, Started: noon},
		})
		require.NoError(t, err)
	}
	assert.Regexp(t, `2026-03-05 03:00:00, quarantined`, b.must("tenants"), "the next sync")
	assert.Contains(t, b.must("tenants", "-o", "json"),
		`"quarantined":{"since":"2026-03-04T12:00:00Z","failures":3,"next":"2026-03-05T03:00:00Z"}`)
	assert.Contains(t, b.must("status", "ill"),
		"ill is quarantined since 2026-03-04 12:00:00, after 3 failed scheduled syncs in a row. It syncs once a "+
			"day, next at 2026-03-05 03:00:00.")
	assert.Contains(t, b.must("status", "ill", "-o", "json"), `"quarantined":{"since":"2026-03-04T12:00:00Z"`)
	_, err := b.store().AddEvent(t.Context(),
		health.Event{Tenant: "ill", Key: "m", Kind: health.Missed, At: noon, Due: noon.Add(time.Hour)})
	require.NoError(t, err)
	assert.Contains(t, b.must("tenants"), ", quarantined, overdue since 2026-03-04 13:00:00")
}
