package main

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

func TestApplyDropsTheValuesOfCustomFieldsThatTheSettingsNoLongerName(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	both := "tenants:\n" + tenantOnWorkOS("acme", "0 3 * * *") +
		"    fields: {Cost: custom.cost_center, Team: custom.team}\n"
	one := strings.Replace(both, ", Team: custom.team", "", 1)
	b.must("apply", "-f", b.file(both))
	ada, _, _ := people()
	ada.Values[roster.Custom] = `{"cost_center":"CC 7","team":"Red"}`
	db, id := b.store(), uuid.UUID{5}
	_, err := storetest.BeginRun(t.Context(), db, round.Run{
		ID: id, Tenant: "acme", Origin: round.Scheduled, Workflow: "sync-acme", Execution: "e", Started: noon,
	})
	require.NoError(t, err)
	base, err := db.Claim(t.Context(), ledger.Claim{Tenant: "acme", Run: id, Plan: "p", Changes: 1, Batches: 1})
	require.NoError(t, err)
	_, err = db.ApplyBatch(t.Context(), ledger.Batch{Tenant: "acme", Run: id, Base: base, At: noon, Changes: []plan.Change{
		{Verb: plan.Add, Member: ada.ID, After: &ada, Why: plan.Appeared},
	}})
	require.NoError(t, err)
	state, err := db.State(t.Context(), "acme")
	require.NoError(t, err)
	require.NoError(t, storetest.FinishRun(t.Context(), db, id,
		round.Result{Tenant: "acme", Outcome: round.Applied, Finished: noon}, &state))

	assert.Contains(t, b.must("members", "acme", "-o", "json"), `"custom":{"cost_center":"CC 7","team":"Red"}`)
	why := b.must("why", "acme", "E1", "--reveal")
	assert.Regexp(t, `custom.cost_center +CC 7\n +custom.team +Red\n`, why)
	masked := b.must("why", "acme", "E1")
	assert.Regexp(t, `custom.team +R••\n`, masked)
	assert.NotContains(t, masked, "Red")

	assert.Equal(t, "acme: updated (settings)\n", b.must("apply", "-f", b.file(one)))
	assert.Contains(t, b.must("members", "acme", "-o", "json"), `"custom":{"cost_center":"CC 7"}`, "not shown")
	assert.Contains(t, b.must("apply", "-f", b.file(both)), "updated")
	assert.Contains(t, b.must("members", "acme", "-o", "json"), `"team":"Red"`, "but kept")

	b.must("apply", "-f", b.file(one))
	assert.Equal(t, "acme: unchanged; dropped the values of custom.team (1 member)\n",
		b.must("apply", "-f", b.file(one), "--drop-custom"))
	assert.Contains(t, b.must("changes", "acme", "-o", "json"), `"fields":{"custom.team":["Red",null]},"why":"custom_dropped"`)
	assert.Equal(t, "acme: unchanged; no values of custom fields to drop\nNothing changed.\n",
		b.must("apply", "-f", b.file(one), "--drop-custom"), "once")
}
