// Package monitor shows the progress and the results of a tenant's syncs.
//
// It has two sources. The store has every run. Temporal has the open workflow, which returns its progress while a
// worker runs. A Monitor combines both in a Status. It also waits for the result of a workflow, and formats statuses
// and results as text for people.
package monitor

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/workflows"
)

// RunStore has the runs of tenants.
type RunStore interface {
	// Runs returns the latest runs of a tenant, at most limit of them, latest first.
	Runs(ctx context.Context, tenant string, limit int) ([]run.Run, error)
}

// Store has the runs, settings and conditions of tenants.
type Store interface {
	RunStore
	settings.Store
	// Condition returns the condition of a tenant; the zero Status if there is none yet.
	Condition(ctx context.Context, tenant string) (health.Status, error)
}

// Monitor observes the tenants of one installation. All fields are required.
type Monitor struct {
	Store     Store
	Temporal  client.Client
	TaskQueue string // of the workers
}

// Status is the state of a tenant's sync. Its JSON is the output of `starter status -o json`. For an open sync, the
// fields from Step to Result give the progress, and are null if no worker answers. If no sync is open, Result is the
// result of the last one, and null if there was none.
type Status struct {
	Tenant    string             `json:"tenant"`
	Open      bool               `json:"open"`
	Workflow  string             `json:"workflow"`
	Execution *string            `json:"execution"`
	Step      *workflows.Step    `json:"step"`
	Since     *time.Time         `json:"since"`
	Waiting   bool               `json:"waiting"`
	Planned   *workflows.Planned `json:"planned"`
	Hold      *workflows.Hold    `json:"hold"` // the held plan, also while a new plan is made
	Result    *run.Result        `json:"result"`
	Paused    bool               `json:"paused"`
	Note      *string            `json:"note"` // of the pause

	Quarantined *Quarantine `json:"quarantined"` // null if not quarantined
	Degraded    bool        `json:"degraded"`    // more than a tenth of the rows of the last sync were rejected

	taskQueue string
}

// Status returns the state of a tenant's sync. It returns an error if the store or the Temporal server fails, but not
// if no worker answers.
func (m Monitor) Status(ctx context.Context, id string) (Status, error) {
	s := Status{Tenant: id, Workflow: workflows.SyncID(id), taskQueue: m.TaskQueue}
	info, err := schedule.Describe(ctx, m.Temporal, id)
	if err != nil {
		return Status{}, err
	}
	s.Paused, s.Note = info.Paused, nullable.Of(info.Note)
	state, err := m.Store.Condition(ctx, id)
	if err != nil {
		return Status{}, fmt.Errorf("condition of %s: %w", id, err)
	}
	s.Degraded = state.Degraded
	if s.Quarantined, err = m.quarantine(ctx, id, state); err != nil {
		return Status{}, err
	}
	found, err := m.Temporal.DescribeWorkflowExecution(ctx, s.Workflow, "")
	if err != nil && !schedule.Missing(err) {
		return Status{}, fmt.Errorf("describe the sync of %s: %w", id, err)
	}
	if err == nil {
		execution := found.GetWorkflowExecutionInfo()
		s.Execution = nullable.Of(execution.GetExecution().GetRunId())
		s.Open = execution.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	}
	if !s.Open {
		s.Result, err = m.lastResult(ctx, id)
		return s, err
	}
	answer, err := m.query(ctx, s.Workflow)
	if err != nil {
		if ctx.Err() != nil {
			return Status{}, err
		}
		return s, nil // open, but no worker answers
	}
	s.Step, s.Since, s.Waiting = &answer.Step, nullable.Time(answer.Since), answer.Waiting
	s.Planned, s.Hold, s.Result = &answer.Planned, answer.Hold, &answer.Result
	return s, nil
}

// answerTimeout limits how long a query waits for a worker.
const answerTimeout = 5 * time.Second

// query returns the progress of an open workflow. It returns an error if no worker answers.
func (m Monitor) query(ctx context.Context, workflow string) (workflows.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var status workflows.Status
	value, err := m.Temporal.QueryWorkflow(ctx, workflow, "", workflows.StatusQuery)
	if err == nil {
		err = value.Get(&status)
	}
	if err != nil {
		return workflows.Status{}, fmt.Errorf("query the status of %s: %w", workflow, err)
	}
	return status, nil
}

// searchLimit limits how many runs are searched for the last sync. Previews and an open run may be newer than it.
const searchLimit = 100

// LastSync returns the last sync or undo of a tenant that has ended. It returns nil if there is none.
func LastSync(ctx context.Context, s RunStore, tenant string) (*run.Run, error) {
	return lastRun(ctx, s, tenant, func(r run.Run) bool { return !r.Preview && r.Result != nil })
}

// lastRun returns the latest run that matches, or nil.
func lastRun(ctx context.Context, s RunStore, tenant string, matches func(run.Run) bool) (*run.Run, error) {
	runs, err := s.Runs(ctx, tenant, searchLimit)
	if err != nil {
		return nil, fmt.Errorf("runs of %s: %w", tenant, err)
	}
	for _, r := range runs {
		if matches(r) {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // none is no error
}

// lastResult returns the result of the last sync, or nil if there was none. It assumes that no sync is open: so a run
// without a result was terminated.
func (m Monitor) lastResult(ctx context.Context, id string) (*run.Result, error) {
	last, err := lastRun(ctx, m.Store, id, func(r run.Run) bool { return !r.Preview })
	if last == nil || err != nil {
		return nil, err
	}
	if last.Result == nil {
		return &run.Result{
			Tenant: id, Run: last.ID.String(), Outcome: run.Failed, Started: last.Started, Error: terminated(),
		}, nil
	}
	return last.Result, nil
}
