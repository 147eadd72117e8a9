// Package monitor says what a tenant's syncs are doing and how they ended.
//
// Two places know: the store has every run that was begun, and Temporal has the workflow that is open now, which
// answers how far it is as long as a worker runs. A Monitor asks both and gives one Status. It also waits for the
// result of a workflow, and says in words what a Status or a result means.
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
	Condition(ctx context.Context, tenant string) (health.State, error)
}

// Monitor follows the tenants of one installation. All fields are required.
type Monitor struct {
	Store     Store
	Temporal  client.Client
	TaskQueue string
}

// Status is what a tenant's sync is doing. As JSON it is what `starter status -o json` prints. For an open sync, Step
// to Planned say how far it is (null if no worker answers), and Result is what is known so far. Otherwise Result is
// that of the last sync.
type Status struct {
	Tenant    string             `json:"tenant"`
	Open      bool               `json:"open"`
	Workflow  string             `json:"workflow"`
	Execution *string            `json:"execution"`
	Step      *workflows.Step    `json:"step"`
	Since     *time.Time         `json:"since"`
	Waiting   bool               `json:"waiting"`
	Planned   *workflows.Planned `json:"planned"`
	Hold      *workflows.Hold    `json:"hold"` // the plan that waits for a decision, also while a new one is made
	Result    *run.Result        `json:"result"`
	Paused    bool               `json:"paused"`
	Note      *string            `json:"note"` // of the pause

	Quarantined *Quarantine `json:"quarantined"` // null: none

	taskQueue string
}

// Status looks at a tenant's sync.
func (m Monitor) Status(ctx context.Context, id string) (Status, error) {
	s := Status{Tenant: id, Workflow: workflows.SyncID(id), taskQueue: m.TaskQueue}
	info, err := schedule.Describe(ctx, m.Temporal, id)
	if err != nil {
		return Status{}, err
	}
	s.Paused, s.Note = info.Paused, nullable.Of(info.Note)
	if s.Quarantined, err = m.quarantine(ctx, id); err != nil {
		return Status{}, err
	}
	found, err := m.Temporal.DescribeWorkflowExecution(ctx, s.Workflow, "")
	if err != nil && !schedule.Missing(err) {
		return Status{}, fmt.Errorf("look at the sync of %s: %w", id, err)
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
		return s, nil // open, and no worker answers
	}
	s.Step, s.Since, s.Waiting = &answer.Step, nullable.Time(answer.Since), answer.Waiting
	s.Planned, s.Hold, s.Result = &answer.Planned, answer.Hold, &answer.Result
	return s, nil
}

// answerTimeout is how long a worker may take to answer.
const answerTimeout = 5 * time.Second

// query asks an open workflow how far it is. Without a worker that is an error.
func (m Monitor) query(ctx context.Context, workflow string) (workflows.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var status workflows.Status
	value, err := m.Temporal.QueryWorkflow(ctx, workflow, "", workflows.StatusQuery)
	if err == nil {
		err = value.Get(&status)
	}
	if err != nil {
		return workflows.Status{}, fmt.Errorf("ask %s for its status: %w", workflow, err)
	}
	return status, nil
}

// searchLimit is how many runs back the last sync is looked for: previews and an open run may come before it.
const searchLimit = 100

// LastSync returns the last sync of a tenant that has ended, or nil.
func LastSync(ctx context.Context, s RunStore, tenant string) (*run.Run, error) {
	return lastRun(ctx, s, tenant, func(r run.Run) bool { return !r.Preview && r.Result != nil })
}

func lastRun(ctx context.Context, s RunStore, tenant string, is func(run.Run) bool) (*run.Run, error) {
	runs, err := s.Runs(ctx, tenant, searchLimit)
	if err != nil {
		return nil, fmt.Errorf("runs of %s: %w", tenant, err)
	}
	for _, r := range runs {
		if is(r) {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // none is no error
}

// lastResult returns how the last sync ended, if none is open; nil if there was none. A sync that hasn't recorded its
// end was terminated.
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
