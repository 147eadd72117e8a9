package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

const acmeAndGlobex = `tenants:
  - id: acme
    name: Acme Corporation
    schedule: {cron: "*/30 * * * *", timezone: America/Toronto, jitter: 2m, catchup: 20m}
    workday:
      users: https://wd5-services1.myworkday.com/acme/Members?format=json
      groups: https://wd5-services1.myworkday.com/acme/Groups?format=json
      username: username-canary
      password: ${ACME_PASSWORD}
  - id: globex
    schedule: {cron: "15 * * * *", timezone: Europe/Paris}
    workos: {directory: directory_1, api_key: key-canary}
`

func (b *bench) schedule(id string) *client.ScheduleDescription {
	b.Helper()
	found, err := b.client().ScheduleClient().GetHandle(b.Context(), workflows.ScheduleID(id)).Describe(b.Context())
	require.NoError(b, err)
	return found
}

func TestApplyCreatesAndUpdatesTenantsAndSchedules(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	path := b.file(acmeAndGlobex)

	assert.Equal(t, "search attributes registered: RollcallChanges, RollcallHeld, RollcallIssues, RollcallOutcome, "+
		"RollcallRemovals, RollcallTenant\n"+
		"watch for overdue syncs: created\nretention: created\nacme: created\nglobex: created\n",
		b.must("apply", "-f", path))
	found := b.schedule("acme").Schedule
	assert.Equal(t, "America/Toronto", found.Spec.TimeZoneName)
	assert.Equal(t, 2*time.Minute, found.Spec.Jitter)
	assert.Equal(t, 20*time.Minute, found.Policy.CatchupWindow)
	assert.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL, found.Policy.Overlap)
	action := found.Action.(*client.ScheduleWorkflowAction)
	assert.Equal(t, "schedule-acme", action.ID)
	assert.Equal(t, workflows.ScheduledSyncName, action.Workflow)
	assert.Equal(t, b.settings.TaskQueue, action.TaskQueue)

	assert.Equal(t, "acme: unchanged\nglobex: unchanged\nNothing changed.\n", b.must("apply", "-f", path),
		"a second time")

	path = b.file(strings.Replace(acmeAndGlobex, "*/30", "*/20", 1))
	assert.Equal(t, "acme: updated (settings, schedule)\nglobex: unchanged\n", b.must("apply", "-f", path))
	assert.Equal(t, 20, b.schedule("acme").Schedule.Spec.Calendars[0].Minute[0].Step)

	b.variables["ACME_PASSWORD"] = "another"
	assert.Equal(t, "acme: updated (credentials)\nglobex: unchanged\n", b.must("apply", "-f", path))

	assert.JSONEq(t, `{"search_attributes":[],"watch":"unchanged","retention":"unchanged","tenants":[
		{"tenant":"acme","change":"unchanged","what":[],"paused":false},
		{"tenant":"globex","change":"unchanged","what":[],"paused":false}]}`, b.must("apply", "-f", path, "-o", "json"))
}

func TestApplyWarnsOfExpiredProtections(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	path := b.file("tenants:\n" + tenantOnWorkOS("guarded", "@daily") + `    protected:
      - {email: jane@acme.example, reason: x, until: 2020-01-31}
      - {external_id: 1, reason: x}
      - {external_id: 2, reason: x, until: 2020-01-31}
    sentinels: [jane@acme.example]
`)
	status, out, errOut := b.run("apply", "-f", path)
	assert.Equal(t, exitDone, status)
	assert.Contains(t, out, "guarded: created\n")
	assert.Equal(t, "Warning: tenants[guarded]: these protections have expired: protected[0], protected[2]. Remove "+
		"them or set a later day\n", errOut)
	listed := b.must("tenants", "-o", "json")
	assert.Contains(t, listed, `"protected":3,"sentinels":1`)
	assert.NotContains(t, listed+b.must("tenants"), "jane")
}

func TestASecondApplyChangesNothingForAnyCron(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	text := "tenants:\n"
	for i, cron := range []string{
		"* * * * *", "*/7 2-20/3 * * *", "0,15,30 0 1,15 * *", "5 4 * * SUN", "5 4 * JAN-MAR/2 1-5", "59 23 31 12 *",
		"@hourly", "@daily", "@weekly", "@monthly", "@yearly", "10-50/10 */5 */2 * *",
	} {
		text += tenantOnWorkOS("times-"+string(rune('a'+i)), cron)
	}
	path := b.file(text)
	assert.Equal(t, 12+2, strings.Count(b.must("apply", "-f", path), ": created\n"),
		"and those of the installation itself")
	assert.True(t, strings.HasSuffix(b.must("apply", "-f", path), "Nothing changed.\n"))
}

