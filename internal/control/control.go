// Package control does what operators ask for: a sync by hand, a preview, an undo, a decision about a held plan, an
// erasure.
//
// Each starts as a request in the store: who asks, and why. Only then is Temporal asked, by the request's id alone, so
// that no name and no setting of the customer's reaches it. The store decides in the end: a workflow acts on the
// request that it finds there.
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

// Store keeps requests and erasures, and has the runs of tenants.
type Store interface {
	monitor.Store
	request.Store
	request.PutStore
	// Run returns a tenant's run, or ledger.ErrNotFound.
	Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error)
	// RunChanges iterates over the changes that a run has applied, in order.
	RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[ledger.AuditRow, error]
	PutErasure(ctx context.Context, e ledger.Erasure) error
	DropErasure(ctx context.Context, tenant string, id uuid.UUID) error
}

// Control acts on the tenants of one installation. All fields are required.
type Control struct {
	Store     Store
	Temporal  client.Client
	TaskQueue string // of the workers
}

// Monitor follows what Control starts.
func (c Control) Monitor() monitor.Monitor {
	return monitor.Monitor{Store: c.Store, Temporal: c.Temporal, TaskQueue: c.TaskQueue}
}

// Started says what was started. As JSON it is what `starter resync -o json` prints.
type Started struct {
	Tenant    string `json:"tenant"`
	Request   string `json:"request"`
	Workflow  string `json:"workflow"`
	Execution string `json:"execution"`

	Run client.WorkflowRun `json:"-"` // to wait for its result
}

// Resync asks for a sync by hand. If one is open, it runs another round when it ends.
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
		return Started{}, fmt.Errorf("ask for a sync of %s: %w", req.Tenant, err)
	}
	return started(req.Tenant, id, execution), nil
}

func started(tenant, request string, execution client.WorkflowRun) Started {
	return Started{
		Tenant: tenant, Request: request, Workflow: execution.GetID(), Execution: execution.GetRunID(), Run: execution,
	}
}

// options returns those of a workflow that a person asks for.
func (c Control) options(id, summary string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: c.TaskQueue, StaticSummary: summary}
}
