package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// answer is what somebody decides about a held plan.
type answer struct {
	update string // workflows.ApproveUpdate or workflows.RejectUpdate, which are the verbs too
	tenant string
	plan   string
	by     string
	note   string
}

func newApprove(a *app) *cobra.Command {
	return a.newDecision(answer{update: workflows.ApproveUpdate}, &cobra.Command{
		Use:   "approve TENANT PLAN --by WHO",
		Short: "Release removals that are held",
		Long: `Releases the removals of a held plan. The plan is named by its id (` + "`starter status`" + ` shows it), so that nothing is released
but what was shown: removals that came since are another plan. The answer comes at once. Then the directory is read afresh,
and whoever is back by now is left out. An undo is released whole, less what has changed since.
Who approved and why is kept with the run, in our database only.`,
		Example: `  starter approve acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "confirmed by HR, ticket 4711"`,
	})
}

func newReject(a *app) *cobra.Command {
	return a.newDecision(answer{update: workflows.RejectUpdate}, &cobra.Command{
		Use:   "reject TENANT PLAN --by WHO",
		Short: "Refuse removals that are held",
		Long: `Drops a held plan, by its id (` + "`starter status`" + ` shows it). Its removals stay withheld, and are shown as withheld, until those
people have been present again or somebody asks for a sync by hand. Who rejected and why is kept, in our database only.`,
		Example: `  starter reject acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "the report's filter was wrong"`,
	})
}

// newDecision completes the command of a decision.
func (a *app) newDecision(d answer, command *cobra.Command) *cobra.Command {
	command.Args, command.ValidArgsFunction = cobra.ExactArgs(2), a.completeHeld
	command.RunE = func(command *cobra.Command, args []string) error {
		d.tenant, d.plan = args[0], args[1]
		if d.by == "" {
			return usagef("say who decides: --by WHO")
		}
		return a.decide(command.Context(), d)
	}
	command.Flags().StringVar(&d.by, "by", "", "who decides (required)")
	command.Flags().StringVar(&d.note, "note", "", "why")
	return command
}

// decidedLine is what a decision prints as JSON.
type decidedLine struct {
	Tenant   string `json:"tenant"`
	Decision string `json:"decision"` // approve or reject
	Plan     string `json:"plan"`
	Removals int    `json:"removals"`
	Changes  int    `json:"changes,omitempty"` // of an undo: all
	Request  string `json:"request"`
}

// decidePatience is how long a worker may take to answer.
const decidePatience = 30 * time.Second

func (a *app) decide(ctx context.Context, d answer) error {
	if err := a.current(ctx, d.tenant); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	if err := a.holds(ctx, d); err != nil {
		return err
	}
	// Names stay in the store: Temporal sees the request's id alone.
	request, err := a.request(ctx, d.update, resync{tenant: d.tenant, by: d.by, why: d.note})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, decidePatience)
	defer cancel()
	sent, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.SyncID(d.tenant), UpdateName: d.update, UpdateID: request, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{workflows.Decision{Plan: d.plan, Request: request}},
	})
	var about round.HeldPlan
	if err == nil {
		err = sent.Get(ctx, &about)
	}
	if err != nil {
		return undecided(d, err)
	}
	if a.format == jsonFormat {
		return a.writeJSON(decidedLine{Tenant: d.tenant, Decision: d.update, Plan: about.Plan, Removals: about.Removals, Changes: about.Changes, Request: request})
	}
	if about.Changes > 0 {
		return a.printUndoDecision(d, about)
	}
	count := terminal.Count(about.Removals, "removal", "removals")
	if d.update == workflows.ApproveUpdate {
		return a.print("%s: approved, %s. A fresh read leaves out who is back, then they are applied: `starter status %s --watch`.\n",
			d.tenant, count, d.tenant)
	}
	return a.print("%s: rejected, %s. They stay withheld until those people have been present again, or a resync by hand.\n", d.tenant, count)
}

// holds checks that the plan is held, before anything is kept of the decision.
func (a *app) holds(ctx context.Context, d answer) error {
	s, err := a.status(ctx, d.tenant)
	// A worker that has just taken over from another is asked a little later than it could answer.
	for asked := time.Now(); err == nil && s.Open && s.Step == nil && time.Since(asked) < decidePatience; {
		s, err = a.status(ctx, d.tenant)
	}
	switch {
	case err != nil:
		return err
	case !s.Open:
		return fmt.Errorf("%s holds nothing: `starter status %s` shows how it stands", d.tenant, d.tenant)
	case s.Step == nil:
		return fmt.Errorf("no worker answers on task queue %s: the decision isn't taken", a.settings.TaskQueue)
	case s.Hold == nil:
		return fmt.Errorf("%s holds nothing now; a sync is open: `starter status %s`", d.tenant, d.tenant)
	case s.Hold.Plan != d.plan:
		return fmt.Errorf("%s holds another plan, %s (%s): look at it before you decide, `starter report %s %s`",
			d.tenant, s.Hold.Plan, heldCount(s.Hold.Removals, s.Hold.Changes), d.tenant, s.Hold.Run)
	}
	return nil
}

// undecided says why a decision wasn't taken.
func undecided(d answer, err error) error {
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%s %s of %s: %s", d.update, d.plan, d.tenant, refused.Message())
	case missing(err):
		return fmt.Errorf("%s holds nothing any more: `starter status %s`", d.tenant, d.tenant)
	default:
		return fmt.Errorf("%s %s of %s (whether it was taken, `starter status %s` shows): %w", d.update, d.plan, d.tenant, d.tenant, err)
	}
}

// completeHeld completes the first argument with tenants and the second with the plan that one holds.
func (a *app) completeHeld(command *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeTenant(command, args, typed)
	}
	if a.current(command.Context(), args[0]) != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	if _, err := a.client(command.Context()); err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	s, err := a.status(command.Context(), args[0])
	if err != nil || s.Hold == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	held := cobra.CompletionWithDesc(s.Hold.Plan, terminal.Count(s.Hold.Removals, "removal", "removals"))
	return []cobra.Completion{held}, cobra.ShellCompDirectiveNoFileComp
}
