package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// Preview starts a preview under trial settings on a worker and waits for the result. A tenant has at most one open
// preview. If one is open, Preview waits for it, and returns its result if it has the same trial settings. Otherwise
// Preview then starts its own. A failed preview is a result, not an error.
func (c Control) Preview(
	ctx context.Context, req request.Request, trial tenant.Trial, progress *terminal.Progress,
) (run.Result, error) {
	var err error
	if req.Payload, err = trial.Payload(); err != nil {
		return run.Result{}, err
	}
	req.Verb = "preview"
	id, err := request.Put(ctx, c.Store, req)
	if err != nil {
		return run.Result{}, err
	}
	options := c.options(workflows.PreviewID(req.Tenant), "Preview of "+req.Tenant)
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	for {
		execution, err := c.Temporal.ExecuteWorkflow(ctx, options, workflows.PreviewName,
			workflows.Input{Tenant: req.Tenant, Origin: run.Manual, Request: id})
		var open *serviceerror.WorkflowExecutionAlreadyStarted
		switch {
		case errors.As(err, &open):
			execution = c.Temporal.GetWorkflow(ctx, options.ID, open.RunId)
			result, same, err := c.joinPreview(ctx, execution, req, progress)
			if same || err != nil {
				return result, err
			}
		case err != nil:
			return run.Result{}, fmt.Errorf("start the preview of %s: %w", req.Tenant, err)
		default:
			return c.Monitor().Await(ctx, execution, req.Tenant, progress)
		}
	}
}

// joinPreview waits for an open preview. same reports whether it has the trial settings of req.
func (c Control) joinPreview(
	ctx context.Context, open client.WorkflowRun, req request.Request, progress *terminal.Progress,
) (result run.Result, same bool, err error) {
	result, err = c.Monitor().Await(ctx, open, req.Tenant, progress)
	if err != nil || result.Run == "" {
		return result, false, err
	}
	r, err := c.PreviewRun(ctx, result)
	if err != nil {
		return result, false, err
	}
	joined, err := request.ForRun(ctx, c.Store, r)
	return result, err == nil && string(joined.Payload) == string(req.Payload), err
}

// PreviewRun returns the stored run of a preview. It returns an error if the store has no such run, which happens if
// the worker uses another database.
func (c Control) PreviewRun(ctx context.Context, result run.Result) (run.Run, error) {
	id, err := uuid.Parse(result.Run)
	if err != nil {
		return run.Run{}, fmt.Errorf("preview of %s: its run has no id: %w", result.Tenant, err)
	}
	r, err := c.Store.Run(ctx, result.Tenant, id)
	if err != nil {
		return run.Run{}, fmt.Errorf("preview of %s: run %s (is the worker's ROLLCALL_DATABASE_URL the same?): %w",
			result.Tenant, id, err)
	}
	return r, nil
}