func TestApplyCorrectsAnEditedSchedule(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*client.Schedule){
		"hours":   func(s *client.Schedule) { s.Spec.Calendars[0].Hour = []client.ScheduleRange{{Start: 4}} },
		"second":  func(s *client.Schedule) { s.Spec.Calendars[0].Second = []client.ScheduleRange{{Start: 30}} },
		"year":    func(s *client.Schedule) { s.Spec.Calendars[0].Year = []client.ScheduleRange{{Start: 2030}} },
		"further": func(s *client.Schedule) { s.Spec.Intervals = []client.ScheduleIntervalSpec{{Every: time.Hour}} },
		"end":     func(s *client.Schedule) { s.Spec.EndAt = time.Now().Add(time.Hour) },
		"jitter":  func(s *client.Schedule) { s.Spec.Jitter = time.Hour },
		"zone":    func(s *client.Schedule) { s.Spec.TimeZoneName = "Asia/Tokyo" },
		"overlap": func(s *client.Schedule) { s.Policy.Overlap = enumspb.SCHEDULE_OVERLAP_POLICY_SKIP },
		"catchup": func(s *client.Schedule) { s.Policy.CatchupWindow = time.Hour },
		"queue":   func(s *client.Schedule) { s.Action.(*client.ScheduleWorkflowAction).TaskQueue = "another" },
		"input": func(s *client.Schedule) {
			s.Action.(*client.ScheduleWorkflowAction).Args = []any{workflows.Input{
				Tenant: "other",
				Origin: "scheduled",
			}}
		},
	}
	b := newBench(t, shared)
	ids := slices.Sorted(maps.Keys(changes))
	b.apply(ids...)
	want := ""
	for _, id := range ids {
		handle := b.client().ScheduleClient().GetHandle(t.Context(), workflows.ScheduleID(id))
		require.NoError(t, handle.Update(t.Context(), client.ScheduleUpdateOptions{
			DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				changes[id](&now.Description.Schedule)
				return &client.ScheduleUpdate{Schedule: &now.Description.Schedule}, nil
			},
		}))
		want += id + ": updated (schedule)\n"
	}
	path := filepath.Join(b.home, "tenants.yaml")
	assert.Equal(t, want, b.must("apply", "-f", path))
	assert.True(t, strings.HasSuffix(b.must("apply", "-f", path), "Nothing changed.\n"))
}

func TestApplyKeepsAPauseAndItsNote(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("paused-one")
	handle := b.client().ScheduleClient().GetHandle(t.Context(), workflows.ScheduleID("paused-one"))
	require.NoError(t, handle.Pause(t.Context(), client.SchedulePauseOptions{Note: "until Monday"}))
	path := b.file("tenants:\n" + tenantOnWorkOS("paused-one", "0 4 * * *"))
	assert.Equal(t, "paused-one: updated (settings, schedule); its Schedule stays paused\n",
		b.must("apply", "-f", path))
	state := b.schedule("paused-one").Schedule.State
	assert.True(t, state.Paused)
	assert.Equal(t, "until Monday", state.Note)
}

func TestPauseAndUnpause(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("restless")
	assert.Equal(t, "restless is paused\n", b.must("pause", "restless"))
	assert.True(t, b.schedule("restless").Schedule.State.Paused)
	assert.JSONEq(t, `{"tenant":"restless","paused":true,"changed":false}`, b.must("pause", "restless", "-o", "json"))
	assert.Contains(t, b.must("tenants"), "paused")
	assert.Equal(t, "unpaused restless: its scheduled syncs run again\n", b.must("unpause", "restless"))
	assert.False(t, b.schedule("restless").Schedule.State.Paused)
	assert.NotContains(t, b.schedule("restless").Schedule.State.Note, "canary")
	assert.Equal(t, "restless was not paused\n", b.must("unpause", "restless"))
}

