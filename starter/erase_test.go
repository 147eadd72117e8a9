package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/workflows"
)

// retained has a retention of a month for each tenant.
type monthRetention struct {
	activities.Tenants
	s *store.Store
}

func (r monthRetention) Retained(ctx context.Context, after string, limit int) ([]activities.Retained, error) {
	tenants, err := r.s.TenantsAfter(ctx, after, limit)
	found := make([]activities.Retained, len(tenants))
	for i, t := range tenants {
		found[i] = activities.Retained{Tenant: t.ID, Retention: 30 * 24 * time.Hour}
	}
	return found, err
}

// forgets starts a worker that runs only erasures.
func (b *bench) serveErasures() {
	b.Helper()
	s := b.store()
	a := &activities.Activities{Erasures: s, Retention: s, Stages: s, Tenants: monthRetention{s: s}}
	w := worker.New(b.client(), b.settings.TaskQueue, worker.Options{})
	workflows.Register(w)
	for name, step := range map[string]any{
		workflows.EraseMemberName: a.EraseMember, workflows.EraseValuesName: a.EraseValues,
		workflows.EraseChunksName:   a.EraseChunks,
		workflows.FinishErasureName: a.FinishErasure, workflows.DropOldName: a.DropOld,
	} {
		w.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: name})
	}
	require.NoError(b, w.Start())
	b.Cleanup(w.Stop)
}

func TestSyncsIgnoreAnErasedPersonUntilTheErasureIsLifted(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("acme")
	db := b.store()
	ada, bo, _ := people()
	_, err := storetest.BeginRun(t.Context(), db,
		round.Run{ID: numbered(1), Tenant: "acme", Workflow: "sync-acme", Execution: "1", Started: noon})
	require.NoError(t, err)
	_, err = db.Claim(t.Context(), ledger.Claim{Tenant: "acme", Run: numbered(1), Plan: "p", Changes: 2, Batches: 1})
	require.NoError(t, err)
	_, err = db.ApplyBatch(t.Context(),
		ledger.Batch{Tenant: "acme", Run: numbered(1), At: noon, Changes: []plan.Change{
			{Verb: plan.Add, Member: ada.ID, After: &ada, Why: plan.Appeared},
			{Verb: plan.Add, Member: bo.ID, After: &bo, Why: plan.Appeared},
		}})
	require.NoError(t, err)
	require.NoError(t, storetest.FinishRun(t.Context(), db, numbered(1),
		round.Result{Tenant: "acme", Outcome: round.Applied, Finished: noon}, nil))
	b.serveErasures()
	email := ada.Values[roster.Email]

	status, out, errOut := b.run("erase", "acme", email)
	assert.Equal(t, exitUsage, status)
	assert.Empty(t, out)
	assert.Contains(t, errOut, "Member "+ada.ID.String()+
		" of acme will be erased. Later syncs will ignore 1 email and 1 external id.")
	assert.Contains(t, errOut, "the standard input is no terminal, so confirm with --yes")
	assert.Contains(t, b.must("members", "acme"), email)

	var done control.Erased
	require.NoError(t, json.Unmarshal([]byte(b.must("erase", "acme", email, "--yes", "--by", "jo", "--reason", "4711",
		"-o", "json")), &done))
	assert.Equal(t, 1, done.Members)
	request, err := db.Request(t.Context(), done.Request.String())
	require.NoError(t, err)
	assert.Equal(t, []string{"erase", "jo", "4711"}, []string{request.Verb, request.By, request.Reason})
	stored, err := db.Erasure(t.Context(), "acme", done.Request)
	require.NoError(t, err)
	assert.Nil(t, stored.Subject)
	assert.NotContains(t, b.must("members", "acme"), email)
	assert.NotContains(t, b.must("changes", "acme", "-o", "json"), email)
	assert.Contains(t, b.must("changes", "acme", "-o", "json"), `"op":"erased"`)
	assert.Equal(t, "acme: 1 person erased\n", b.must("erase", "acme", "--list"))
	assert.JSONEq(t, `{"tenant":"acme","kept_out":1,"undone":0}`, b.must("erase", "acme", "--list", "-o", "json"))
	status, _, errOut = b.run("why", "acme", email)
	assert.Equal(t, exitFailed, status, errOut)

	status, _, errOut = b.run("erase", "acme", "nobody@example.com", "--lift")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "acme has no erasure that matches")
	assert.Equal(t, "acme: lifted. The next sync may add the person as a new member.\n",
		b.must("erase", "acme", email, "--lift"))
	assert.Equal(t, "acme: 0 people erased\n", b.must("erase", "acme", "--list"))
	b.must("erase", "acme", bo.ID.String(), "--yes")
	assert.Contains(t, b.must("erase", "acme", bo.ID.String(), "--lift"), "lifted", "by the member's id")
	b.must("erase", "acme", "dee@example.com", "--yes")
	assert.Equal(t, "acme: 1 person erased\n", b.must("erase", "acme", "--list"),
		"also a person who never was a member")
}

