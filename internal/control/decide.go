package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/workflows"
)

// The decisions, as Decided.Decision and the verb of a request.
const (
	Approve = workflows.ApproveUpdate
	Reject  = workflows.RejectUpdate
)

// Decided is the result of a decision. Its JSON is the output of `starter approve -o json`.
type Decided struct {
	Tenant    string   `json:"tenant"`
	Decision  string   `json:"decision"` // Approve or Reject
	Plan      string   `json:"plan"`
	Removals  int      `json:"removals"`
	Additions int      `json:"additions"`
	Changes   int      `json:"changes"`        // of an undo: all of them
	Only      run.Kind `json:"only,omitempty"` // the kind that was approved; "": all
	Undo      bool     `json:"undo,omitempty"`
	Request   string   `json:"request"`
}

// decideTimeout is how long a worker may take to answer.
const decideTimeout = 30 * time.Second

// decidePause is the time between two looks at a sync that no worker answers for.
const decidePause = 200 * time.Millisecond

// Decide approves or rejects a held plan, or approves one kind of its changes. The verb of the request is Approve or
// Reject. If the tenant holds no plan or another one, or no change of that kind, Decide returns an error and stores
// nothing.
func (c Control) Decide(ctx context.Context, req request.Request, plan string, only run.Kind) (Decided, error) {
	if err := c.checkHeld(ctx, req.Tenant, plan, only); err != nil {
		return Decided{}, err
	}
	id, err := request.Put(ctx, c.Store, req)
	if err != nil {
		return Decided{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, decideTimeout)
	defer cancel()
	sent, err := c.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.SyncID(req.Tenant), UpdateName: req.Verb, UpdateID: id,
		WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{workflows.Decision{Plan: plan, Request: id, Only: only}},
	})
	var held run.HeldPlan
	if err == nil {
		err = sent.Get(ctx, &held)
	}
	var refused *temporal.ApplicationError
	switch {
	case err == nil:
		return Decided{
			Tenant: req.Tenant, Decision: req.Verb, Plan: held.Plan, Removals: held.Removals, Additions: held.Additions,
			Changes: held.Changes, Only: only, Undo: held.Undo, Request: id,
		}, nil
	case errors.As(err, &refused):
		return Decided{}, fmt.Errorf("%s %s of %s: %s", req.Verb, plan, req.Tenant, refused.Message())
	case schedule.Missing(err):
		return Decided{}, fmt.Errorf("%[1]s has no held plan: see `starter status %[1]s`", req.Tenant)
	default:
		return Decided{}, fmt.Errorf("%[1]s %[2]s of %[3]s (see `starter status %[3]s` for its effect): %[4]w",
			req.Verb, plan, req.Tenant, err)
	}
}

// checkHeld returns an error unless the tenant holds the plan, and changes of the kind only in it, if that isn't "".
func (c Control) checkHeld(ctx context.Context, tenant, plan string, only run.Kind) error {
	m := c.Monitor()
	s, err := m.Status(ctx, tenant)
	// A worker that has just taken over the workflow needs a moment before it answers.
	for began := time.Now(); err == nil && s.Open && s.Step == nil && time.Since(began) < decideTimeout; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(decidePause):
		}
		s, err = m.Status(ctx, tenant)
	}
	switch {
	case err != nil:
		return err
	case !s.Open:
		return fmt.Errorf("%[1]s has no held plan: see `starter status %[1]s`", tenant)
	case s.Step == nil:
		return fmt.Errorf("no worker answers on task queue %s: the decision was not recorded", c.TaskQueue)
	case s.Hold == nil:
		return fmt.Errorf("%[1]s has no held plan while a sync is open: see `starter status %[1]s`", tenant)
	case s.Hold.Plan != plan:
		return fmt.Errorf("%[1]s holds another plan, %[2]s (%[3]s): "+
			"see `starter report %[1]s %[4]s` before you decide",
			tenant, s.Hold.Plan, s.Hold.Held().Text(), s.Hold.Run)
	case only != "" && s.Hold.Held().Of(only) == 0:
		return fmt.Errorf("plan %[2]s of %[1]s holds no %[3]s, so there is nothing to approve: it holds %[4]s",
			tenant, plan, only, s.Hold.Held().Text())
	}
	return nil
}
