package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/request"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
)

func newUndo(a *app) *cobra.Command {
	var by, reason string
	var wait bool
	command := &cobra.Command{
		Use:   "undo TENANT RUN --by WHO",
		Short: "Take back what one run did",
		Long: `Plans from the audit how to take back what one run did, and holds that plan for ` + "`starter approve`" + `
or ` + "`starter reject`" + `. Values return to what they were before the run. Members who departed come
back, and members who were added depart; nobody is deleted. Groups and memberships follow. What
has changed since is left alone, and deleted members can't be brought back: ` + "`starter report`" + ` lists
both.

The command pauses the tenant's Schedule first, since the next sync would do it all again: remove
the cause, then ` + "`starter unpause`" + `. An undo never runs beside a sync. A resync by hand drops a held
undo. An undo is a run too, and can itself be undone.

With --wait the command ends once the plan is held, with exit status 3, or 0 if there was nothing
to take back.`,
		Example: `  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --reason "wrong report, ticket 4711"
  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --wait`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeRun,
		RunE: func(command *cobra.Command, args []string) error {
			if by == "" {
				return usagef("say who asks for it: --by WHO")
			}
			if err := a.checkTenant(command.Context(), args[0]); err != nil {
				return err
			}
			of, err := a.runArgument(command.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return a.undo(command.Context(), a.newRequest(args[0], by, reason), of, wait)
		},
	}
	command.Flags().StringVar(&by, "by", "", "who asks (required)")
	command.Flags().StringVar(&reason, "reason", "", "why")
	command.Flags().BoolVar(&wait, "wait", false, "show progress and end with the plan")
	return command
}

func (a *app) undo(ctx context.Context, asked request.Request, of round.Run, wait bool) error {
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	undoing, err := c.Undo(ctx, asked, of)
	if err != nil {
		return err
	}
	if a.format == jsonFormat && !wait {
		return a.writeJSON(undoing)
	}
	if a.format != jsonFormat {
		if err := a.print("%s", pauseText(asked.Tenant, undoing.Before)); err != nil {
			return err
		}
	}
	if wait {
		return a.await(ctx, c, undoing.Started)
	}
	return a.print("An undo of run %s is asked for (workflow %s). "+
		"It is held for a decision: `starter status %s` shows its plan.\n", of.ID, undoing.Workflow, asked.Tenant)
}

// pauseText says that no sync starts by the clock now.
func pauseText(id string, before schedule.Info) string {
	switch {
	case !before.Exists:
		return id + " has no Schedule, so there is nothing to pause.\n"
	case before.Paused:
		return fmt.Sprintf("%[1]s is paused already. Put the cause right, then `starter unpause %[1]s`: "+
			"the next sync would do all of it again.\n", id)
	default:
		return fmt.Sprintf("%[1]s is paused: the next sync would do all of it again. "+
			"Put the cause right, then `starter unpause %[1]s`.\n", id)
	}
}
