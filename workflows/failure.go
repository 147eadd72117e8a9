package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// explain turns the error of a step into the error of a result. A step's own errors carry kind, detail and hint
// (activities/errors.go). Errors with which Temporal itself ends a step have kinds of their own.
func explain(err error) *run.ResultError {
	if temporal.IsCanceledError(err) {
		return resultError(fault.Canceled())
	}
	var terminated *temporal.TerminatedError
	if errors.As(err, &terminated) { // the child of a tick
		return resultError(fault.Canceled())
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return resultError(fault.TimedOut(stepOf(err)))
	}
	var application *temporal.ApplicationError
	if !errors.As(err, &application) {
		return resultError(fault.Internal(err))
	}
	var hint string
	if application.HasDetails() && application.Details(&hint) != nil {
		hint = "" // an older worker's error had other details; the kind still says what it was
	}
	return &run.ResultError{Kind: application.Type(), Detail: application.Message(), Hint: hint}
}

func resultError(f *fault.Fault) *run.ResultError {
	return &run.ResultError{Kind: string(f.Kind), Detail: f.Detail, Hint: f.Hint}
}

// explained is the error of a workflow without a result: its type is the fault's kind.
func explained(err error) error {
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	shown := explain(err)
	return temporal.NewNonRetryableApplicationError(shown.Detail, shown.Kind, nil, shown.Hint)
}

// canceled returns the cancellation of ctx if a step failed after it. Otherwise it returns err.
func canceled(ctx workflow.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// stepOf is the name of the activity that err ended.
func stepOf(err error) string {
	var step *temporal.ActivityError
	if errors.As(err, &step) {
		return step.ActivityType().GetName()
	}
	return "a step"
}

// failure is the error of a workflow with a result: its type is the fault's kind, its details are the result.
func failure(result run.Result) error {
	options := temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{result}}
	return temporal.NewApplicationErrorWithOptions(result.Error.Detail, result.Error.Kind, options)
}
