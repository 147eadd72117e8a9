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

	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/request"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/workflows"
)

func newUndo(a *app) *cobra.Command {
	asked, wait := request.Request{Verb: "undo"}, false
	command := &cobra.Command{
		Use:   "undo TENANT RUN --by WHO",
		Short: "Take back what one run did",
		Long: `Plans from the audit how to take back what one run did, and holds that plan for ` + "`starter approve` or `starter reject`" + `.
Values return to what they were before the run. Members who departed come back, and members who were added depart; nobody
is deleted. Groups and memberships follow. What has changed since is left alone, and deleted members can't be brought back:
` + "`starter report`" + ` lists both.

The command pauses the tenant's Schedule first, since the next sync would do it all again: remove the cause, then
` + "`starter unpause`" + `. An undo never runs beside a sync. A resync by hand drops a held undo. An undo is a run too, and can itself
be undone.

With --wait the command ends once the plan is held, with exit status 3, or 0 if there was nothing to take back.`,
		Example: `  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --reason "wrong report, ticket 4711"
  starter undo acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 --by jo --wait`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeRun,
		RunE: func(command *cobra.Command, args []string) error {
			asked.Tenant = args[0]
			if asked.By == "" {
				return usagef("say who asks for it: --by WHO")
			}
			if err := a.current(command.Context(), asked.Tenant); err != nil {
				return err
			}
			of, err := a.runArgument(command.Context(), asked.Tenant, args[1])
			if err != nil {
				return err
			}
			return a.undo(command.Context(), asked, of, wait)
		},
	}
	command.Flags().StringVar(&asked.By, "by", "", "who asks (required)")
	command.Flags().StringVar(&asked.Reason, "reason", "", "why")
	command.Flags().BoolVar(&wait, "wait", false, "show progress and end with the plan")
	return command
}

// undoLine is what undo prints as JSON if it doesn't wait.
type undoLine struct {
	requested
	Undoes string `json:"undoes"` // the run
	Paused bool   `json:"paused"` // false: the tenant has no Schedule
}

func (a *app) undo(ctx context.Context, asked request.Request, of round.Run, wait bool) error {
	if err := a.changedSomething(ctx, of); err != nil {
		return err
	}
	m, err := a.monitor(ctx)
	if err != nil {
		return err
	}
	if err := checkIdle(ctx, m, asked.Tenant); err != nil {
		return err
	}
	before, err := schedule.Describe(ctx, m.Temporal, asked.Tenant)
	if err != nil {
		return err
	}
	pauses := before.Exists && !before.Paused
	if pauses {
		note := fmt.Sprintf("paused by undo of run %s; unpause when the cause is mended", of.ID)
		if err := schedule.Pause(ctx, m.Temporal, asked.Tenant, note); err != nil {
			return err
		}
	}
	line, execution, err := a.startUndo(ctx, m.Temporal, asked, of.ID)
	if err != nil {
		if pauses {
			err = errors.Join(err, schedule.Unpause(ctx, m.Temporal, asked.Tenant, "Unpaused: the undo was not started"))
		}
		return err
	}
	line.Paused = before.Exists
	if a.format == jsonFormat && !wait {
		return a.writeJSON(line)
	}
	if a.format != jsonFormat {
		if err := a.print("%s", pauseText(asked.Tenant, before)); err != nil {
			return err
		}
	}
	if !wait {
		return a.print("An undo of run %s is asked for (workflow %s). It is held for a decision: `starter status %s` shows its plan.\n",
			of.ID, line.Workflow, asked.Tenant)
	}
	result, err := a.await(ctx, execution, asked.Tenant)
	if err != nil {
		return err
	}
	return a.finish(result)
}

// changedSomething checks that a run applied changes.
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

// checkIdle checks that neither a sync nor an undo of the tenant is open.
func checkIdle(ctx context.Context, m monitor.Monitor, id string) error {
	s, err := m.Status(ctx, id)
	switch {
	case err != nil:
		return err
	case s.Open && s.Hold != nil:
		return fmt.Errorf("%[1]s holds %[2]s, plan %[3]s: decide about them first (`starter reject %[1]s %[3]s --by WHO` drops them), then undo",
			id, monitor.HeldCount(s.Hold.Removals, s.Hold.Changes), s.Hold.Plan)
	case s.Open:
		return errBusy(id)
	}
	return nil
}

func errBusy(id string) error {
	return fmt.Errorf("a sync of %s is open, and an undo never runs beside one: wait for its end (`starter status %s --watch`), then undo", id, id)
}

// startUndo starts the workflow under the id of the tenant's sync, so that nothing else can be open there.
func (a *app) startUndo(ctx context.Context, c client.Client, asked request.Request, of uuid.UUID) (undoLine, client.WorkflowRun, error) {
	id, err := a.request(ctx, asked)
	if err != nil {
		return undoLine{}, nil, err
	}
	workflow := workflows.SyncID(asked.Tenant)
	options := a.startOptions(workflow, "Undo of run "+of.String()+" of "+asked.Tenant)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	execution, err := c.ExecuteWorkflow(ctx, options, workflows.UndoName,
		workflows.Input{Tenant: asked.Tenant, Origin: round.Undo, Request: id, Undoes: of})
	var open *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &open): // since checkIdle
		return undoLine{}, nil, errBusy(asked.Tenant)
	case err != nil:
		return undoLine{}, nil, fmt.Errorf("start the undo of run %s of %s: %w", of, asked.Tenant, err)
	}
	return undoLine{Undoes: of.String(), requested: requested{
		Tenant: asked.Tenant, Request: id, Workflow: workflow, Execution: execution.GetRunID(),
	}}, execution, nil
}

// pauseText says that no sync starts by the clock now.
func pauseText(id string, before schedule.Info) string {
	switch {
	case !before.Exists:
		return id + " has no Schedule, so there is nothing to pause.\n"
	case before.Paused:
		return fmt.Sprintf("%s is paused already. Put the cause right, then `starter unpause %s`: the next sync would do all of it again.\n", id, id)
	default:
		return fmt.Sprintf("%s is paused: the next sync would do all of it again. Put the cause right, then `starter unpause %s`.\n", id, id)
	}
}
