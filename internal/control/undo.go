package control

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/workflows"
)

// StartedUndo identifies a started undo. Its JSON is the output of `starter undo -o json`.
type StartedUndo struct {
	Started
	Undoes string `json:"undoes"` // the run
	Paused bool   `json:"paused"` // false: the tenant has no Schedule

	Before schedule.Info `json:"-"` // the Schedule before Undo paused it
}

// Undo requests an undo of one run: a plan that reverses the changes of the run and is held for a decision. Undo first
// pauses the tenant's Schedule, since the next sync would repeat the changes. It returns an error if the run changed
// nothing or if a sync of the tenant is open. After an error the Schedule has its previous state.
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
	pause := before.Exists && !before.Paused
	if pause {
		note := fmt.Sprintf("paused by undo of run %s; unpause after the cause is fixed", of.ID)
		if err := schedule.Pause(ctx, c.Temporal, req.Tenant, note); err != nil {
			return StartedUndo{}, err
		}
	}
	started, err := c.startUndo(ctx, req, of)
	if err != nil && pause {
		err = errors.Join(err, schedule.Unpause(ctx, c.Temporal, req.Tenant, "Unpaused: the undo was not started"))
	}
	return StartedUndo{Started: started, Undoes: of.ID.String(), Paused: before.Exists, Before: before}, err
}

// checkChanges returns an error unless the run applied a change.
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

// checkIdle returns an error if a sync or an undo of the tenant is open.
func (c Control) checkIdle(ctx context.Context, tenant string) error {
	s, err := c.Monitor().Status(ctx, tenant)
	switch {
	case err != nil:
		return err
	case s.Open && s.Hold != nil:
		return fmt.Errorf("%[1]s holds %[2]s, plan %[3]s: approve or reject them before the undo "+
			"(`starter reject %[1]s %[3]s --by WHO` drops them)",
			tenant, s.Hold.Held().Text(), s.Hold.Plan)
	case s.Open:
		return errBusy(tenant)
	}
	return nil
}

func errBusy(tenant string) error {
	return fmt.Errorf("a sync of %[1]s is open, and an undo cannot run at the same time: "+
		"wait for its end (`starter status %[1]s --watch`), then undo", tenant)
}

// startUndo starts the workflow with the id of the tenant's sync, so that a sync and an undo cannot be open together.
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
	case errors.As(err, &open): // started after checkIdle
		return Started{}, errBusy(req.Tenant)
	case err != nil:
		return Started{}, fmt.Errorf("start the undo of run %s of %s: %w", of.ID, req.Tenant, err)
	}
	return started(req.Tenant, id, execution), nil
}
