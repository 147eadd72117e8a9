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

// patience limits waits for steps that take seconds on an idle machine.
const waitLimit = 5 * time.Minute

// shared is a server for tests that use different tenants.
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

// bench is the machine of one operator, with its own environment, database and task queue.
type bench struct {
	*testing.T
	home      string
	variables map[string]string
	settings  config.Config
}

// newBench returns a bench that uses the Temporal server. If server is nil, no Temporal answers.
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

// namespace creates a namespace for one test, so that tests share only the server.
func namespace(t *testing.T, server *temporaltest.Server) string {
	t.Helper()
	name := uuid.NewString()
	c, err := client.NewNamespaceClient(client.Options{HostPort: server.Address, Logger: discardLogger{}})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	in, err := client.Dial(client.Options{HostPort: server.Address, Namespace: name, Logger: discardLogger{}})
	require.NoError(t, err)
	defer in.Close()
	require.Eventually(t, func() bool { // until the whole server knows it
		_, err := in.ScheduleClient().GetHandle(t.Context(), "none").Describe(t.Context())
		return schedule.Missing(err) && strings.Contains(err.Error(), "workflow not found")
	}, waitLimit, 20*time.Millisecond)
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

// run runs the starter with arguments and returns its exit status and output.
func (b *bench) run(args ...string) (status int, out, errOut string) {
	b.Helper()
	var stdout, stderr bytes.Buffer
	status = run(b.Context(), b.environment(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// must runs the starter, requires success, and returns the standard output.
func (b *bench) must(args ...string) string {
	b.Helper()
	status, out, errOut := b.run(args...)
	require.Equal(b, exitDone, status, "starter %s\n%s", strings.Join(args, " "), errOut)
	return out
}

// file writes tenants.yaml and returns its path.
func (b *bench) file(text string) string {
	b.Helper()
	path := filepath.Join(b.home, "tenants.yaml")
	require.NoError(b, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// apply applies a tenants.yaml with a WorkOS tenant for each id.
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

// store opens the database of the bench.
func (b *bench) store() *store.Store {
	b.Helper()
	db, err := store.Open(b.Context(), b.settings.DatabaseURL)
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// client connects to the Temporal server of the bench.
func (b *bench) client() client.Client {
	b.Helper()
	c, err := client.Dial(client.Options{
		HostPort: b.variables["TEMPORAL_ADDRESS"], Namespace: b.variables["TEMPORAL_NAMESPACE"], Logger: discardLogger{},
	})
	require.NoError(b, err)
	b.Cleanup(c.Close)
	return c
}

// silent is a logger without output.
type discardLogger struct{}

func (discardLogger) Debug(string, ...any) {}
func (discardLogger) Info(string, ...any)  {}
func (discardLogger) Warn(string, ...any)  {}
func (discardLogger) Error(string, ...any) {}

// play starts a worker that runs sync for syncs and previews.
func (b *bench) serveSyncs(sync func(workflow.Context, workflows.Input) (round.Result, error)) {
	b.Helper()
	w := worker.New(b.client(), b.settings.TaskQueue, worker.Options{})
	for _, name := range []string{workflows.SyncName, workflows.PreviewName, workflows.UndoName} {
		w.RegisterWorkflowWithOptions(sync, workflow.RegisterOptions{Name: name})
	}
	require.NoError(b, w.Start())
	b.Cleanup(w.Stop)
}

// lines is a buffer that is safe for concurrent use.
type syncBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *syncBuffer) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *syncBuffer) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
