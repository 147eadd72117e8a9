package activities_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

// full tells whether every row was compared in the round of that result.
func (o *harness) full(result run.Result) bool {
	o.t.Helper()
	begun, err := o.kept.Opening(o.t.Context(), mustID(o.t, result.Run))
	require.NoError(o.t, err)
	return strings.Contains(string(begun), `"full":true`)
}

func TestAfterARunThatNeverEndedEveryRowIsCompared(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.sync(run.Applied)
	require.False(t, o.full(o.sync(run.Unchanged)))
	// A run claims the tenant, and its workflow is terminated before anything else.
	id := uuid.Must(uuid.NewV7())
	_, err := storetest.BeginRun(t.Context(), o.kept, run.Run{
		ID: id, Tenant: acme, Workflow: "w", Execution: "e",
		Started: time.Now(),
	})
	require.NoError(t, err)
	state, err := o.kept.State(t.Context(), acme)
	require.NoError(t, err)
	_, err = o.kept.Claim(t.Context(), ledger.Claim{
		Tenant: acme, Run: id, Plan: "p", Generation: state.Generation,
		Changes: 1, Batches: 1,
	})
	require.NoError(t, err)
	require.True(t, o.full(o.sync(run.Unchanged)))
	require.False(t, o.full(o.sync(run.Unchanged)))
}

func TestARunWithHeldChangesDoesNotCountAsLastApplied(t *testing.T) {
	t.Parallel()
	o := open(t)
	all := people(30)
	o.source.users = all
	o.sync(run.Applied)
	o.rules.Limits.Removals, o.rules.Limits.Percent = 0, 0
	o.source.users = without(all, 7)
	o.sync(run.Held)
	o.source.users = all
	require.Zero(t, o.sync(run.Unchanged).Changes.Total(), "whoever is back is there as before")
	o.source.users = without(all, 7)
	o.sync(run.Held)
}

func TestRulesThatChangeAndChangeBackMissNobody(t *testing.T) {
	t.Parallel()
	o := open(t)
	all := people(20)
	o.source.users = all
	o.sync(run.Applied)
	// Under other levels, while a removal is held, members are judged by the new rules...
	o.rules.Limits.Removals, o.rules.Limits.Percent = 0, 0
	o.rules.Levels = map[string]string{"Manager": "Director"}
	o.source.users = without(all, 7)
	o.sync(run.Held)
	require.Equal(t, "Director", o.members()[email(3)].Values[4])
	// ...and by the old ones again, though the last roster that was applied whole was judged by them too.
	o.rules.Levels = nil
	o.sync(run.Held)
	require.Equal(t, "Manager", o.members()[email(3)].Values[4])
}

func TestAnotherRunsPlanIsRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.during = func(env *testsuite.TestWorkflowEnvironment) {
		env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
			if info.ActivityType.Name != "Guard" {
				return
			}
			id := uuid.Must(uuid.NewV7())
			_, err := storetest.BeginRun(t.Context(), o.kept, run.Run{
				ID: id, Tenant: acme, Workflow: "w",
				Execution: "e", Started: time.Now(),
			})
			require.NoError(t, err)
			_, err = o.kept.Claim(t.Context(), ledger.Claim{Tenant: acme, Run: id, Plan: "p", Changes: 1, Batches: 1})
			require.NoError(t, err)
		})
	}
	o.fails(fault.KindSuperseded)
	require.Empty(t, o.members())
}

func TestNothingPersonalGoesThroughTemporal(t *testing.T) {
	t.Parallel()
	o := open(t)
	const canary = "Canary"
	row := func(i int) person {
		p := worker(i)
		for name := range p {
			if name != "Work_Email" && name != "Employee_ID" {
				p[name] = canary + name
			}
		}
		p["Work_Email"], p["Employee_ID"] = "canary"+p["Employee_ID"].(string)+"@acme.example", "canary-"+
			p["Employee_ID"].(string)
		p["Cost_Center"], p["Manager_Email"], p["Status"], p["Groups"] = canary+"secret", "canary@acme.example", canary,
			[]string{canary + "Group"}
		return p
	}
	o.source.users = []person{row(1), row(2), row(3)}
	o.source.users[2]["Last_Name"] = "" // rejected
	o.source.groups = []directory.Group{{Row: 1, Name: canary + "Group"}}
	var mu sync.Mutex
	var seen strings.Builder
	note := func(values converter.EncodedValues) {
		mu.Lock()
		defer mu.Unlock()
		var raw converter.RawValue
		if values != nil && values.HasValues() && values.Get(&raw) == nil {
			seen.Write(raw.Payload().GetData())
		}
	}
	o.during = func(env *testsuite.TestWorkflowEnvironment) {
		env.SetOnActivityStartedListener(func(_ *activity.Info, _ context.Context,
			args converter.EncodedValues,
		) {
			note(args)
		})
		env.SetOnActivityCompletedListener(func(_ *activity.Info, result converter.EncodedValue, err error) {
			var raw converter.RawValue
			if err == nil && result.Get(&raw) == nil {
				mu.Lock()
				seen.Write(raw.Payload().GetData())
				mu.Unlock()
			}
		})
		env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) { note(details) })
	}
	o.sync(run.Applied)
	o.source.users = without(o.source.users, 0)
	o.sync(run.Applied)
	require.Contains(t, seen.String(), acme, "the test sees what goes through")
	require.NotContains(t, strings.ToLower(seen.String()), "canary")
}
