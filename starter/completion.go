package main

import (
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/terminal"
)

type completions = []cobra.Completion

// completeTenant completes the first argument with the ids of tenants.
func (a *app) completeTenant(command *cobra.Command, args []string, _ string) (completions, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	db, err := a.store(command.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	rows, err := db.Tenants(command.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	names := make(completions, len(rows))
	for i, row := range rows {
		names[i] = cobra.CompletionWithDesc(row.ID, row.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeRun completes the first argument with the ids of tenants, and the second with those of the latest runs.
func (a *app) completeRun(command *cobra.Command, args []string, typed string) (completions, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeTenant(command, args, typed)
	}
	db, err := a.store(command.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	runs, err := db.Runs(command.Context(), args[0], 20)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	ids := make(completions, len(runs))
	for i, r := range runs {
		ids[i] = cobra.CompletionWithDesc(r.ID.String(), terminal.Time(r.Started)+" "+r.OutcomeText())
	}
	return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
