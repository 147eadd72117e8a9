package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/environ"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// The tenant of the bench. Its credentials are not secret.
const (
	tenantID  = "bench"
	username  = "ISU_bench"
	password  = "nothing-is-locked" //nolint:gosec // opens nothing
	taskQueue = "bench"
)

// rollcall is the product: its binaries and a Temporal server. Each scenario has its own worker, so the worker's peak
// memory belongs to that scenario.
type rollcall struct {
	binaries string // folder of worker, starter and floor
	folder   string // home; also holds tenants.yaml and the workers' logs
	temporal *temporaltest.Server
	client   client.Client
	workos   string // base URL; "": the tenant uses Workday
	maps     string // what the tenant maps: see scenario
	source   string // the tenant's source, in the syntax of tenants.yaml
}

// startRollcall starts Temporal. The caller closes the result.
func startRollcall(ctx context.Context, binaries, folder string) (r *rollcall, err error) {
	r = &rollcall{binaries: binaries, folder: filepath.Join(folder, "home")}
	if err := os.MkdirAll(r.folder, 0o700); err != nil {
		return nil, err
	}
	if r.temporal, err = temporaltest.Launch(ctx); err != nil {
		return nil, err
	}
	if r.client, err = client.DialContext(ctx, client.Options{
		HostPort: r.temporal.Address, Namespace: temporaltest.Namespace,
		Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	}); err != nil {
		r.temporal.Stop()
	}
	return r, err
}

func (r *rollcall) close() {
	r.client.Close()
	r.temporal.Stop()
}

// workdaySource returns the source of the reports at a URL, in the syntax of tenants.yaml.
func workdaySource(url string) string {
	return fmt.Sprintf("workday: {users: %s/users, groups: %[1]s/groups, username: %s, password: %s}",
		url, username, password)
}

func (*rollcall) name() string { return results.RollcallName }

// prepare creates the tables and the tenant with the starter.
func (r *rollcall) prepare(ctx context.Context, d *database) error { return r.apply(ctx, d, tenantID) }

// apply applies tenants whose guards allow everything.
func (r *rollcall) apply(ctx context.Context, d *database, tenants ...string) error {
	maps := ""
	if r.maps != "" {
		maps = ", " + r.maps
	}
	file := &strings.Builder{}
	file.WriteString("tenants:\n")
	for _, tenant := range tenants {
		fmt.Fprintf(file, "  - {id: %s, name: Bench, schedule: {cron: \"0 3 1 1 *\", timezone: UTC}, %s, "+
			"guard: {removals: 1000000, percent: 100}%s}\n", tenant, r.source, maps)
	}
	path := filepath.Join(r.folder, "tenants.yaml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		return err
	}
	starter := filepath.Join(r.binaries, "starter")
	command := exec.CommandContext(ctx, starter, "apply", "-f", path) //nolint:gosec // our own
	command.Env = r.environment(d, "")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("starter apply: %w: %s", err, out)
	}
	return nil
}

func (r *rollcall) environment(d *database, metrics string) []string {
	return environ.Bare(r.folder, "TEMPORAL_ADDRESS="+r.temporal.Address, "ROLLCALL_HOME="+r.folder,
		"ROLLCALL_DATABASE_URL="+d.url, "ROLLCALL_TASK_QUEUE="+taskQueue, "ROLLCALL_WORKDAY_HOSTS=127.0.0.1",
		"ROLLCALL_METRICS_ADDR="+metrics, "WORKOS_BASE_URL="+r.workos, "ROLLCALL_WORKOS_RATE=1000000")
}

// sync starts a worker, requests a sync as the starter does, and waits until its workflow is closed.
func (r *rollcall) sync(ctx context.Context, d *database, s scenario) (f results.Figures, err error) {
	w, err := r.startWorker(ctx, d)
	if err != nil {
		return f, err
	}
	defer w.stop()
	before, err := usageOf(w.pid())
	if err != nil {
		return f, err
	}
	f, err = r.request(ctx, tenantID, s.want)
	if err != nil {
		return f, fmt.Errorf("%w\n%s", err, w.output())
	}
	after, err := usageOf(w.pid())
	f.Peak, f.CPU, f.Written = after.peak, after.cpu-before.cpu, after.written-before.written
	return f, err
}

// request requests one sync of a tenant. It returns how long the sync took, and the size of its history.
func (r *rollcall) request(ctx context.Context, tenant string, want run.Outcome) (f results.Figures, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	request := uuid.NewString() // the same id for start and signal makes one run
	began := time.Now()
	execution, err := r.client.SignalWithStartWorkflow(ctx, workflows.SyncID(tenant), workflows.ResyncSignal,
		workflows.Resync{Origin: run.Manual, Request: request},
		client.StartWorkflowOptions{ID: workflows.SyncID(tenant), TaskQueue: taskQueue},
		workflows.SyncName, workflows.Input{Tenant: tenant, Origin: run.Manual, Request: request})
	if err != nil {
		return f, fmt.Errorf("request a sync: %w", err)
	}
	var result run.Result
	if err := execution.Get(ctx, &result); err != nil {
		return f, fmt.Errorf("sync: %w", err)
	}
	f.Seconds = time.Since(began).Seconds()
	if result.Outcome != want || result.Rows.Rejected > 0 || result.Failed > 0 {
		return f, fmt.Errorf("the sync ended as %s, %d rows rejected, %d changes failed",
			result.Outcome, result.Rows.Rejected, result.Failed)
	}
	described, err := r.client.DescribeWorkflowExecution(ctx, execution.GetID(), execution.GetRunID())
	if err != nil {
		return f, fmt.Errorf("describe the workflow: %w", err)
	}
	info := described.GetWorkflowExecutionInfo()
	f.Events, f.History = info.GetHistoryLength(), info.GetHistorySizeBytes()
	f.Steps, err = r.steps(ctx, execution)
	return f, err
}

// steps returns the seconds of each activity type in a workflow, from the first request to the last end.
func (r *rollcall) steps(ctx context.Context, of client.WorkflowRun) (map[string]float64, error) {
	steps, began, names := map[string]float64{}, map[string]time.Time{}, map[int64]string{}
	all := enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT
	events := r.client.GetWorkflowHistory(ctx, of.GetID(), of.GetRunID(), false, all)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, fmt.Errorf("read the workflow's history: %w", err)
		}
		at := event.GetEventTime().AsTime()
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			name := scheduled.GetActivityType().GetName()
			names[event.GetEventId()] = name
			if began[name].IsZero() {
				began[name] = at
			}
		}
		if completed := event.GetActivityTaskCompletedEventAttributes(); completed != nil {
			name := names[completed.GetScheduledEventId()]
			steps[name] = at.Sub(began[name]).Seconds()
		}
	}
	return steps, nil
}

func (*rollcall) count(ctx context.Context, d *database) (counts, error) { return d.members(ctx) }
