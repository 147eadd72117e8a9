package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/workflows"
)

func newPause(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "pause TENANT",
		Short: "Stop the scheduled syncs of a tenant",
		Long: `Pauses a tenant's Schedule: no further sync starts by the clock. A sync that is open goes on, and ` + "`starter resync`" + `
still works. ` + "`starter apply`" + ` keeps the pause.`,
		Example:           "  starter pause acme",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.setPaused(command.Context(), args[0], true)
		},
	}
}

// paused is what pause and unpause print as JSON.
type paused struct {
	Tenant  string `json:"tenant"`
	Paused  bool   `json:"paused"`
	Changed bool   `json:"changed"`
}

// setPaused pauses a tenant's Schedule or lets it go on. The note says how, never who: names stay out of Temporal.
func (a *app) setPaused(ctx context.Context, id string, pause bool) error {
	if err := a.current(ctx, id); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	handle := c.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(id))
	found, err := handle.Describe(ctx)
	if missing(err) {
		return fmt.Errorf("tenant %s has no Schedule: run `starter apply` to make it again", id)
	}
	if err != nil {
		return fmt.Errorf("look at the Schedule of %s: %w", id, err)
	}
	done := paused{Tenant: id, Paused: pause, Changed: found.Schedule.State.Paused != pause}
	if done.Changed && pause {
		err = handle.Pause(ctx, client.SchedulePauseOptions{Note: "Paused by `starter pause`"})
	} else if done.Changed {
		err = handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: "Unpaused by `starter unpause`"})
	}
	if err != nil {
		return fmt.Errorf("change the Schedule of %s: %w", id, err)
	}
	if a.format == jsonFormat {
		return a.writeJSON(done)
	}
	word := map[bool]string{true: "paused", false: "not paused"}[pause]
	if !done.Changed {
		word += " already"
	}
	return a.print("%s is %s\n", id, word)
}
