package main

import "github.com/spf13/cobra"

func newUnpause(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "unpause TENANT",
		Short: "Let the scheduled syncs of a tenant go on",
		Long: `Lets a paused Schedule go on with its next time. Times that passed meanwhile are not made up for: ` + "`starter resync`" + `
syncs at once.`,
		Example:           "  starter unpause acme",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.setPaused(command.Context(), args[0], false)
		},
	}
}
