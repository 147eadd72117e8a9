package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newStatus(a *app) *cobra.Command {
	var watch bool
	command := &cobra.Command{
		Use:   "status TENANT",
		Short: "Show what a tenant's sync is doing",
		Long: `Shows the current step and the counts of the open sync, the plan that it holds, and when that plan
expires. If no sync is open, it shows the result of the last one. With --watch it continues until
you interrupt it. With --watch and -o json it prints a line for each change.`,
		Example: `  starter status acme
  starter status acme --watch`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if err := a.checkTenant(command.Context(), args[0]); err != nil {
				return err
			}
			c, err := a.control(command.Context())
			if err != nil {
				return err
			}
			if watch {
				return a.watch(command.Context(), c.Monitor(), args[0])
			}
			s, err := c.Monitor().Status(command.Context(), args[0])
			if err != nil {
				return err
			}
			return a.write(s, func() string { return s.Text() + pausedText(s) })
		},
	}
	command.Flags().BoolVarP(&watch, "watch", "w", false, "continue until interrupted")
	return command
}

// pausedText says that the tenant is paused, and why. It returns "" if the tenant isn't paused.
func pausedText(s monitor.Status) string {
	switch {
	case !s.Paused:
		return ""
	case s.Note == nil:
		return s.Tenant + " is paused\n"
	default:
		return fmt.Sprintf("%s is paused: %s\n", s.Tenant, *s.Note)
	}
}

// watch shows the syncs of a tenant until it is interrupted. It shows an open sync on the progress line, and prints
// each new result.
func (a *app) watch(ctx context.Context, m monitor.Monitor, tenant string) error {
	progress := terminal.NewProgress(a.out)
	defer progress.Clear()
	for observed, err := range m.Watch(ctx, tenant) {
		switch {
		case err != nil:
			return err
		case a.format == jsonFormat:
			if observed.Changed {
				err = a.writeJSON(observed.Status)
			}
		case observed.Open:
			observed.ShowProgress(progress)
		case observed.Changed:
			progress.Clear()
			err = a.print("%s", observed.Text())
		}
		if err != nil {
			return err
		}
	}
	return nil
}
