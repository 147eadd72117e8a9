package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// explain turns what a step ended with into what a result says. A step's errors carry kind, detail and hint
// (activities/errors.go); what Temporal itself ends a step with gets a kind of its own.
func explain(err error) *run.ResultError {
	if temporal.IsCanceledError(err) {
		return said(fault.Canceled())
	}
	var terminated *temporal.TerminatedError
	if errors.As(err, &terminated) { // the child of a tick
		return said(fault.Canceled())
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return said(fault.TimedOut(stepOf(err)))
	}
	var application *temporal.ApplicationError
	if !errors.As(err, &application) {
		return said(fault.Internal(err))
	}
	var hint string
	if application.HasDetails() && application.Details(&hint) != nil {
		hint = "" // an older worker's error had other details; the kind still says what it was
	}
	return &run.ResultError{Kind: application.Type(), Detail: application.Message(), Hint: hint}
}

func said(f *fault.Fault) *run.ResultError {
	return &run.ResultError{Kind: string(f.Kind), Detail: f.Detail, Hint: f.Hint}
}

// canceled is err, or that ctx was cancelled before: a step that fails then isn't tried again, whatever it failed with.
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

// failure is the error that a workflow ends with: the fault's kind as its type, the result as its details.
func failure(result run.Result) error {
	return temporal.NewApplicationErrorWithOptions(result.Error.Detail, result.Error.Kind, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      []any{result},
	})
}
