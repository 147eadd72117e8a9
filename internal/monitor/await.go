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

// ErrInterrupted is returned by Await if its context ends before the workflow. The workflow continues.
var ErrInterrupted = errors.New("stopped waiting")

// Await waits for the result of a workflow and shows its progress.
//
// If another round follows, Await returns the result of the last round. If a sync begins to hold removals, Await
// returns its result so far, since a hold may last for days. That result includes every round requested earlier, since
// a resync ends a hold. A failed sync is a result. An error means that the result is unknown; it is ErrInterrupted if
// ctx ended.
func (m Monitor) Await(
	ctx context.Context, execution client.WorkflowRun, tenant string, progress *terminal.Progress,
) (run.Result, error) {
	defer progress.Clear()
	var result run.Result
	ended := make(chan error, 1)
	go func() { ended <- execution.Get(ctx, &result) }()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	began := time.Now()
	for {
		select {
		case err := <-ended:
			if err == nil {
				return result, nil
			}
			if ctx.Err() != nil {
				return run.Result{}, fmt.Errorf("%w; the sync continues: see `starter status %s`", ErrInterrupted,
					tenant)
			}
			return failureResult(tenant, err)
		case <-ticker.C:
			status, err := m.query(ctx, execution.GetID())
			switch {
			case err == nil && status.Step == workflows.Holding && !status.Waiting:
				return status.Result, nil
			case err == nil && status.Step != workflows.Done:
				showProgress(progress, tenant, status)
			case err != nil && ctx.Err() == nil:
				progress.Show(tenant+" waits for a worker", "", time.Since(began))
			}
		}
	}
}

// failureResult returns the result of a workflow that ended with an error. A workflow that failed has its result in the
// error. If it was canceled, terminated or timed out, failureResult makes a result that says so.
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
		result.Error = &run.ResultError{Kind: "timed_out", Detail: "the sync exceeded its timeout", Hint: resyncHint}
	default:
		return run.Result{}, fmt.Errorf("wait for the sync of %s: %w", tenant, err)
	}
	return result, nil
}

const resyncHint = "Applied changes stay applied, and the next sync applies the rest. Start one with `starter resync`."

// terminated is the error of a sync that somebody terminated in the Web UI or with the temporal command line.
func terminated() *run.ResultError {
	return &run.ResultError{Kind: "terminated", Detail: "the sync was terminated before its end", Hint: resyncHint}
}
