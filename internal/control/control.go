// Package control carries out the requests of operators: a resync, a preview, an undo, a decision about a held plan, an
// erasure, a decision about a link.
//
// Control first stores a request, with the operator's name and reason. It then starts or signals a workflow and passes
// only the request's id. So neither a person's name nor a customer's settings reach Temporal. The workflow reads the
// request from the store.
package control

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// Store stores requests and erasures, and has the runs of tenants.
type Store interface {
	monitor.Store
	request.Store
	request.PutStore
	// Run returns a tenant's run, or ledger.ErrNotFound.
	Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error)
	// RunChanges iterates over the applied changes of a run, in order.
	RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[ledger.AuditRow, error]
	// PutErasure stores an erasure before its workflow starts.
	PutErasure(ctx context.Context, e ledger.Erasure) error
	// DropErasure removes an erasure whose workflow did not start.
	DropErasure(ctx context.Context, tenant string, id uuid.UUID) error
}

// Control acts on the tenants of one installation. All fields are required.
type Control struct {
	Store     Store
	Temporal  client.Client
	TaskQueue string // of the workers
}

// Monitor returns a Monitor of the same installation.
func (c Control) Monitor() monitor.Monitor {
	return monitor.Monitor{Store: c.Store, Temporal: c.Temporal, TaskQueue: c.TaskQueue}
}

// Started identifies a started workflow. Its JSON is the output of `starter resync -o json`.
type Started struct {
	Tenant    string `json:"tenant"`
	Request   string `json:"request"`
	Workflow  string `json:"workflow"`
	Execution string `json:"execution"`

	Run client.WorkflowRun `json:"-"` // to wait for its result
}

// Resync requests a sync. If a sync is open, one more round follows it. The error is that of the store or of Temporal.
func (c Control) Resync(ctx context.Context, req request.Request) (Started, error) {
	req.Verb = "resync"
	id, err := request.Put(ctx, c.Store, req)
	if err != nil {
		return Started{}, err
	}
	workflow := workflows.SyncID(req.Tenant)
	execution, err := c.Temporal.SignalWithStartWorkflow(ctx, workflow, workflows.ResyncSignal,
		workflows.Resync{Origin: run.Manual, Request: id},
		c.options(workflow, "Sync of "+req.Tenant), workflows.SyncName,
		workflows.Input{Tenant: req.Tenant, Origin: run.Manual, Request: id})
	if err != nil {
		return Started{}, fmt.Errorf("request a sync of %s: %w", req.Tenant, err)
	}
	return started(req.Tenant, id, execution), nil
}

func started(tenant, request string, execution client.WorkflowRun) Started {
	return Started{
		Tenant: tenant, Request: request, Workflow: execution.GetID(), Execution: execution.GetRunID(), Run: execution,
	}
}

// options returns the options of a workflow that an operator starts.
func (c Control) options(id, summary string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: c.TaskQueue, StaticSummary: summary}
}
