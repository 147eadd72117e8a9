package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newApprove(a *app) *cobra.Command {
	return a.newDecision(control.Approve, &cobra.Command{
		Use:   "approve TENANT PLAN --by WHO",
		Short: "Release removals that are held",
		Long: `Releases the removals of a held plan. You name the plan by its id (` + "`starter status`" + ` shows it), so
that nothing is released but what you saw: removals that came since are another plan. The answer
comes at once. Then the directory is read again, and people who are back by now are left out. An
undo is released whole, without what has changed since. Who approved and why is kept with the run,
in our database only.`,
		Example: `  starter approve acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "confirmed by HR, ticket 4711"`,
	})
}

func newReject(a *app) *cobra.Command {
	return a.newDecision(control.Reject, &cobra.Command{
		Use:   "reject TENANT PLAN --by WHO",
		Short: "Refuse removals that are held",
		Long: `Drops a held plan, by its id (` + "`starter status`" + ` shows it). Its removals stay withheld, and are
shown as withheld, until those people have been present again, or until a sync by hand. Who
rejected and why is kept, in our database only.`,
		Example: `  starter reject acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "the report's filter was wrong"`,
	})
}

// newDecision completes the command of a decision.
func (a *app) newDecision(verb string, command *cobra.Command) *cobra.Command {
	var by, note string
	command.Args, command.ValidArgsFunction = cobra.ExactArgs(2), a.completeHeld
	command.RunE = func(command *cobra.Command, args []string) error {
		if by == "" {
			return usagef("say who decides: --by WHO")
		}
		if err := a.checkTenant(command.Context(), args[0]); err != nil {
			return err
		}
		c, err := a.control(command.Context())
		if err != nil {
			return err
		}
		asked := a.newRequest(args[0], by, note)
		asked.Verb = verb
		decided, err := c.Decide(command.Context(), asked, args[1])
		if err != nil {
			return err
		}
		return a.write(decided, func() string { return decidedText(decided) })
	}
	command.Flags().StringVar(&by, "by", "", "who decides (required)")
	command.Flags().StringVar(&note, "note", "", "why")
	return command
}

// decidedText says what the decision means.
func decidedText(d control.Decided) string {
	removals, changes := terminal.Count(d.Removals, "removal", "removals"), terminal.Count(d.Changes, "change", "changes")
	switch approved := d.Decision == control.Approve; {
	case d.Changes > 0 && approved:
		return fmt.Sprintf("%[1]s: approved, %[2]s of an undo. As far as they still stand they are applied now: "+
			"`starter status %[1]s --watch`.\n"+
			"Scheduled syncs stay as they are, paused: put the cause right, then `starter unpause %[1]s`.\n", d.Tenant, changes)
	case d.Changes > 0:
		return fmt.Sprintf("%[1]s: rejected, %[2]s: the undo is dropped, and nothing of it was applied.\n"+
			"If %[1]s is paused it stays so: `starter unpause %[1]s` lets its syncs go on.\n", d.Tenant, changes)
	case approved:
		return fmt.Sprintf("%[1]s: approved, %[2]s. A fresh read leaves out who is back, then they are applied: "+
			"`starter status %[1]s --watch`.\n", d.Tenant, removals)
	default:
		return fmt.Sprintf("%s: rejected, %s. They stay withheld until those people have been present again, "+
			"or a resync by hand.\n", d.Tenant, removals)
	}
}

// completeHeld completes the first argument with the tenants and the second with the plan that the tenant holds.
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
	held := cobra.CompletionWithDesc(s.Hold.Plan, terminal.Count(s.Hold.Removals, "removal", "removals"))
	return completions{held}, cobra.ShellCompDirectiveNoFileComp
}
