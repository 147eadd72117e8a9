// Package acceptance_test tests Rollcall as an operator uses it: real worker and starter processes, a real Temporal
// server, and the simulator in place of Workday and WorkOS.
package acceptance_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/environ"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/temporaltest"
)

// binaries is the folder of worker and starter. All worlds share the Temporal server. Each world has its own tenant
// ids, task queue and home.
var (
	binaries string
	server   *temporaltest.Server
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	flag.Parse()
	// These tests mostly wait for timeouts, so many can run in parallel.
	if err := flag.Set("test.parallel", "12"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	folder, err := os.MkdirTemp("", "rollcall-acceptance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binaries = folder
	build := exec.Command("go", "build", "-o", folder+"/", "../../worker", "../../starter")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build worker and starter: %v\n%s", err, out)
		return 1
	}
	if server, err = temporaltest.Launch(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

// world is one installation of Rollcall: a home, a task queue, a simulated directory and at most one worker.
type world struct {
	*testing.T
	binaries  string // folder of worker and starter
	server    *temporaltest.Server
	queue     string
	home      string
	metrics   string // address of the worker's metrics
	simulator *simulator.Simulator
	settings  []string // additional environment variables
	worker    *exec.Cmd
	log       *os.File
}

func newWorld(t *testing.T, tenants ...simulator.Tenant) *world {
	t.Helper()
	home := t.TempDir()
	w := &world{
		T: t, binaries: binaries, server: server, queue: filepath.Base(home) + t.Name(), home: home, metrics: freeAddress(t),
		simulator: simulator.Start(t, tenants...),
	}
	log, err := os.Create(filepath.Join(w.home, "worker.log"))
	require.NoError(t, err)
	w.log = log
	t.Cleanup(func() {
		if w.worker != nil {
			w.stop(syscall.SIGTERM)
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("end of the worker's log:\n%s", text[max(0, len(text)-4000):])
		}
		log.Close()
	})
	return w
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func (w *world) environment() []string {
	return environ.Bare(w.home, append(slices.Clone(w.settings),
		"TEMPORAL_ADDRESS="+w.server.Address, "ROLLCALL_HOME="+w.home, "ROLLCALL_TASK_QUEUE="+w.queue,
		"ROLLCALL_WORKDAY_HOSTS=127.0.0.1", "WORKOS_BASE_URL="+w.simulator.URL(), "ROLLCALL_METRICS_ADDR="+w.metrics,
		"ROLLCALL_LOG_LEVEL=debug")...)
}

// start starts a worker.
func (w *world) start() {
	w.Helper()
	w.worker = exec.Command(filepath.Join(w.binaries, "worker"))
	w.worker.Env = w.environment()
	w.worker.Stdout, w.worker.Stderr = w.log, w.log
	w.worker.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(w, w.worker.Start())
}

// stop sends a signal to the worker and waits until it has ended.
func (w *world) stop(signal syscall.Signal) {
	w.Helper()
	require.NoError(w, w.worker.Process.Signal(signal))
	_ = w.worker.Wait() // the exit status doesn't matter
	w.worker = nil
}

// starter runs a command of the starter and returns its standard output. It requires an exit status.
func (w *world) starter(exit int, args ...string) string {
	w.Helper()
	command := exec.Command(filepath.Join(w.binaries, "starter"), args...)
	command.Env = append(w.environment(), "PLANTED_PASSWORD="+w.secret(args), "PLANTED_KEY="+w.secret(args))
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	_ = command.Run() // the status is checked below
	require.Equal(w, exit, command.ProcessState.ExitCode(), "starter %s\n%s%s", strings.Join(args, " "), &out, &stderr)
	return out.String()
}

// secret returns the credential of the tenant whose file an apply names.
func (w *world) secret(args []string) string {
	if args[0] != "apply" {
		return ""
	}
	access := w.simulator.Access(strings.TrimSuffix(filepath.Base(args[2]), ".yaml"))
	return access.Password + access.APIKey
}

// apply applies a tenant with additional settings in YAML.
func (w *world) apply(tenant, more string) {
	w.Helper()
	access := w.simulator.Access(tenant)
	source := fmt.Sprintf("    workos: {directory: %s, api_key: \"${PLANTED_KEY}\"}\n", access.Directory)
	if access.Kind == simulator.Workday {
		source = fmt.Sprintf("    workday:\n      users: %s\n      groups: %s\n      username: %s\n      password: "+
			"${PLANTED_PASSWORD}\n",
			access.Users, access.Groups, access.Username)
	}
	file := "tenants:\n  - id: " + tenant + "\n    name: " + tenant +
		"\n    schedule: {cron: \"0 3 1 1 *\", timezone: UTC}\n" + source + more
	path := filepath.Join(w.home, tenant+".yaml")
	require.NoError(w, os.WriteFile(path, []byte(file), 0o600))
	w.starter(0, "apply", "-f", path)
}

// resync requests a sync and returns its result.
func (w *world) resync(exit int, tenant string) run.Result {
	w.Helper()
	printed := w.starter(exit, "resync", tenant, "--by", "acceptance", "--reason", "test", "--wait", "-o", "json")
	var result run.Result
	require.NoError(w, json.Unmarshal([]byte(printed), &result), printed)
	return result
}

// lines runs a command with JSON output and returns its lines.
func (w *world) lines(args ...string) []map[string]any {
	w.Helper()
	scanner := bufio.NewScanner(strings.NewReader(w.starter(0, append(args, "-o", "json")...)))
	scanner.Buffer(nil, 1<<20)
	var lines []map[string]any
	for scanner.Scan() {
		var line map[string]any
		require.NoError(w, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	return lines
}

// requireSynced requires that every field of every member equals the simulator's, and that all other members departed.
func (w *world) requireSynced(tenant string) {
	w.Helper()
	people := map[string]simulator.Person{}
	for person := range w.simulator.Expected(tenant) {
		people[person.ExternalID] = person
	}
	present := 0
	for _, member := range w.lines("members", tenant) {
		person, found := people[member["external_id"].(string)]
		if !found {
			require.Equal(w, "departed", member["status"], "member %s is not in the directory", member["id"])
			continue
		}
		present++
		for field, want := range person.Fields() {
			require.Equal(w, want, text(member[field]), "%s of person %d", field, person.Number)
		}
		require.Equal(w, fmt.Sprint(person.Groups), fmt.Sprint(member["groups"]), "groups of person %d", person.Number)
	}
	require.Equal(w, len(people), present)
}

// text returns a member's value in the simulator's format.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "yes", false: "no"}[value]
	default:
		return value.(string)
	}
}

// requireAudit requires that the audit recorded every change exactly once: its numbers grow, a member is added once,
// each change starts with the previous values, and the last values are those of the members.
func (w *world) requireAudit(tenant string) {
	w.Helper()
	values := map[string]map[string]any{}
	last := 0.0
	for _, change := range w.lines("changes", tenant) {
		require.Greater(w, change["seq"], last, "audit numbers")
		last = change["seq"].(float64)
		member, _ := change["member"].(string)
		if strings.HasPrefix(change["op"].(string), "group_") || strings.HasPrefix(
			change["op"].(string), "membership_",
		) {
			continue
		}
		if change["op"] == "added" {
			require.NotContains(w, values, member, "added twice")
			values[member] = map[string]any{}
		}
		require.Contains(w, values, member, "changed before it was added")
		for field, pair := range change["fields"].(map[string]any) {
			before, after := pair.([]any)[0], pair.([]any)[1]
			require.Equal(w, values[member][field], before, "%s of %s at %v", field, member, change["seq"])
			values[member][field] = after
		}
	}
	members := w.lines("members", tenant)
	require.Len(w, values, len(members))
	for _, member := range members {
		for field, value := range values[member["id"].(string)] {
			require.Equal(w, member[field], value, "%s in the audit of %s", field, member["id"])
		}
	}
}

func (w *world) client() client.Client {
	w.Helper()
	return w.server.Client(w.T)
}

// waitForListed waits until a query lists a number of executions. The server lists them with a delay.
func (w *world) waitForListed(count int, query string) {
	w.Helper()
	c := w.client()
	w.eventually(func() bool {
		listed, err := c.ListWorkflow(
			context.Background(), &workflowservice.ListWorkflowExecutionsRequest{Query: query},
		)
		return err == nil && len(listed.GetExecutions()) == count
	}, fmt.Sprint(count, " executions are listed for ", query))
}

// timeout limits what takes seconds on an idle machine.
const timeout = 5 * time.Minute

// eventually waits until the condition holds.
func (w *world) eventually(condition func() bool, what string) {
	w.Helper()
	require.Eventually(w, condition, timeout, 20*time.Millisecond, what)
}
