package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// ErrInterrupted says that Await ended because its context did. The workflow continues.
var ErrInterrupted = errors.New("no longer waiting")

// Await waits for the result of a workflow and shows its progress meanwhile.
//
// If another round follows, the result is that of the last one. A sync that begins to hold removals has its result
// then, since nobody knows for how long it holds them. A round asked for before is in that result: a resync ends every
// hold. A failure is a result too; an error means that the result isn't known.
func (m Monitor) Await(
	ctx context.Context, execution client.WorkflowRun, tenant string, shown *terminal.Progress,
) (run.Result, error) {
	defer shown.Clear()
	var result run.Result
	ended := make(chan error, 1)
	go func() { ended <- execution.Get(ctx, &result) }()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	begun := time.Now()
	for {
		select {
		case err := <-ended:
			if err == nil {
				return result, nil
			}
			if ctx.Err() != nil {
				return run.Result{}, fmt.Errorf("%w; it goes on: see `starter status %s`", ErrInterrupted, tenant)
			}
			return failureResult(tenant, err)
		case <-ticker.C:
			status, err := m.query(ctx, execution.GetID())
			switch {
			case err == nil && status.Step == workflows.Holding && !status.Waiting:
				return status.Result, nil
			case err == nil && status.Step != workflows.Done:
				showProgress(shown, tenant, status)
			case err != nil && ctx.Err() == nil:
				shown.Show(tenant+" waits for a worker", "", time.Since(begun))
			}
		}
	}
}

// failureResult returns the result of a workflow that ended with an error. Most send their result along. If Temporal or a
// person ended the workflow, the result says so.
func failureResult(tenant string, err error) (run.Result, error) {
	result := run.Result{Tenant: tenant, Outcome: run.Failed}
	var (
		application *temporal.ApplicationError
		canceled    *temporal.CanceledError
		ended       *temporal.TerminatedError
		timeout     *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &application):
		var sent run.Result
		if application.HasDetails() && application.Details(&sent) == nil && sent.Outcome != "" {
			return sent, nil
		}
		result.Error = &run.ResultError{Kind: application.Type(), Detail: application.Message()}
	case errors.As(err, &canceled):
		result.Error = &run.ResultError{Kind: "canceled", Detail: "the sync was cancelled", Hint: resyncHint}
	case errors.As(err, &ended):
		result.Error = terminated()
	case errors.As(err, &timeout):
		result.Error = &run.ResultError{Kind: "timed_out", Detail: "the sync took longer than it may", Hint: resyncHint}
	default:
		return run.Result{}, fmt.Errorf("wait for the sync of %s: %w", tenant, err)
	}
	return result, nil
}

const resyncHint = "What it applied stays applied; the next sync does the rest. Start one with `starter resync`."

// terminated is the error of a sync that somebody terminated in the Web UI or with the temporal command line.
func terminated() *run.ResultError {
	return &run.ResultError{Kind: "terminated", Detail: "the sync was terminated before its end", Hint: resyncHint}
}
