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
		Long: `Requests a sync of a tenant. If a sync is already open, one more round follows it, however many
requests come in meanwhile. Who requested the sync and why is stored with the run, in our database
only.

With --wait the command shows progress on the standard error and prints the result on the standard
output. The exit status is 0 if the sync succeeded and 1 if it failed. It is 3 if removals exceed
the guard's limit and are held: decide with ` + "`starter approve`" + ` or ` + "`starter reject`" + `.
Interrupting the command doesn't stop the sync.

A resync replaces a held plan with a new one, drops a held undo, and plans rejected and expired
removals again.`,
		Example: `  starter resync acme --wait
  starter resync acme --by jo --reason "report fixed, ticket 4711"
  starter resync acme --wait -o json | jq .changes`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if err := checkGivenBy(command, by); err != nil {
				return err
			}
			if err := a.checkTenant(command.Context(), args[0]); err != nil {
				return err
			}
			return a.resync(command.Context(), a.newRequest(args[0], by, reason), wait)
		},
	}
	command.Flags().StringVar(&by, "by", "", "who requests it (default: the name in $USER)")
	command.Flags().StringVar(&reason, "reason", "", "why")
	command.Flags().BoolVar(&wait, "wait", false, "show progress and wait for the result")
	return command
}

func (a *app) resync(ctx context.Context, req request.Request, wait bool) error {
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	started, err := c.Resync(ctx, req)
	if err != nil {
		return err
	}
	if wait {
		return a.await(ctx, c, started)
	}
	return a.write(started, func() string {
		return fmt.Sprintf("Requested a sync of %[1]s (workflow %[2]s). Follow it with `starter status %[1]s "+
			"--watch`.\n",
			started.Tenant, started.Workflow)
	})
}
