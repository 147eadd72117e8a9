package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/schedule"
)

func newPause(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "pause TENANT",
		Short: "Stop the scheduled syncs of a tenant",
		Long: `Pauses a tenant's Schedule, so that no scheduled sync starts. An open sync continues, and
` + "`starter resync`" + ` still works. ` + "`starter apply`" + ` keeps the pause.`,
		Example:           "  starter pause acme",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.setPaused(command.Context(), args[0], true)
		},
	}
}

func newUnpause(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "unpause TENANT",
		Short: "Resume the scheduled syncs of a tenant",
		Long: `Unpauses a tenant's Schedule. The next sync starts at the next scheduled time; syncs missed during
the pause are not made up for. To sync at once, run ` + "`starter resync`" + `.`,
		Example:           "  starter unpause acme",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.setPaused(command.Context(), args[0], false)
		},
	}
}

// paused is the JSON output of pause and unpause.
type paused struct {
	Tenant  string `json:"tenant"`
	Paused  bool   `json:"paused"`
	Changed bool   `json:"changed"`
}

// setPaused pauses or unpauses a tenant's Schedule. The note names the command, not the operator: no personal data
// may reach Temporal.
func (a *app) setPaused(ctx context.Context, id string, pause bool) error {
	if err := a.checkTenant(ctx, id); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	info, err := schedule.Describe(ctx, c, id)
	if err != nil {
		return err
	}
	if !info.Exists {
		return fmt.Errorf("tenant %s has no Schedule: run `starter apply` to create it again", id)
	}
	done := paused{Tenant: id, Paused: pause, Changed: info.Paused != pause}
	if done.Changed && pause {
		err = schedule.Pause(ctx, c, id, "Paused by `starter pause`")
	} else if done.Changed {
		err = schedule.Unpause(ctx, c, id, "Unpaused by `starter unpause`")
	}
	if err != nil {
		return err
	}
	return a.write(done, func() string {
		switch {
		case done.Changed && !pause:
			return fmt.Sprintf("unpaused %s: its scheduled syncs run again\n", id)
		case !pause:
			return id + " was not paused\n"
		case !done.Changed:
			return id + " is already paused\n"
		}
		return id + " is paused\n"
	})
}
