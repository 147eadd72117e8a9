package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// The tenant of the bench. Its credentials open nothing.
const (
	tenantID = "bench"
	username = "ISU_bench"
	password = "nothing-is-locked" //nolint:gosec // opens nothing
)

const taskQueue = "bench"

// product is Rollcall itself: its own binaries, a Temporal server, and a worker that is started anew for each scenario,
// so that its memory is that scenario's.
type product struct {
	binaries string // folder of worker and starter
	folder   string // for home, tenants.yaml and the worker's log
	temporal string // address
	client   client.Client
	workos   string // base URL of the simulator; "": the tenant is on Workday
	source   string // of the tenant, as it stands in tenants.yaml
}

// workdaySource is how tenants.yaml names the reports.
func workdaySource(users, groups string) string {
	return fmt.Sprintf("    workday:\n      users: %s\n      groups: %s\n      username: %s\n      password: %s\n",
		users, groups, username, password)
}

func (*product) name() string { return "Rollcall" }

// prepare has the starter make the tables and the tenant.
func (p *product) prepare(ctx context.Context, d *database) error { return p.apply(ctx, d, tenantID) }

// apply makes tenants known. No guard stands in their way.
func (p *product) apply(ctx context.Context, d *database, tenants ...string) error {
	file := &strings.Builder{}
	file.WriteString("tenants:\n")
	for _, tenant := range tenants {
		fmt.Fprintf(file, "  - id: %s\n    name: Bench\n    schedule: {cron: \"0 3 1 1 *\", timezone: UTC}\n%s"+
			"    guard: {removals: 1000000, percent: 100}\n", tenant, p.source)
	}
	path := filepath.Join(p.folder, "tenants.yaml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, filepath.Join(p.binaries, "starter"), "apply", "-f", path) //nolint:gosec // our own
	command.Env = p.environment(d, "")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("starter apply: %w: %s", err, out)
	}
	return nil
}

func (p *product) environment(d *database, metrics string) []string {
	return append(os.Environ(), "TEMPORAL_ADDRESS="+p.temporal, "ROLLCALL_HOME="+p.folder, "ROLLCALL_DATABASE_URL="+d.url,
		"ROLLCALL_TASK_QUEUE="+taskQueue, "ROLLCALL_WORKDAY_HOSTS=127.0.0.1", "ROLLCALL_METRICS_ADDR="+metrics,
		"WORKOS_BASE_URL="+p.workos, "ROLLCALL_WORKOS_RATE=1000000")
}

// sync starts a worker, asks for a sync as the starter does, and waits until its workflow is closed.
func (p *product) sync(ctx context.Context, d *database, s scenario) (results.Figures, error) {
	w, err := p.startWorker(ctx, d)
	if err != nil {
		return results.Figures{}, err
	}
	defer w.stop()
	before, err := usageOf(w.pid())
	if err != nil {
		return results.Figures{}, err
	}
	figures, result, err := p.ask(ctx, tenantID)
	if err != nil {
		return results.Figures{}, fmt.Errorf("%w\n%s", err, w.said())
	}
	if result.Outcome != s.want || result.Rows.Rejected > 0 || result.Failed > 0 {
		return results.Figures{}, fmt.Errorf("it ended as %s, %d rows rejected, %d changes failed\n%s",
			result.Outcome, result.Rows.Rejected, result.Failed, w.said())
	}
	after, err := usageOf(w.pid())
	if err != nil {
		return results.Figures{}, err
	}
	figures.Peak, figures.CPU = after.peak, after.cpu-before.cpu
	if d.kind == results.SQLite {
		figures.Written = after.written - before.written
	}
	return figures, nil
}

// ask asks for one sync of a tenant and returns how long it took, and how long its history has become.
func (p *product) ask(ctx context.Context, tenant string) (results.Figures, run.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	request := uuid.NewString() // the same with start and signal: one round
	began := time.Now()
	execution, err := p.client.SignalWithStartWorkflow(ctx, workflows.SyncID(tenant), workflows.ResyncSignal,
		workflows.Resync{Origin: run.Manual, Request: request},
		client.StartWorkflowOptions{ID: workflows.SyncID(tenant), TaskQueue: taskQueue},
		workflows.SyncName, workflows.Input{Tenant: tenant, Origin: run.Manual, Request: request})
	if err != nil {
		return results.Figures{}, run.Result{}, fmt.Errorf("ask for a sync: %w", err)
	}
	var result run.Result
	if err := execution.Get(ctx, &result); err != nil {
		return results.Figures{}, run.Result{}, fmt.Errorf("sync: %w", err)
	}
	figures := results.Figures{Seconds: time.Since(began).Seconds()}
	described, err := p.client.DescribeWorkflowExecution(ctx, execution.GetID(), execution.GetRunID())
	if err != nil {
		return results.Figures{}, run.Result{}, fmt.Errorf("describe the workflow: %w", err)
	}
	info := described.GetWorkflowExecutionInfo()
	figures.Events, figures.History = info.GetHistoryLength(), info.GetHistorySizeBytes()
	figures.Steps, err = p.steps(ctx, execution)
	return figures, result, err
}

// steps are the seconds of each kind of activity in a workflow, from when the first was asked for to when the last ended.
func (p *product) steps(ctx context.Context, execution client.WorkflowRun) (map[string]float64, error) {
	type span struct{ from, to time.Time }
	spans, of := map[string]span{}, map[int64]string{}
	events := p.client.GetWorkflowHistory(ctx, execution.GetID(), execution.GetRunID(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, fmt.Errorf("read the workflow's history: %w", err)
		}
		at := event.GetEventTime().AsTime()
		if asked := event.GetActivityTaskScheduledEventAttributes(); asked != nil {
			name := asked.GetActivityType().GetName()
			of[event.GetEventId()] = name
			if spans[name].from.IsZero() {
				spans[name] = span{from: at}
			}
		}
		if ended := event.GetActivityTaskCompletedEventAttributes(); ended != nil {
			name := of[ended.GetScheduledEventId()]
			spans[name] = span{spans[name].from, at}
		}
	}
	steps := make(map[string]float64, len(spans))
	for name, s := range spans {
		steps[name] = s.to.Sub(s.from).Seconds()
	}
	return steps, nil
}

func (*product) holds(ctx context.Context, d *database) (counts, error) { return d.holds(ctx) }
