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

// ending is an error that decides the exit status. A nil err means that the command has printed everything.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usageError is a wrong use of a command.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef formats a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitStatus prints the error that a command ended with, if any, and returns the exit status.
func exitStatus(ctx context.Context, errOut io.Writer, command string, err error) int {
	var ended *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &ended):
		if ended.err != nil {
			fmt.Fprintln(errOut, "Error:", ended.err)
		}
		return ended.status
	case errors.Is(err, monitor.ErrInterrupted):
		fmt.Fprintln(errOut, "Error:", err)
		return exitFailed
	case errors.Is(err, syscall.EPIPE):
		return exitDone // the reader, such as head, has read enough
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

// misused tells whether a command was used wrongly. cobra has no type for an unknown command.
func isUsageError(err error) bool {
	var usage usageError
	return errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command ")
}

// withHint adds the hint of a fault: what to do about it.
func withHint(err error) error {
	if f, ok := fault.Of(err); ok && f.Hint != "" {
		return fmt.Errorf("%w. %s", err, f.Hint)
	}
	return err
}
