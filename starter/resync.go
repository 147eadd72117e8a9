package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/request"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

func newResync(a *app) *cobra.Command {
	asked, wait := request.Request{Verb: "resync"}, false
	command := &cobra.Command{
		Use:   "resync TENANT",
		Short: "Sync a tenant now",
		Long: `Asks for a sync of a tenant, by hand. If one is open already, another round follows when it ends: one, however often you
ask. Who asked and why is kept with the run, in our database only.

With --wait the command shows progress on the standard error and ends with the result on the standard output. The exit
status is 0 when the tenant is in step, 1 when the sync failed, and 3 as soon as removals are held because they exceed the
guard's limit; then ` + "`starter approve` or `starter reject`" + ` decides. Interrupting the command doesn't stop the sync.

A resync replaces a held plan by its own, drops a held undo, and plans removals again that were rejected or expired.`,
		Example: `  starter resync acme --wait
  starter resync acme --by jo --reason "report fixed, ticket 4711"
  starter resync acme --wait -o json | jq .changes`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			asked.Tenant = args[0]
			return a.resync(command.Context(), asked, wait)
		},
	}
	command.Flags().StringVar(&asked.By, "by", "", "who asks (default: the name in $USER)")
	command.Flags().StringVar(&asked.Reason, "reason", "", "why")
	command.Flags().BoolVar(&wait, "wait", false, "show progress and end with the result")
	return command
}

func (a *app) resync(ctx context.Context, asked request.Request, wait bool) error {
	if err := a.current(ctx, asked.Tenant); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	// Names stay in the store: Temporal sees the request's id alone.
	id, err := a.request(ctx, asked)
	if err != nil {
		return err
	}
	workflow := workflows.SyncID(asked.Tenant)
	execution, err := c.SignalWithStartWorkflow(ctx, workflow, workflows.ResyncSignal,
		workflows.Resync{Origin: round.Manual, Request: id},
		a.startOptions(workflow, "Sync of "+asked.Tenant), workflows.SyncName,
		workflows.Input{Tenant: asked.Tenant, Origin: round.Manual, Request: id})
	if err != nil {
		return fmt.Errorf("ask for a sync of %s: %w", asked.Tenant, err)
	}
	if wait {
		result, err := a.await(ctx, execution, asked.Tenant)
		if err != nil {
			return err
		}
		return a.finish(result)
	}
	line := requested{Tenant: asked.Tenant, Request: id, Workflow: workflow, Execution: execution.GetRunID()}
	return a.write(line, func() string {
		return fmt.Sprintf("A sync of %s is asked for (workflow %s). Follow it with `starter status %s --watch`.\n",
			asked.Tenant, workflow, asked.Tenant)
	})
}
