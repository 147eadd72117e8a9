package control

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/workflows"
)

// StartedUndo says which undo was started. As JSON it is what `starter undo -o json` prints.
type StartedUndo struct {
	Started
	Undoes string `json:"undoes"` // the run
	Paused bool   `json:"paused"` // false: the tenant has no Schedule

	Before schedule.Info `json:"-"` // the Schedule, before it was paused
}

// Undo asks for an undo of one run: a plan that takes back what the run did, and that is held for a decision. It pauses
// the tenant's Schedule first, since the next sync would do it all again. It refuses a run that changed nothing, and a
// tenant with an open sync. After an error the Schedule is as it was.
func (c Control) Undo(ctx context.Context, req request.Request, of run.Run) (StartedUndo, error) {
	if err := c.checkChanges(ctx, of); err != nil {
		return StartedUndo{}, err
	}
	if err := c.checkIdle(ctx, req.Tenant); err != nil {
		return StartedUndo{}, err
	}
	before, err := schedule.Describe(ctx, c.Temporal, req.Tenant)
	if err != nil {
		return StartedUndo{}, err
	}
	pauses := before.Exists && !before.Paused
	if pauses {
		note := fmt.Sprintf("paused by undo of run %s; unpause when the cause is mended", of.ID)
		if err := schedule.Pause(ctx, c.Temporal, req.Tenant, note); err != nil {
			return StartedUndo{}, err
		}
	}
	begun, err := c.startUndo(ctx, req, of)
	if err != nil && pauses {
		err = errors.Join(err, schedule.Unpause(ctx, c.Temporal, req.Tenant, "Unpaused: the undo was not started"))
	}
	return StartedUndo{Started: begun, Undoes: of.ID.String(), Paused: before.Exists, Before: before}, err
}

// checkChanges checks that a run applied changes.
func (c Control) checkChanges(ctx context.Context, of run.Run) error {
	if of.Preview {
		return fmt.Errorf("run %s is a preview: it changed nothing", of.ID)
	}
	for _, err := range c.Store.RunChanges(ctx, of.Tenant, of.ID) {
		if err != nil {
			return fmt.Errorf("changes of run %s: %w", of.ID, err)
		}
		return nil
	}
	return fmt.Errorf("run %s changed nothing: there is nothing to undo", of.ID)
}

// checkIdle checks that neither a sync nor an undo of the tenant is open.
func (c Control) checkIdle(ctx context.Context, tenant string) error {
	s, err := c.Monitor().Status(ctx, tenant)
	switch {
	case err != nil:
		return err
	case s.Open && s.Hold != nil:
		return fmt.Errorf("%[1]s holds %[2]s, plan %[3]s: decide about them first "+
			"(`starter reject %[1]s %[3]s --by WHO` drops them), then undo",
			tenant, monitor.HeldCount(s.Hold.Removals, s.Hold.Changes), s.Hold.Plan)
	case s.Open:
		return errBusy(tenant)
	}
	return nil
}

func errBusy(tenant string) error {
	return fmt.Errorf("a sync of %[1]s is open, and an undo never runs beside one: "+
		"wait for its end (`starter status %[1]s --watch`), then undo", tenant)
}

// startUndo starts the workflow under the id of the tenant's sync, so that nothing else can be open there.
func (c Control) startUndo(ctx context.Context, req request.Request, of run.Run) (Started, error) {
	req.Verb = "undo"
	id, err := request.Put(ctx, c.Store, req)
	if err != nil {
		return Started{}, err
	}
	workflow := workflows.SyncID(req.Tenant)
	options := c.options(workflow, "Undo of run "+of.ID.String()+" of "+req.Tenant)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	execution, err := c.Temporal.ExecuteWorkflow(ctx, options, workflows.UndoName,
		workflows.Input{Tenant: req.Tenant, Origin: run.Undo, Request: id, Undoes: of.ID})
	var open *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &open): // since checkIdle
		return Started{}, errBusy(req.Tenant)
	case err != nil:
		return Started{}, fmt.Errorf("start the undo of run %s of %s: %w", of.ID, req.Tenant, err)
	}
	return started(req.Tenant, id, execution), nil
}
