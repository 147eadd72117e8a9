package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func newUndo(a *app) *cobra.Command {
	var asked resync
	command := &cobra.Command{
		Use:   "undo TENANT RUN --by WHO",
		Short: "Take back what one run did",
		Long: `Plans to take back what one run did, from the audit, and holds that plan for ` + "`starter approve` or `starter reject`" + `:
values are as they were before the run, whoever departed is back, whom it added departs (nobody is deleted), and groups and
memberships likewise. What has changed since is left alone, and people deleted can't be brought back: ` + "`starter report`" + ` lists both.

The tenant's Schedule is paused first, as the next sync would do it all again: put the cause right, then ` + "`starter unpause`" + `.
An undo never runs beside a sync. A resync by hand drops one that is held. An undo is a run too, and can itself be undone.

With --wait the command ends once the plan is held, with exit status 3, or 0 when there was nothing to take back.`,
		Example: `  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --reason "wrong report, ticket 4711"
  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --wait`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeRun,
		RunE: func(command *cobra.Command, args []string) error {
			asked.tenant = args[0]
			if asked.by == "" {
				return usagef("say who asks for it: --by WHO")
			}
			if err := a.current(command.Context(), asked.tenant); err != nil {
				return err
			}
			of, err := chosen(command.Context(), a.kept, args)
			if err != nil {
				return err
			}
			return a.undo(command.Context(), asked, of)
		},
	}
	command.Flags().StringVar(&asked.by, "by", "", "who asks (required)")
	command.Flags().StringVar(&asked.why, "reason", "", "why")
	command.Flags().BoolVar(&asked.wait, "wait", false, "show progress and end with the plan")
	return command
}

// undoLine is what undo prints as JSON when it doesn't wait.
type undoLine struct {
	requested
	Undoes string `json:"undoes"` // the run
	Paused bool   `json:"paused"` // false: the tenant has no Schedule
}

func (a *app) undo(ctx context.Context, asked resync, of round.Run) error {
	if err := a.changedSomething(ctx, of); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	if err := a.idle(ctx, asked.tenant); err != nil {
		return err
	}
	before, err := a.pauseOf(ctx, asked.tenant)
	if err != nil {
		return err
	}
	if before.there && !before.paused {
		note := fmt.Sprintf("paused by undo of run %s; unpause when the cause is mended", of.ID)
		if err := a.schedule(ctx, asked.tenant).Pause(ctx, client.SchedulePauseOptions{Note: note}); err != nil {
			return fmt.Errorf("pause %s: %w", asked.tenant, err)
		}
	}
	line, execution, err := a.startUndo(ctx, c, asked, of.ID)
	if err != nil {
		return errors.Join(err, a.takeBackPause(ctx, asked.tenant, before))
	}
	line.Paused = before.there
	if a.format == jsonFormat && !asked.wait {
		return a.writeJSON(line)
	}
	if a.format != jsonFormat {
		if err := a.print("%s", pauseText(asked.tenant, before)); err != nil {
			return err
		}
	}
	if !asked.wait {
		return a.print("An undo of run %s is asked for (workflow %s). It is held for a decision: `starter status %s` shows its plan.\n",
			of.ID, line.Workflow, asked.tenant)
	}
	result, err := a.await(ctx, c, execution, asked.tenant)
	if err != nil {
		return err
	}
	return a.finish(result)
}

// changedSomething checks that a run did something that can be looked up.
func (a *app) changedSomething(ctx context.Context, of round.Run) error {
	if of.Preview {
		return fmt.Errorf("run %s is a preview: it changed nothing", of.ID)
	}
	for _, err := range a.kept.RunChanges(ctx, of.Tenant, of.ID) {
		if err != nil {
			return fmt.Errorf("changes of run %s: %w", of.ID, err)
		}
		return nil
	}
	return fmt.Errorf("run %s changed nothing: there is nothing to undo", of.ID)
}

// idle checks that neither a sync nor an undo of the tenant is open.
func (a *app) idle(ctx context.Context, id string) error {
	s, err := a.status(ctx, id)
	switch {
	case err != nil:
		return err
	case s.Open && s.Hold != nil:
		return fmt.Errorf("%[1]s holds %[2]s, plan %[3]s: decide about them first (`starter reject %[1]s %[3]s --by WHO` drops them), then undo",
			id, heldCount(s.Hold.Removals, s.Hold.Changes), s.Hold.Plan)
	case s.Open:
		return busy(id)
	}
	return nil
}

func busy(id string) error {
	return fmt.Errorf("a sync of %s is open, and an undo never runs beside one: wait for its end (`starter status %s --watch`), then undo", id, id)
}

