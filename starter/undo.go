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
		Short: "Undo the changes of one run",
		Long: `Makes a plan from the audit that reverses the changes of one run, and holds it for
` + "`starter approve`" + ` or ` + "`starter reject`" + `. The plan restores the values from before the run. Members
who departed return, and members who were added depart; nobody is deleted. Groups and memberships
are restored too. Values that have changed since stay unchanged, and deleted members cannot be
restored: ` + "`starter report`" + ` lists both.

The command first pauses the tenant's Schedule, since the next sync would repeat the changes. Fix
the cause, then run ` + "`starter unpause`" + `. An undo never runs at the same time as a sync, and a resync
drops a held undo. An undo is a run too, and can itself be undone.

With --wait the command ends when the plan is held, with exit status 3. The exit status is 0 if
there was nothing to undo.`,
		Example: `  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --reason "wrong report, ticket 4711"
  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --wait`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeRun,
		RunE: func(command *cobra.Command, args []string) error {
			if err := checkBy(by, "requests the undo"); err != nil {
				return err
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
	command.Flags().StringVar(&by, "by", "", "who requests it (required)")
	command.Flags().StringVar(&reason, "reason", "", "why")
	command.Flags().BoolVar(&wait, "wait", false, "show progress and wait for the plan")
	return command
}

func (a *app) undo(ctx context.Context, req request.Request, of round.Run, wait bool) error {
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	started, err := c.Undo(ctx, req, of)
	if err != nil {
		return err
	}
	if a.format == jsonFormat && !wait {
		return a.writeJSON(started)
	}
	if a.format != jsonFormat {
		if err := a.print("%s", pauseText(req.Tenant, started.Before)); err != nil {
			return err
		}
	}
	if wait {
		return a.await(ctx, c, started.Started)
	}
	return a.print("Requested an undo of run %s (workflow %s). "+
		"Its plan will be held for a decision: `starter status %s` shows it.\n", of.ID, started.Workflow, req.Tenant)
}

// pauseText says that the Schedule is paused, given its state before the command.
func pauseText(id string, before schedule.Info) string {
	switch {
	case !before.Exists:
		return id + " has no Schedule, so there is nothing to pause.\n"
	case before.Paused:
		return fmt.Sprintf("%[1]s is already paused. Fix the cause before you run `starter unpause %[1]s`: "+
			"the next sync would repeat the changes.\n", id)
	default:
		return fmt.Sprintf("%[1]s is paused, since the next sync would repeat the changes. "+
			"Fix the cause, then run `starter unpause %[1]s`.\n", id)
	}
}