func TestPruneDropsScheduleAndCredentialsAndKeepsMembers(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("stays", "goes")
	populate(t, b.store(), "goes")
	path := b.file("tenants:\n" + tenantOnWorkOS("stays", "0 3 * * *"))
	assert.Equal(t, "stays: unchanged\ngoes: not in the file, left unchanged; --prune drops it\nNothing changed.\n",
		b.must("apply", "-f", path))
	assert.NotNil(t, b.schedule("goes"))

	assert.Equal(t, "stays: unchanged\ngoes: dropped (Schedule and credentials; members are kept)\n",
		b.must("apply", "-f", path, "--prune"))
	_, err := b.client().ScheduleClient().GetHandle(t.Context(), workflows.ScheduleID("goes")).Describe(t.Context())
	assert.True(t, schedule.Missing(err), "%v", err)
	row, err := b.store().Tenant(t.Context(), "goes")
	require.NoError(t, err)
	assert.True(t, row.Dropped)
	assert.Empty(t, row.Sealed)
	assert.NotContains(t, b.must("tenants"), "goes")
	assert.Contains(t, b.must("members", "goes"), "ada@example.com", "members of a dropped tenant are kept")
	status, _, _ := b.run("resync", "goes")
	assert.Equal(t, exitUsage, status, "a dropped tenant isn't synced")
	assert.True(t, strings.HasSuffix(b.must("apply", "-f", path, "--prune"), "Nothing changed.\n"))

	path = b.file("tenants:\n" + tenantOnWorkOS("stays", "0 3 * * *") + tenantOnWorkOS("goes", "0 3 * * *"))
	assert.Equal(t, "stays: unchanged\ngoes: created\n", b.must("apply", "-f", path), "it may come back")
	assert.Contains(t, b.must("members", "goes"), "ada@example.com")
}

func TestApplyCreatesADeletedScheduleAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("lost")
	require.NoError(t, schedule.Drop(t.Context(), b.client(), "lost"))
	assert.Contains(t, b.must("tenants"), "no Schedule: run `starter apply`")
	status, _, errOut := b.run("pause", "lost")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "run `starter apply` to create it again")
	assert.Equal(t, "lost: updated (schedule)\n", b.must("apply", "-f", filepath.Join(b.home, "tenants.yaml")))
}

func TestCredentialsAreEncryptedAndEncryptedAgainAfterTheKeyIsLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	path := b.file(strings.NewReplacer("id: acme", "id: sealed-acme", "id: globex",
		"id: sealed-globex").Replace(acmeAndGlobex))
	b.must("apply", "-f", path)
	row, err := b.store().Tenant(t.Context(), "sealed-acme")
	require.NoError(t, err)
	assert.NotContains(t, string(row.Sealed)+string(row.Settings), "canary")
	open := func() tenant.Credentials {
		keeper, err := tenant.OpenKeeper(t.Context(), "", b.home)
		require.NoError(t, err)
		row, err := b.store().Tenant(t.Context(), "sealed-acme")
		require.NoError(t, err)
		credentials, err := keeper.Open(t.Context(), "sealed-acme", row.Sealed)
		require.NoError(t, err)
		return credentials
	}
	want := tenant.Credentials{Username: "username-canary", Password: "password-canary"}
	assert.True(t, open().Equal(want))

	require.NoError(t, os.Remove(filepath.Join(b.home, "secrets.key")))
	assert.Equal(t, "sealed-acme: updated (credentials)\nsealed-globex: updated (credentials)\n",
		b.must("apply", "-f", path))
	assert.True(t, open().Equal(want))

	described, err := json.Marshal(b.schedule("sealed-acme"))
	require.NoError(t, err)
	assert.NotContains(t, string(described), "canary", "nothing of a credential reaches Temporal")
}

func TestASearchAttributeOfAnotherTypeIsRefusedBeforeAnythingChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	_, err := b.client().OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace:        b.variables["TEMPORAL_NAMESPACE"],
		SearchAttributes: map[string]enumspb.IndexedValueType{workflows.ChangesAttribute: enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	})
	require.NoError(t, err)
	status, out, errOut := b.run("apply", "-f", b.file(acmeAndGlobex))
	assert.Equal(t, exitFailed, status)
	assert.Empty(t, out)
	assert.Contains(t, errOut, "RollcallChanges has type Keyword and must have Int")
	tenants, err := b.store().Tenants(t.Context())
	require.NoError(t, err)
	assert.Empty(t, tenants)
}
