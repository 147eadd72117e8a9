package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/request"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// decision is what somebody decides about a held plan.
type decision struct {
	verb   string // workflows.ApproveUpdate or workflows.RejectUpdate
	tenant string
	plan   string
	by     string
	note   string
}

func newApprove(a *app) *cobra.Command {
	return a.newDecision(decision{verb: workflows.ApproveUpdate}, &cobra.Command{
		Use:   "approve TENANT PLAN --by WHO",
		Short: "Release removals that are held",
		Long: `Releases the removals of a held plan. You name the plan by its id (` + "`starter status`" + ` shows it), so that nothing is released
but what you saw: removals that came since are another plan. The answer comes at once. Then the directory is read again, and
people who are back by now are left out. An undo is released whole, without what has changed since.
Who approved and why is kept with the run, in our database only.`,
		Example: `  starter approve acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "confirmed by HR, ticket 4711"`,
	})
}

func newReject(a *app) *cobra.Command {
	return a.newDecision(decision{verb: workflows.RejectUpdate}, &cobra.Command{
		Use:   "reject TENANT PLAN --by WHO",
		Short: "Refuse removals that are held",
		Long: `Drops a held plan, by its id (` + "`starter status`" + ` shows it). Its removals stay withheld, and are shown as withheld, until those
people have been present again or somebody asks for a sync by hand. Who rejected and why is kept, in our database only.`,
		Example: `  starter reject acme 1f0c6a9e3b7d4852a6c1e0d9b8f7a653 --by jo --note "the report's filter was wrong"`,
	})
}

// newDecision completes the command of a decision.
func (a *app) newDecision(d decision, command *cobra.Command) *cobra.Command {
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

// decided is what a decision prints as JSON.
type decided struct {
	Tenant   string `json:"tenant"`
	Decision string `json:"decision"` // approve or reject
	Plan     string `json:"plan"`
	Removals int    `json:"removals"`
	Changes  int    `json:"changes,omitempty"` // of an undo: all
	Request  string `json:"request"`
}

// decideTimeout is how long a worker may take to answer.
const decideTimeout = 30 * time.Second

func (a *app) decide(ctx context.Context, d decision) error {
	if err := a.current(ctx, d.tenant); err != nil {
		return err
	}
	m, err := a.monitor(ctx)
	if err != nil {
		return err
	}
	if err := checkHeld(ctx, m, d); err != nil {
		return err
	}
	// Names stay in the store: Temporal sees the request's id alone.
	id, err := a.request(ctx, request.Request{Tenant: d.tenant, Verb: d.verb, By: d.by, Reason: d.note})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, decideTimeout)
	defer cancel()
	sent, err := m.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.SyncID(d.tenant), UpdateName: d.verb, UpdateID: id, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{workflows.Decision{Plan: d.plan, Request: id}},
	})
	var held round.HeldPlan
	if err == nil {
		err = sent.Get(ctx, &held)
	}
	if err != nil {
		return undecided(d, err)
	}
	line := decided{Tenant: d.tenant, Decision: d.verb, Plan: held.Plan, Removals: held.Removals, Changes: held.Changes, Request: id}
	return a.write(line, func() string { return d.text(held) })
}

// text says what the decision means.
func (d decision) text(held round.HeldPlan) string {
	removals, changes := terminal.Count(held.Removals, "removal", "removals"), terminal.Count(held.Changes, "change", "changes")
	approved := d.verb == workflows.ApproveUpdate
	switch {
	case held.Changes > 0 && approved:
		return fmt.Sprintf("%[1]s: approved, %[2]s of an undo. As far as they still stand they are applied now: `starter status %[1]s --watch`.\n"+
			"Scheduled syncs stay as they are, paused: put the cause right, then `starter unpause %[1]s`.\n", d.tenant, changes)
	case held.Changes > 0:
		return fmt.Sprintf("%[1]s: rejected, %[2]s: the undo is dropped, and nothing of it was applied.\n"+
			"If %[1]s is paused it stays so: `starter unpause %[1]s` lets its syncs go on.\n", d.tenant, changes)
	case approved:
		return fmt.Sprintf("%[1]s: approved, %[2]s. A fresh read leaves out who is back, then they are applied: `starter status %[1]s --watch`.\n",
			d.tenant, removals)
	default:
		return fmt.Sprintf("%s: rejected, %s. They stay withheld until those people have been present again, or a resync by hand.\n",
			d.tenant, removals)
	}
}

// checkHeld checks that the plan is held, before anything is kept of the decision.
func checkHeld(ctx context.Context, m monitor.Monitor, d decision) error {
	s, err := m.Status(ctx, d.tenant)
	// A worker that has just taken over from another needs a moment before it answers.
	for asked := time.Now(); err == nil && s.Open && s.Step == nil && time.Since(asked) < decideTimeout; {
		s, err = m.Status(ctx, d.tenant)
	}
	switch {
	case err != nil:
		return err
	case !s.Open:
		return fmt.Errorf("%s holds nothing: `starter status %s` shows how it stands", d.tenant, d.tenant)
	case s.Step == nil:
		return fmt.Errorf("no worker answers on task queue %s: the decision isn't taken", m.TaskQueue)
	case s.Hold == nil:
		return fmt.Errorf("%s holds nothing now; a sync is open: `starter status %s`", d.tenant, d.tenant)
	case s.Hold.Plan != d.plan:
		return fmt.Errorf("%s holds another plan, %s (%s): look at it before you decide, `starter report %s %s`",
			d.tenant, s.Hold.Plan, monitor.HeldCount(s.Hold.Removals, s.Hold.Changes), d.tenant, s.Hold.Run)
	}
	return nil
}

// undecided says why a decision wasn't taken.
func undecided(d decision, err error) error {
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%s %s of %s: %s", d.verb, d.plan, d.tenant, refused.Message())
	case schedule.Missing(err):
		return fmt.Errorf("%s holds nothing any more: `starter status %s`", d.tenant, d.tenant)
	default:
		return fmt.Errorf("%s %s of %s (whether it was taken, `starter status %s` shows): %w", d.verb, d.plan, d.tenant, d.tenant, err)
	}
}

// completeHeld completes the first argument with the tenants and the second with the plan that the tenant holds.
func (a *app) completeHeld(command *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeTenant(command, args, typed)
	}
	if a.current(command.Context(), args[0]) != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	m, err := a.monitor(command.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	s, err := m.Status(command.Context(), args[0])
	if err != nil || s.Hold == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	held := cobra.CompletionWithDesc(s.Hold.Plan, terminal.Count(s.Hold.Removals, "removal", "removals"))
	return []cobra.Completion{held}, cobra.ShellCompDirectiveNoFileComp
}