// startUndo starts the workflow, under the sync's id: nothing else may be open there.
func (a *app) startUndo(ctx context.Context, c client.Client, asked resync, of uuid.UUID) (undoLine, client.WorkflowRun, error) {
	request, err := a.request(ctx, "undo", asked)
	if err != nil {
		return undoLine{}, nil, err
	}
	id := workflows.SyncID(asked.tenant)
	options := a.startOptions(id, "Undo of run "+of.String()+" of "+asked.tenant)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	execution, err := c.ExecuteWorkflow(ctx, options, workflows.UndoName,
		workflows.Input{Tenant: asked.tenant, Origin: round.Undo, Request: request, Undoes: of})
	var open *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &open): // since we looked
		return undoLine{}, nil, busy(asked.tenant)
	case err != nil:
		return undoLine{}, nil, fmt.Errorf("start the undo of run %s of %s: %w", of, asked.tenant, err)
	}
	line := undoLine{Undoes: of.String(), requested: requested{
		Tenant: asked.tenant, Request: request, Workflow: id, Execution: execution.GetRunID(),
	}}
	return line, execution, nil
}

// pause is how a tenant's Schedule stands.
type pause struct {
	there, paused bool
	note          string
}

func (a *app) schedule(ctx context.Context, id string) client.ScheduleHandle {
	return a.temporal.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(id))
}

func (a *app) pauseOf(ctx context.Context, id string) (pause, error) {
	found, err := a.schedule(ctx, id).Describe(ctx)
	switch {
	case missing(err):
		return pause{}, nil
	case err != nil:
		return pause{}, fmt.Errorf("look at the Schedule of %s: %w", id, err)
	case !found.Schedule.State.Paused:
		return pause{there: true}, nil
	}
	return pause{there: true, paused: true, note: found.Schedule.State.Note}, nil
}

// takeBackPause lets the Schedule go on when no undo came of it.
func (a *app) takeBackPause(ctx context.Context, id string, before pause) error {
	if !before.there || before.paused {
		return nil
	}
	if err := a.schedule(ctx, id).Unpause(ctx, client.ScheduleUnpauseOptions{Note: "Unpaused: the undo was not started"}); err != nil {
		return fmt.Errorf("%s is still paused: %w", id, err)
	}
	return nil
}

// pauseText says that no sync starts by the clock.
func pauseText(id string, before pause) string {
	switch {
	case !before.there:
		return id + " has no Schedule, so there is nothing to pause.\n"
	case before.paused:
		return fmt.Sprintf("%s is paused already. Put the cause right, then `starter unpause %s`: the next sync would do all of it again.\n", id, id)
	default:
		return fmt.Sprintf("%s is paused: the next sync would do all of it again. Put the cause right, then `starter unpause %s`.\n", id, id)
	}
}

func pausedLine(id string, note *string) string {
	line := id + " is paused"
	if note != nil {
		line += ": " + *note
	}
	return line
}

// printUndoDecision prints what somebody decided about an undo.
func (a *app) printUndoDecision(d answer, about round.HeldPlan) error {
	count := terminal.Count(about.Changes, "change", "changes")
	if d.update == workflows.ApproveUpdate {
		return a.print("%[1]s: approved, %[2]s of an undo. As far as they still stand they are applied now: `starter status %[1]s --watch`.\n"+
			"Scheduled syncs stay as they are, paused: put the cause right, then `starter unpause %[1]s`.\n", d.tenant, count)
	}
	return a.print("%[1]s: rejected, %[2]s: the undo is dropped, and nothing of it was applied.\n"+
		"If %[1]s is paused it stays so: `starter unpause %[1]s` lets its syncs go on.\n", d.tenant, count)
}

// decidedUndo are the lines of an undo's result.
func decidedUndo(r round.Result) (lines string) {
	lines = fmt.Sprintf("  undoes   run %s\n", r.Undoes.Run)
	if r.Undoes.Left > 0 {
		lines += fmt.Sprintf("  left     %s of that run left alone: changed since, or not to be undone\n", terminal.Count(r.Undoes.Left, "change", "changes"))
	}
	if r.Held != nil {
		why := "an undo waits for a decision"
		switch {
		case r.Undoes.Replaced:
			why = "somebody asked for a sync instead"
		case r.Outcome == round.Rejected:
			why = "the undo is dropped"
		case r.Outcome == round.Expired:
			why = "nobody decided in time, so the undo is dropped"
		}
		lines += fmt.Sprintf("  %-8s %s not applied: %s; plan %s\n", r.Outcome, terminal.Count(r.Held.Changes, "change", "changes"), why, r.Held.Plan)
	}
	if r.Approved != nil {
		lines += fmt.Sprintf("  approved %s; %d left out, as they changed since; plan %s\n",
			terminal.Count(r.Approved.Removals, "change", "changes"), r.Approved.Left, r.Approved.Plan)
	}
	return lines
}

// heldCount names what is held: removals, or of an undo all changes.
func heldCount(removals, changes int) string {
	if changes > 0 {
		return terminal.Count(changes, "change", "changes") + " of an undo"
	}
	return terminal.Count(removals, "removal", "removals")
}

func kindOf(r round.Result) string {
	if r.Undoes != nil {
		return "undo"
	}
	return "sync"
}
