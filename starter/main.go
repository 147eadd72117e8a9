// Command starter is the operator's command line. It sets up tenants and their Schedules, requests syncs, and shows
// their results.
//
// Each command has its own file, which declares the flags, reads them and prints the result. Packages under internal do
// the work; they know neither flags nor output formats. Files call only files further down in this list:
//
//	main                          run: takes arguments, returns the exit status
//	root                          all commands, grouped under headings
//	apply, check, ...             one file for each command
//	run, completion               finds the run that an argument names; completes arguments in a shell
//	tenant, request, file         finds a tenant, makes a request, reads a file
//	app, output, exit             connections, output formats, exit statuses
//
// Results go to the standard output as text or JSON. Errors and progress go to the standard error. The exit status is 0
// for success, 1 for a failure, 2 for wrong usage, and 3 if a sync holds removals.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones, for machines without a time zone database

	"github.com/rollcall/rollcall/internal/config"
	_ "github.com/rollcall/rollcall/internal/tenant/drivers" // key services by URL
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	env := environment{lookup: os.LookupEnv, environ: os.Environ, config: config.Load, stdin: os.Stdin}
	status := run(ctx, env, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run runs one command and returns the exit status.
func run(ctx context.Context, env environment, args []string, out, errOut io.Writer) int {
	a := &app{env: env, out: out, errOut: errOut}
	defer a.close()
	root := newRoot(a)
	root.SetArgs(append([]string{}, args...)) // never nil, since cobra would then use os.Args
	root.SetOut(out)
	root.SetErr(errOut)
	command, err := root.ExecuteContextC(ctx)
	return exitStatus(ctx, errOut, command.CommandPath(), err)
}
