package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const about = `Rollcall keeps member profiles in step with customers' HR directories.

A tenant is one customer. tenants.yaml says where its directory is and when to sync it; ` + "`starter apply`" + ` puts that in
place. From then on a Temporal Schedule starts its syncs, and these commands show what they do.

A first day:
  starter apply -f tenants.yaml        put tenants and Schedules in place
  starter check acme                   credentials, columns, what is missing
  starter preview acme                 what would a sync change? nothing is written
  starter resync acme --wait           sync now, and watch
  starter report acme -o csv > r.csv   for the customer's Workday admin: which rows to put right

Settings come from the environment: ROLLCALL_* (docs/configuration.md) and TEMPORAL_* as for the temporal command line.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 removals are held.`

// newRoot is the command line.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "starter",
		Short:         "Keep member profiles in step with HR directories",
		Long:          about,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = false
	gather(root, "Set up:", newApply(a), newCheck(a), newTenants(a), newPause(a), newUnpause(a))
	gather(root, "Sync:", newPreview(a), newResync(a), newStatus(a), newApprove(a), newReject(a), newUndo(a))
	gather(root, "Look at what happened:", newRuns(a), newReport(a), newAlerts(a), newWhy(a), newMembers(a), newGroups(a), newChanges(a))
	for _, command := range root.Commands() {
		command.Args = asUsage(command.Args)
		if command.Flags().Lookup("output") == nil {
			outputFlag(command, &a.format, textFormat, jsonFormat)
		}
	}
	return root
}

// gather puts commands under a heading of the help.
func gather(root *cobra.Command, heading string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: heading, Title: heading})
	for _, command := range commands {
		command.GroupID = heading
		root.AddCommand(command)
	}
}

// asUsage makes a refusal of arguments a wrong use.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := check(command, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// The formats of results.
const (
	textFormat = "text"
	jsonFormat = "json"
	csvFormat  = "csv"
	htmlFormat = "html"
)

// outputFlag gives a command its -o; the first format is the default.
func outputFlag(command *cobra.Command, format *string, formats ...string) {
	*format = formats[0]
	command.Flags().VarP(&choice{value: format, among: formats}, "output", "o", "format of the result: "+strings.Join(formats, ", "))
	// The only error is that there is no such flag.
	_ = command.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// choice is a flag whose value is one of a few.
type choice struct {
	value *string
	among []string
}

func (c *choice) String() string { return *c.value }
func (c *choice) Type() string   { return "format" }

func (c *choice) Set(text string) error {
	if !slices.Contains(c.among, text) {
		return fmt.Errorf("write one of %s", strings.Join(c.among, ", "))
	}
	*c.value = text
	return nil
}
