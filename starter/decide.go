package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/control"
	runs "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newApprove(a *app) *cobra.Command {
	return a.newDecision(control.Approve, &cobra.Command{
		Use:   "approve TENANT PLAN --by WHO [--only removals|additions|changes]",
		Short: "Approve a held plan",
		Long: `Approves a held plan: its removals, additions and changes, or with --only one of these kinds while
the rest stays held. You name the plan by its id, which ` + "`starter status`" + ` shows. So you approve
exactly what you saw: later changes belong to another plan. The command returns at once. The sync
then reads the directory again and skips what it no longer calls for. An approved undo is applied
as a whole, except for values that have changed since. Who approved and why is stored with the run,
in our database only.`,
		Example: `  starter approve acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "confirmed by HR, ticket 4711"`,
	})
}

func newReject(a *app) *cobra.Command {
	return a.newDecision(control.Reject, &cobra.Command{
		Use:   "reject TENANT PLAN --by WHO",
		Short: "Reject a held plan",
		Long: `Drops a held plan. You name the plan by its id, which ` + "`starter status`" + ` shows. What it held stays
withheld, and reports show it as withheld. A removal can be planned again after the person has been
in the directory again, an addition after the person was absent once, a change when the row says
something else, and all of them after ` + "`starter resync`" + `. Who rejected and why is stored, in our
database only.`,
		Example: `  starter reject acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "the report's filter was wrong"`,
	})
}

// newDecision completes a command that approves or rejects a plan.
func (a *app) newDecision(verb string, command *cobra.Command) *cobra.Command {
	var by, note, only string
	command.Args, command.ValidArgsFunction = cobra.ExactArgs(2), a.completeHeld
	command.RunE = func(command *cobra.Command, args []string) error {
		if err := checkBy(by, "decides"); err != nil {
			return err
		}
		if only != "" && !slices.Contains(runs.Kinds(), runs.Kind(only)) {
			return usagef("--only %s: write removals, additions or changes", only)
		}
		if err := a.checkTenant(command.Context(), args[0]); err != nil {
			return err
		}
		c, err := a.control(command.Context())
		if err != nil {
			return err
		}
		req := a.newRequest(args[0], by, note)
		req.Verb = verb
		decided, err := c.Decide(command.Context(), req, args[1], runs.Kind(only))
		if err != nil {
			return err
		}
		return a.write(decided, func() string { return decidedText(decided) })
	}
	command.Flags().StringVar(&by, "by", "", "who decides (required)")
	command.Flags().StringVar(&note, "note", "", "why")
	if verb == control.Approve {
		command.Flags().StringVar(&only, "only", "", "the kind of changes to approve: removals, additions or changes")
	}
	return command
}

// decidedText says what follows from the decision.
func decidedText(d control.Decided) string {
	held := runs.HeldPlan{Removals: d.Removals, Additions: d.Additions, Changes: d.Changes, Undo: d.Undo}
	changes := terminal.Count(d.Changes, "change", "changes")
	switch approved := d.Decision == control.Approve; {
	case d.Undo && approved:
		return fmt.Sprintf("%[1]s: approved %[2]s of an undo. They are applied now, except what has changed since: "+
			"`starter status %[1]s --watch`.\n"+
			"Scheduled syncs stay paused. Fix the cause, then run `starter unpause %[1]s`.\n", d.Tenant, changes)
	case d.Undo:
		return fmt.Sprintf("%[1]s: rejected an undo of %[2]s. Nothing was applied.\n"+
			"If %[1]s is paused, it stays paused. Run `starter unpause %[1]s` to resume its syncs.\n", d.Tenant,
			changes)
	case approved && d.Only != "":
		return onlyText(d, held)
	case approved:
		return fmt.Sprintf("%[1]s: approved %[2]s. The directory is read again, and what it still calls for "+
			"is applied: `starter status %[1]s --watch`.\n", d.Tenant, held.Text())
	default:
		return fmt.Sprintf("%[1]s: rejected %[2]s. They stay withheld until the directory says something else, or until "+
			"`starter resync %[1]s`.\n", d.Tenant, held.Text())
	}
}

// onlyText says what follows from an approval of one kind of changes.
func onlyText(d control.Decided, held runs.HeldPlan) string {
	approved := runs.HeldPlan{Removals: held.Of(runs.Removals), Additions: held.Of(runs.Additions), Changes: held.Of(runs.Updates)}
	for _, kind := range runs.Kinds() {
		if kind != d.Only {
			approved = approved.Without(kind)
		}
	}
	text := fmt.Sprintf("%s: approved %s. The directory is read again, and what it still calls for is applied. ",
		d.Tenant, approved.Text())
	if rest := held.Without(d.Only); rest.Total() > 0 {
		text += "Still held, under another plan id: " + rest.Text() + ". "
	}
	return text + "See `starter status " + d.Tenant + " --watch`.\n"
}

// completeHeld completes the first argument with the ids of tenants, and the second with the id of the held plan.
func (a *app) completeHeld(
	command *cobra.Command, args []string, typed string,
) (completions, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeTenant(command, args, typed)
	}
	if a.checkTenant(command.Context(), args[0]) != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	c, err := a.control(command.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	s, err := c.Monitor().Status(command.Context(), args[0])
	if err != nil || s.Hold == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	held := cobra.CompletionWithDesc(s.Hold.Plan, s.Hold.Held().Text())
	return completions{held}, cobra.ShellCompDirectiveNoFileComp
}
