package main

import (
	"github.com/spf13/cobra"
)

const longHelp = `Rollcall keeps member profiles in step with customers' HR directories.

A tenant is one customer. tenants.yaml says where its directory is and when to sync it;
` + "`starter apply`" + ` puts that in place. From then on a Temporal Schedule starts the syncs, and these
commands show what they do.

A first day:
  starter apply -f tenants.yaml        set up tenants and Schedules
  starter check acme                   credentials, columns, what is missing
  starter preview acme                 what would a sync change? nothing is written
  starter resync acme --wait           sync now, and watch
  starter report acme -o csv > r.csv   for the customer's Workday admin: which rows to correct

Settings come from the environment: ROLLCALL_* (docs/configuration.md), and TEMPORAL_* as for the
temporal command.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 removals are held.`

// newRoot returns the whole command line.
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
	addGroup(root, "Sync:", newPreview(a), newResync(a), newStatus(a), newApprove(a), newReject(a), newUndo(a))
	addGroup(root, "Look at what happened:",
		newRuns(a), newReport(a), newAlerts(a), newWhy(a), newMembers(a), newGroups(a), newChanges(a))
	addGroup(root, "Forget:", newErase(a))
	for _, command := range root.Commands() {
		command.Args = usageArgs(command.Args)
		if command.Flags().Lookup("output") == nil {
			outputFlag(command, &a.format, textFormat, jsonFormat)
		}
	}
	return root
}

// addGroup adds commands under a heading of the help.
func addGroup(root *cobra.Command, heading string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: heading, Title: heading})
	for _, command := range commands {
		command.GroupID = heading
		root.AddCommand(command)
	}
}

// usageArgs makes a refusal of arguments a wrong use.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := check(command, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