func TestAnUnfinishedErasureIsResumedByItsRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("acme")
	request := numbered(700)
	require.NoError(t, b.store().PutErasure(t.Context(), ledger.Erasure{
		Tenant: "acme", ID: request, Subject: &erasure.Subject{Emails: []string{"dee@example.com"}}, At: time.Now(),
	}))
	assert.Contains(t, b.must("erase", "acme", "--list"), "1 erasure is not finished")
	b.serveErasures()
	assert.Contains(t, b.must("erase", "acme", request.String()), "erased. Later syncs ignore the person.")
	assert.Equal(t, "acme: 1 person erased\n", b.must("erase", "acme", "--list"))
}

func TestAnErasureOfSeveralPeopleIsRefused(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	ada, bo, _ := people()
	next := bo
	next.Values[roster.Email], next.Version = ada.Values[roster.Email], bo.Version+1
	db := b.store()
	_, err := storetest.BeginRun(t.Context(), db,
		round.Run{ID: numbered(200), Tenant: "acme", Workflow: "w", Execution: "e", Started: noon.Add(time.Hour)})
	require.NoError(t, err)
	base, err := db.Claim(t.Context(),
		ledger.Claim{Tenant: "acme", Run: numbered(200), Plan: "q", Generation: 1, Changes: 1, Batches: 1})
	require.NoError(t, err)
	_, err = db.ApplyBatch(t.Context(),
		ledger.Batch{Tenant: "acme", Run: numbered(200), Base: base, At: noon, Changes: []plan.Change{
			{Verb: plan.Update, Member: bo.ID, Before: &bo, After: &next, Why: plan.RowChanged},
		}})
	require.NoError(t, err)
	status, _, errOut := b.run("erase", "acme", ada.Values[roster.Email], "--yes")
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, errOut, "2 members match: name one by its member id: "+ada.ID.String()+", "+bo.ID.String())
}

func TestAPersonNamedInTheSettingsIsNotErased(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	_, err := b.store().PutTenant(t.Context(), store.Tenant{ID: "acme", Name: "acme", Settings: []byte(`{"id":"acme",
		"sentinels":[{"email":"bo@example.com"}]}`)})
	require.NoError(t, err)
	status, _, errOut := b.run("erase", "acme", "bo@example.com", "--yes")
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, errOut, "tenants.yaml names the person in sentinels[0]: remove these entries first")
}

func TestAnErasureThatCannotStartIsDropped(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	ada, _, _ := people()
	status, _, errOut := b.run("erase", "acme", ada.ID.String(), "--yes")
	assert.Equal(t, exitFailed, status, errOut)
	count, undone, err := b.store().CountErasures(t.Context(), "acme")
	require.NoError(t, err)
	assert.Equal(t, []int{0, 0}, []int{count, undone})
}

func TestApplyCreatesTheScheduleOfTheRetention(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("acme")
	handle := b.client().ScheduleClient().GetHandle(t.Context(), workflows.RetentionID(b.settings.TaskQueue))
	require.NoError(t, handle.Update(t.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			now.Description.Schedule.Spec.Jitter = time.Minute
			return &client.ScheduleUpdate{Schedule: &now.Description.Schedule}, nil
		},
	}))
	path := b.file("tenants: []\n")
	assert.Equal(t, "retention: updated\nacme: dropped (Schedule and credentials; members are kept)\n",
		b.must("apply", "-f", path, "--prune"))
	found, err := handle.Describe(t.Context())
	require.NoError(t, err, "--prune doesn't remove it")
	assert.Equal(t, 24*time.Hour, found.Schedule.Spec.Intervals[0].Every)
	assert.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, found.Schedule.Policy.Overlap)

	b.serveErasures()
	require.NoError(t, handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	require.Eventually(t, func() bool {
		found, err := handle.Describe(context.Background())
		return err == nil && len(found.Info.RecentActions) > 0
	}, 30*time.Second, 100*time.Millisecond)
	found, err = handle.Describe(t.Context())
	require.NoError(t, err)
	started := found.Info.RecentActions[0].StartWorkflowResult
	var dropped ledger.Dropped
	require.NoError(t, b.client().GetWorkflow(t.Context(), started.WorkflowID,
		started.FirstExecutionRunID).Get(t.Context(), &dropped))
	assert.Equal(t, ledger.Dropped{Tenants: 1}, dropped)
	assert.NotEqual(t, uuid.Nil.String(), started.FirstExecutionRunID)
}
