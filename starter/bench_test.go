package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/rollcall/rollcall/internal/config"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// patience is how long something may take that takes seconds on an idle machine.
const patience = 5 * time.Minute

// shared is a server for tests that keep to tenants of their own names.
var shared *temporaltest.Server

func TestMain(m *testing.M) {
	time.Local = time.UTC // tables show the machine's time
	var err error
	if shared, err = temporaltest.Launch(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	shared.Stop()
	os.Exit(status)
}

// bench is one operator's machine: an environment, a database and a task queue of its own.
type bench struct {
	*testing.T
	home      string
	variables map[string]string
	settings  config.Config
}

// newBench is a bench whose Temporal is that server; nil: none answers.
func newBench(t *testing.T, server *temporaltest.Server) *bench {
	t.Helper()
	home := t.TempDir()
	b := &bench{T: t, home: home, variables: map[string]string{"USER": "jo-canary", "ACME_PASSWORD": "password-canary"}}
	where := temporaltest.Variables(temporaltest.Nowhere, temporaltest.Namespace)
	if server != nil {
		where = temporaltest.Variables(server.Address, namespace(t, server))
	}
	maps.Copy(b.variables, where)
	b.settings = config.Config{
		Home: home, DatabaseURL: "sqlite://" + filepath.Join(home, "rollcall.db"), TaskQueue: strings.ToLower(t.Name()),
		WorkdayHosts: []string{"*.workday.com", "*.myworkday.com"},
	}
	return b
}

// namespace makes a namespace for one test, so that tests, and repetitions of a test, share nothing but the server.
func namespace(t *testing.T, server *temporaltest.Server) string {
	t.Helper()
	name := uuid.NewString()
	c, err := client.NewNamespaceClient(client.Options{HostPort: server.Address, Logger: silent{}})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	in, err := client.Dial(client.Options{HostPort: server.Address, Namespace: name, Logger: silent{}})
	require.NoError(t, err)
	defer in.Close()
	require.Eventually(t, func() bool { // until the whole server knows it
		_, err := in.ScheduleClient().GetHandle(t.Context(), "none").Describe(t.Context())
		return schedule.Missing(err) && strings.Contains(err.Error(), "workflow not found")
	}, patience, 20*time.Millisecond)
	return name
}

func (b *bench) environment() environment {
	return environment{
		lookup: func(name string) (string, bool) {
			value, ok := b.variables[name]
			return value, ok
		},
		environ: func() []string {
			var pairs []string
			for name, value := range b.variables {
				pairs = append(pairs, name+"="+value)
			}
			return pairs
		},
		config: func() (config.Config, error) { return b.settings, nil },
		stdin:  strings.NewReader(""),
	}
}

// run runs the starter.
func (b *bench) run(args ...string) (status int, out, errOut string) {
	b.Helper()
	var stdout, stderr bytes.Buffer
	status = run(b.Context(), b.environment(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// must runs the starter and answers with what it printed, having done what it should.
func (b *bench) must(args ...string) string {
	b.Helper()
	status, out, errOut := b.run(args...)
	require.Equal(b, exitDone, status, "starter %s\n%s", strings.Join(args, " "), errOut)
	return out
}

// file writes a tenants.yaml.
func (b *bench) file(text string) string {
	b.Helper()
	path := filepath.Join(b.home, "tenants.yaml")
	require.NoError(b, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// apply applies a file of tenants on WorkOS, one for each id.
func (b *bench) apply(ids ...string) {
	b.Helper()
	text := "tenants:\n"
	for _, id := range ids {
		text += tenantOnWorkOS(id, "0 3 * * *")
	}
	b.must("apply", "-f", b.file(text))
}

func tenantOnWorkOS(id, cron string) string {
	return fmt.Sprintf("  - id: %s\n    schedule: {cron: %q}\n    workos: {directory: directory_%s, api_key: "+
		"key-canary}\n", id, cron, id)
}

// store is the bench's database.
func (b *bench) store() *store.Store {
	b.Helper()
	kept, err := store.Open(b.Context(), b.settings.DatabaseURL)
	require.NoError(b, err)
	b.Cleanup(func() { _ = kept.Close() })
	return kept
}

// client is a connection to the bench's Temporal.
func (b *bench) client() client.Client {
	b.Helper()
	c, err := client.Dial(client.Options{
		HostPort: b.variables["TEMPORAL_ADDRESS"], Namespace: b.variables["TEMPORAL_NAMESPACE"], Logger: silent{},
	})
	require.NoError(b, err)
	b.Cleanup(c.Close)
	return c
}

// silent is a logger that says nothing.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

// play is a worker whose syncs and previews do as told.
func (b *bench) play(sync func(workflow.Context, workflows.Input) (round.Result, error)) {
	b.Helper()
	w := worker.New(b.client(), b.settings.TaskQueue, worker.Options{})
	for _, name := range []string{workflows.SyncName, workflows.PreviewName, workflows.UndoName} {
		w.RegisterWorkflowWithOptions(sync, workflow.RegisterOptions{Name: name})
	}
	require.NoError(b, w.Start())
	b.Cleanup(w.Stop)
}

// lines is a writer that can be read while it is written.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
