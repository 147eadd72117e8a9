package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/rollcall/rollcall/internal/config"
	"github.com/rollcall/rollcall/internal/roster"
	rounds "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

// temporalEnv returns an environment with Temporal's address and without the machine's configuration.
func temporalEnv(address string) envMap {
	return temporaltest.Variables(address, temporaltest.Namespace)
}

// envMap implements envconfig.EnvLookup.
type envMap map[string]string

func (m envMap) Environ() []string {
	var all []string
	for name, value := range m {
		all = append(all, name+"="+value)
	}
	return all
}

func (m envMap) LookupEnv(name string) (string, bool) {
	value, ok := m[name]
	return value, ok
}

var _ envconfig.EnvLookup = envMap{}

func settingsAt(home string) config.Config {
	return config.Config{
		Home: home, DatabaseURL: "sqlite://" + filepath.Join(home, "rollcall.db"), TaskQueue: "rollcall",
		WorkdayHosts: []string{"127.0.0.1"}, LogFormat: config.Text,
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), environment{}, []string{"--verbose"}, io.Discard)
	require.ErrorIs(t, err, errUsage)
	require.Equal(t, 2, status(err))
	require.Equal(t, 1, status(errors.New("anything else")))
	require.Equal(t, 0, status(nil))
}

func TestStartupErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	t.Run("a variable doesn't parse", func(t *testing.T) {
		t.Parallel()
		env := environment{
			config: func() (config.Config, error) {
				return config.Config{}, errors.New("ROLLCALL_LOG_LEVEL doesn't parse")
			},
		}
		require.ErrorContains(t, run(t.Context(), env, nil, io.Discard), "ROLLCALL_LOG_LEVEL")
	})
	t.Run("the store cannot be opened", func(t *testing.T) {
		t.Parallel()
		settings := settingsAt(t.TempDir())
		settings.DatabaseURL = "sqlite:///proc/nowhere/rollcall.db"
		env := environment{
			config:   func() (config.Config, error) { return settings, nil },
			temporal: temporalEnv(temporaltest.Nowhere),
		}
		require.ErrorContains(t, run(t.Context(), env, nil, io.Discard), "ROLLCALL_DATABASE_URL")
	})
	t.Run("Temporal cannot be reached", func(t *testing.T) {
		t.Parallel()
		settings := settingsAt(t.TempDir())
		env := environment{
			config:   func() (config.Config, error) { return settings, nil },
			temporal: temporalEnv(temporaltest.Nowhere),
		}
		err := run(t.Context(), env, nil, io.Discard)
		require.ErrorContains(t, err, "127.0.0.1:1")
		require.ErrorContains(t, err, "TEMPORAL_ADDRESS")
	})
}

// testWorker is a worker with its own Temporal server, simulator and store.
type testWorker struct {
	t         *testing.T
	simulator *simulator.Simulator
	temporal  client.Client
	db        *store.Store
	settings  config.Config
	env       environment
}

func open(t *testing.T, tenants ...simulator.Tenant) *testWorker {
	t.Helper()
	server := temporaltest.Start(t)
	o := &testWorker{
		t: t, simulator: simulator.Start(t, tenants...), temporal: server.Client(t), settings: settingsAt(t.TempDir()),
	}
	o.settings.WorkOSBaseURL = o.simulator.URL()
	o.env = environment{
		config:   func() (config.Config, error) { return o.settings, nil },
		temporal: temporalEnv(server.Address),
	}
	var err error
	o.db, err = store.Open(t.Context(), o.settings.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.db.Close()) })
	keeper, err := tenant.OpenKeeper(t.Context(), "", o.settings.Home)
	require.NoError(t, err)
	for _, each := range tenants {
		o.put(keeper, each)
	}
	_, err = o.temporal.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: temporaltest.Namespace,
		SearchAttributes: map[string]enumspb.IndexedValueType{
			workflows.TenantAttribute:   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
			workflows.OutcomeAttribute:  enumspb.INDEXED_VALUE_TYPE_KEYWORD,
			workflows.ChangesAttribute:  enumspb.INDEXED_VALUE_TYPE_INT,
			workflows.RemovalsAttribute: enumspb.INDEXED_VALUE_TYPE_INT,
			workflows.IssuesAttribute:   enumspb.INDEXED_VALUE_TYPE_INT,
			workflows.HeldAttribute:     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		},
	})
	require.NoError(t, err)
	return o
}

func (o *testWorker) put(keeper *tenant.Keeper, each simulator.Tenant) {
	access := o.simulator.Access(each.ID)
	source := fmt.Sprintf(
		"workday: {users: %q, groups: %q, username: %q, password: %q}", access.Users, access.Groups, access.Username,
		access.Password,
	)
	if each.Kind == simulator.WorkOS {
		source = fmt.Sprintf("workos: {directory: %q, api_key: %q}", access.Directory, access.APIKey)
	}
	file := fmt.Sprintf(
		"tenants:\n  - id: %s\n    schedule: {cron: \"0 * * * *\", timezone: UTC}\n    %s\n", each.ID, source,
	)
	parsed, err := tenant.Parse(strings.NewReader(file), func(string) (string, bool) { return "", false })
	require.NoError(o.t, err)
	settings, err := parsed[0].Settings()
	require.NoError(o.t, err)
	sealed, err := keeper.Seal(o.t.Context(), each.ID, parsed[0].Credentials)
	require.NoError(o.t, err)
	_, err = o.db.PutTenant(o.t.Context(), store.Tenant{ID: each.ID, Name: each.ID, Settings: settings, Sealed: sealed})
	require.NoError(o.t, err)
}

