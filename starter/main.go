// Command starter is the operator's command line: it puts tenants and their Schedules in place, asks for syncs, and shows
// what happened.
//
// Each command is a file of its own. What they share, they open through an app, when they first need it: the store,
// and the connection to Temporal. Results go to the standard output, as text or JSON; errors and progress to the
// standard error. The exit status is 0 when done, 1 when something failed, 2 when the command was used wrongly, and 3 when
// a sync holds removals back.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones, where the machine has none

	"github.com/rollcall/rollcall/internal/config"
	_ "github.com/rollcall/rollcall/internal/tenant/drivers" // key services by URL
)

// The exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitHeld   = 3
)

// environment is what run takes from the process beside its arguments.
type environment struct {
	lookup  func(name string) (string, bool) // one variable
	environ func() []string                  // all of them, for Temporal's own configuration
	config  func() (config.Config, error)
	stdin   io.Reader
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	env := environment{lookup: os.LookupEnv, environ: os.Environ, config: config.Load, stdin: os.Stdin}
	status := run(ctx, env, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run runs one command and answers with the exit status.
func run(ctx context.Context, env environment, args []string, out, errOut io.Writer) int {
	a := &app{env: env, out: out, errOut: errOut}
	defer a.close()
	root := newRoot(a)
	root.SetArgs(append([]string{}, args...)) // never nil: that would mean the process's own
	root.SetOut(out)
	root.SetErr(errOut)
	command, err := root.ExecuteContextC(ctx)
	var ended *ending
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &ended):
		if ended.err != nil {
			fmt.Fprintln(errOut, "Error:", ended.err)
		}
		return ended.status
	case errors.Is(err, syscall.EPIPE):
		return exitDone // whoever read us, as head does, has enough
	case ctx.Err() != nil:
		fmt.Fprintln(errOut, "Error: interrupted")
		return exitFailed
	case misused(err):
		fmt.Fprintf(errOut, "Error: %v\nSee `%s --help`.\n", err, command.CommandPath())
		return exitUsage
	}
	fmt.Fprintln(errOut, "Error:", err)
	return exitFailed
}

// ending is an error that decides the exit status; with a nil err all has been said.
type ending struct {
	status int
	err    error
}

func (e *ending) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *ending) Unwrap() error { return e.err }

// usageError is a wrong use of a command.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef is a wrong use of a command.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// misused tells whether a command was used wrongly. cobra has no type for an unknown command.
func misused(err error) bool {
	var usage usageError
	return errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command ")
}
