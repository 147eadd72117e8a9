package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/request"
)

func newResync(a *app) *cobra.Command {
	var by, reason string
	var wait bool
	command := &cobra.Command{
		Use:   "resync TENANT",
		Short: "Sync a tenant now",
		Long: `Asks for a sync of a tenant, by hand. If one is open already, another round follows when it ends:
one, however often you ask. Who asked and why is kept with the run, in our database only.

With --wait the command shows progress on the standard error and ends with the result on the
standard output. The exit status is 0 when the tenant is in step, 1 when the sync failed, and 3 as
soon as removals are held because they exceed the guard's limit; then ` + "`starter approve`" + ` or
` + "`starter reject`" + ` decides. Interrupting the command doesn't stop the sync.

A resync replaces a held plan by its own, drops a held undo, and plans removals again that were
rejected or expired.`,
		Example: `  starter resync acme --wait
  starter resync acme --by jo --reason "report fixed, ticket 4711"
  starter resync acme --wait -o json | jq .changes`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if err := a.checkTenant(command.Context(), args[0]); err != nil {
				return err
			}
			return a.resync(command.Context(), a.newRequest(args[0], by, reason), wait)
		},
	}
	command.Flags().StringVar(&by, "by", "", "who asks (default: the name in $USER)")
	command.Flags().StringVar(&reason, "reason", "", "why")
	command.Flags().BoolVar(&wait, "wait", false, "show progress and end with the result")
	return command
}

func (a *app) resync(ctx context.Context, asked request.Request, wait bool) error {
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	started, err := c.Resync(ctx, asked)
	if err != nil {
		return err
	}
	if wait {
		return a.await(ctx, c, started)
	}
	return a.write(started, func() string {
		return fmt.Sprintf("A sync of %[1]s is asked for (workflow %[2]s). Follow it with `starter status %[1]s --watch`.\n",
			started.Tenant, started.Workflow)
	})
}
