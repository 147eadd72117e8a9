package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

// stepError turns a step's error into Temporal's. This is the only place that does. Temporal sees a fault's kind,
// detail and hint. Of any other error it sees only the types, because the text may hold personal data.
//
// A step that has made no progress for the time stall isn't tried again. last returns the time of the last progress.
func (a *Activities) stepError(ctx context.Context, err error, last func() time.Time, stall time.Duration) error {
	if cause := context.Cause(ctx); cause != nil {
		var canceled *temporal.CanceledError
		if errors.As(cause, &canceled) {
			return context.Canceled // asked for by the workflow
		}
		return applicationError(fault.Interrupted())
	}
	f := faultOf(err)
	if f.Kind == fault.KindInternal {
		activity.GetLogger(ctx).Error("a step ended with an error of no known kind",
			"types", typesOf(f.Cause), "stack", stackOf(f.Cause))
	}
	if f.Retry && stall > 0 && a.now().Sub(last()) >= stall {
		f = fault.Stalled(stall, f)
	}
	return applicationError(f)
}

// faultOf returns the fault that err is, or the one that describes it.
func faultOf(err error) *fault.Fault {
	if f, ok := fault.Of(err); ok {
		return f
	}
	var collision *plan.CollisionError
	var unavailable *ledger.UnavailableError
	var newer *wire.VersionError
	switch {
	case errors.As(err, &newer):
		return fault.NewerRelease(err)
	case errors.As(err, &unavailable):
		return fault.StoreUnavailable(err)
	case errors.Is(err, ledger.ErrSuperseded):
		return fault.Superseded("another attempt or another run has taken over")
	case errors.As(err, &collision):
		return fault.KeyCollision()
	default:
		return fault.Internal(err)
	}
}

// applicationError returns the error that Temporal sees. It leaves out the fault's cause.
func applicationError(f *fault.Fault) error {
	return temporal.NewApplicationErrorWithOptions(f.Detail, string(f.Kind), temporal.ApplicationErrorOptions{
		NonRetryable:   !f.Retry,
		NextRetryDelay: f.After,
		Details:        []any{f.Hint},
	})
}

// lastProgress returns when the step last came further than any attempt before. For a step with stages the store knows
// that. Otherwise, or if the store can't be read, it is the time in the last heartbeat, or the time when the step was
// scheduled.
func (a *Activities) lastProgress(ctx context.Context, round run.Round, stages []string, p *progress) time.Time {
	var last time.Time
	for _, name := range stages {
		if kept, err := a.Stages.Stage(ctx, round.Run, name); err == nil && kept.ProgressAt.After(last) {
			last = kept.ProgressAt
		}
	}
	if !last.IsZero() {
		return last
	}
	if at := p.Last(); !at.IsZero() {
		return at
	}
	return activity.GetInfo(ctx).ScheduledTime
}

// typesOf returns the names of the types in err's chain. They hold nothing personal.
func typesOf(err error) string {
	var names []string
	for err != nil && len(names) < maxTypes {
		names = append(names, fmt.Sprintf("%T", err))
		switch wrapped := err.(type) { //nolint:errorlint // the chain is walked by hand
		case interface{ Unwrap() error }:
			err = wrapped.Unwrap()
		case interface{ Unwrap() []error }:
			if all := wrapped.Unwrap(); len(all) > 0 {
				err = all[0]
			} else {
				err = nil
			}
		default:
			err = nil
		}
	}
	return strings.Join(names, " > ")
}

const maxTypes = 16

// stackOf returns the stack of the panic that err wraps, or "".
func stackOf(err error) string {
	var panicked *stage.PanicError
	if errors.As(err, &panicked) {
		return panicked.Stack
	}
	return ""
}
