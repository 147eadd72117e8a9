package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/monitor"
)

// The exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitHeld   = 3
)

// exitError is an error with an exit status. If err is nil, the command has printed all there is to say.
type exitError struct {
	status int
	err    error
}

// Error returns the text of the wrapped error, or the exit status.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

// Unwrap returns the wrapped error, which may be nil.
func (e *exitError) Unwrap() error { return e.err }

// usageError reports wrong usage of a command.
type usageError struct{ err error }

// Error returns the text of the wrapped error.
func (e usageError) Error() string { return e.err.Error() }

// Unwrap returns the wrapped error.
func (e usageError) Unwrap() error { return e.err }

// usagef returns a usageError with a formatted message.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitStatus prints the error of a command, if any, and returns the exit status.
func exitStatus(ctx context.Context, errOut io.Writer, command string, err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintln(errOut, "Error:", exit.err)
		}
		return exit.status
	case errors.Is(err, monitor.ErrInterrupted):
		fmt.Fprintln(errOut, "Error:", err)
		return exitFailed
	case errors.Is(err, syscall.EPIPE):
		return exitDone // the reader of our output, such as head, has stopped reading
	case ctx.Err() != nil:
		fmt.Fprintln(errOut, "Error: interrupted")
		return exitFailed
	case isUsageError(err):
		fmt.Fprintf(errOut, "Error: %v\nSee `%s --help`.\n", err, command)
		return exitUsage
	}
	fmt.Fprintln(errOut, "Error:", err)
	return exitFailed
}

// isUsageError reports whether a command was used wrongly. cobra has no error type for an unknown command.
func isUsageError(err error) bool {
	var usage usageError
	return errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command ")
}

// withHint adds the hint of a fault, which says what to do about it.
func withHint(err error) error {
	if f, ok := fault.Of(err); ok && f.Hint != "" {
		return fmt.Errorf("%w. %s", err, f.Hint)
	}
	return err
}
