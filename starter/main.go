// Command starter is the operator's command line. It sets up tenants and their Schedules, asks for syncs, and shows
// what happened.
//
// Each command is a file: it declares its flags, reads them, and prints. The work is done by packages under internal,
// which know neither flags nor output formats. Calls between the files go one way:
//
//	main                          run: arguments in, exit status out
//	root                          the commands, by heading
//	apply, check, ...             one file for each command
//	run, completion               the run that an argument names, and what shells complete
//	tenant, request, file         arguments that name a tenant, who asks, files to read
//	app, output, exit             connections, formats, exit statuses
//
// Results go to the standard output as text or JSON. Errors and progress go to the standard error. The exit status is 0
// if the command is done, 1 if something failed, 2 if the command was used wrongly, and 3 if a sync holds removals
// back.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones for machines that have none

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
	root.SetArgs(append([]string{}, args...)) // never nil: cobra would take the arguments of the process
	root.SetOut(out)
	root.SetErr(errOut)
	command, err := root.ExecuteContextC(ctx)
	return exitStatus(ctx, errOut, command.CommandPath(), err)
}
