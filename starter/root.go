package main

import (
	"github.com/spf13/cobra"
)

const longHelp = `Rollcall keeps member profiles in step with customers' HR directories.

A tenant is one customer. tenants.yaml says where its directory is and when to sync it.
` + "`starter apply`" + ` sets up a Temporal Schedule that then starts the syncs. The other commands
start, show and correct syncs.

First steps:
  starter apply -f tenants.yaml        set up tenants and Schedules
  starter check acme                   test credentials and columns, list what is missing
  starter preview acme                 show what a sync would change; nothing is written
  starter resync acme --wait           sync now and wait for the result
  starter report acme -o csv > r.csv   rows to correct, for the customer's Workday admin

Settings come from the environment: ROLLCALL_* (docs/configuration.md), and TEMPORAL_* as for the
temporal command line.

Exit status: 0 success, 1 failure, 2 wrong usage, 3 changes are held.`

// newRoot returns the root command with all commands added.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "starter",
		Short:         "Keep member profiles in step with HR directories",
		Long:          longHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = false
	addGroup(root, "Set up:", newApply(a), newCheck(a), newTenants(a), newPause(a), newUnpause(a))
	addGroup(root, "Sync:", newPreview(a), newResync(a), newStatus(a), newApprove(a), newReject(a), newUndo(a),
		newLink(a), newUnlink(a))
	addGroup(root, "Inspect:",
		newRuns(a), newReport(a), newAlerts(a), newWhy(a), newMembers(a), newGroups(a), newChanges(a))
	addGroup(root, "Erase:", newErase(a))
	for _, command := range root.Commands() {
		command.Args = usageArgs(command.Args)
		if command.Flags().Lookup("output") == nil {
			outputFlag(command, &a.format, textFormat, jsonFormat)
		}
	}
	return root
}

// addGroup adds commands under one heading of the help text.
func addGroup(root *cobra.Command, heading string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: heading, Title: heading})
	for _, command := range commands {
		command.GroupID = heading
		root.AddCommand(command)
	}
}

// usageArgs turns an error of check into a usageError.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := check(command, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