// patience is how long something may take that takes seconds on an idle machine.
const patience = 5 * time.Minute

// start runs a worker; the function stops it.
func (o *testWorker) start() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx, o.env, nil, io.Discard) }()
	return func() error {
		cancel()
		return <-done
	}
}

func (o *testWorker) sync(id string) rounds.Result {
	o.t.Helper()
	return o.ended(o.resync(id))
}

func (o *testWorker) resync(id string) client.WorkflowRun {
	o.t.Helper()
	started, err := o.temporal.SignalWithStartWorkflow(o.t.Context(), workflows.SyncID(id), workflows.ResyncSignal,
		workflows.Resync{Origin: rounds.Manual, Request: "r"}, client.StartWorkflowOptions{TaskQueue: "rollcall"},
		workflows.SyncName, workflows.Input{Tenant: id, Origin: rounds.Manual, Request: "r"})
	require.NoError(o.t, err)
	return started
}

func (o *testWorker) ended(started client.WorkflowRun) rounds.Result {
	o.t.Helper()
	var result rounds.Result
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	require.NoError(o.t, started.Get(ctx, &result))
	return result
}

// requireInStep compares members with the simulator's people.
func (o *testWorker) requireInStep(id string) {
	o.t.Helper()
	kept := map[string]roster.Member{}
	for member, err := range o.db.Members(o.t.Context(), id) {
		require.NoError(o.t, err)
		if member.Values[roster.Status] != roster.Departed {
			kept[member.ExternalID] = member
		}
	}
	people := 0
	for person := range o.simulator.Expected(id) {
		people++
		member, ok := kept[person.ExternalID]
		require.True(o.t, ok, person.ExternalID)
		want := person.Fields()
		for f := range roster.Field(roster.ValueCount) {
			require.Equal(o.t, want[f.String()], member.Values[f], "%s of %s", f, person.ExternalID)
		}
	}
	require.Len(o.t, kept, people)
}

func TestAWorkerKeepsTenantsInStep(t *testing.T) {
	t.Parallel()
	o := open(t,
		simulator.Tenant{ID: "acme", Kind: simulator.Workday, People: 300, Seed: 1},
		simulator.Tenant{ID: "globex", Kind: simulator.WorkOS, People: 120, Seed: 2, Rate: -1},
	)
	stop := o.start()
	for _, id := range []string{"acme", "globex"} {
		first := o.sync(id)
		require.Equal(t, rounds.Applied, first.Outcome)
		require.Positive(t, first.Changes.Added)
		o.requireInStep(id)
		require.Equal(t, rounds.Unchanged, o.sync(id).Outcome)
		o.simulator.Advance(id, 1)
		second := o.sync(id)
		require.Equal(t, rounds.Applied, second.Outcome, "%+v", second)
		o.requireInStep(id)
		third := o.sync(id)
		require.Equal(t, rounds.Unchanged, third.Outcome)
		require.Zero(t, third.Changes.Total())
		t.Logf("%s: %+v\n%+v\n%+v", id, first, second, third)
	}
	require.NoError(t, stop())
}

func TestAWorkerThatStopsLeavesItsStepToAnother(t *testing.T) {
	t.Parallel()
	o := open(t, simulator.Tenant{ID: "acme", Kind: simulator.Workday, People: 20, Seed: 3})
	slow := o.simulator.Inject(simulator.Fault{
		Tenant: "acme", Endpoint: "users", Kind: simulator.SlowStart, Delay: time.Hour,
	})
	stop := o.start()
	started := o.resync("acme")
	require.Eventually(
		t, func() bool { return o.simulator.Served("acme", "users").Requests > 0 }, patience, 10*time.Millisecond,
	)
	require.NoError(t, stop())
	// The step broke off before the worker was forced to stop, and said so: nobody waits for its heartbeats to be
	// missed.
	described, err := o.temporal.DescribeWorkflowExecution(t.Context(), workflows.SyncID("acme"), "")
	require.NoError(t, err)
	i := slices.IndexFunc(described.GetPendingActivities(), func(a *workflowpb.PendingActivityInfo) bool {
		return a.GetActivityType().GetName() == workflows.FetchUsersName
	})
	require.GreaterOrEqual(t, i, 0, "the step waits for a worker")
	step := described.GetPendingActivities()[i]
	require.EqualValues(t, 2, step.GetAttempt())
	require.NotNil(t, step.GetLastFailure().GetApplicationFailureInfo(), "%v", step.GetLastFailure())
	o.simulator.Lift(slow)
	stop = o.start()
	require.Equal(t, rounds.Applied, o.ended(started).Outcome)
	require.NoError(t, stop())
	o.requireInStep("acme")
}
