package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

const (
	pollEvery    = 500 * time.Millisecond // how often an open sync is asked how far it is
	pollPatience = 5 * time.Second        // how long it may take to answer
)

// await waits for the result of a workflow, showing progress meanwhile. A round that was followed by another one counts
// no more: the result is that of the last. A sync that begins to hold removals has its result then: whoever asked before
// it did so has their own round in it, as a resync ends every hold.
func (a *app) await(ctx context.Context, c client.Client, execution client.WorkflowRun, id string) (round.Result, error) {
	shown := terminal.NewProgress(a.errOut)
	defer shown.Clear()
	var result round.Result
	ended := make(chan error, 1)
	go func() { ended <- execution.Get(ctx, &result) }()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	begun := time.Now()
	for {
		select {
		case err := <-ended:
			if err == nil {
				return result, nil
			}
			if ctx.Err() != nil {
				return round.Result{}, &ending{exitFailed, fmt.Errorf("no longer waiting; it goes on: see `starter status %s`", id)}
			}
			return failed(id, err)
		case <-ticker.C:
			status, err := ask(ctx, c, execution.GetID())
			switch {
			case err == nil && status.Step == workflows.Holding && !status.Waiting:
				return status.Result, nil // nobody knows for how long
			case err == nil && status.Step != workflows.Done:
				showStatus(shown, id, status)
			case err != nil && ctx.Err() == nil:
				shown.Show(id+" waits for a worker", "", time.Since(begun))
			}
		}
	}
}

// ask asks a workflow how far it is; without a worker nobody answers.
func ask(ctx context.Context, c client.Client, workflow string) (workflows.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, pollPatience)
	defer cancel()
	var status workflows.Status
	value, err := c.QueryWorkflow(ctx, workflow, "", workflows.StatusQuery)
	if err == nil {
		err = value.Get(&status)
	}
	if err != nil {
		return workflows.Status{}, fmt.Errorf("ask %s for its status: %w", workflow, err)
	}
	return status, nil
}

// failed is the result of a workflow that ended with an error: its own, which it sends along, or where Temporal or a
// person ended it one that says so.
func failed(id string, err error) (round.Result, error) {
	result := round.Result{Tenant: id, Outcome: round.Failed}
	var (
		application *temporal.ApplicationError
		canceled    *temporal.CanceledError
		ended       *temporal.TerminatedError
		timeout     *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &application):
		var sent round.Result
		if application.HasDetails() && application.Details(&sent) == nil && sent.Outcome != "" {
			return sent, nil
		}
		result.Error = &round.ResultError{Kind: application.Type(), Detail: application.Message()}
	case errors.As(err, &canceled):
		result.Error = &round.ResultError{Kind: "canceled", Detail: "the sync was cancelled", Hint: again}
	case errors.As(err, &ended):
		result.Error = terminated()
	case errors.As(err, &timeout):
		result.Error = &round.ResultError{Kind: "timed_out", Detail: "the sync took longer than it may", Hint: again}
	default:
		return round.Result{}, fmt.Errorf("wait for the sync of %s: %w", id, err)
	}
	return result, nil
}

// decided are the lines of a result about removals that waited for a person.
func decided(r round.Result) (lines string) {
	if r.Undoes != nil {
		return decidedUndo(r)
	}
	if r.Held != nil {
		label, why := "held    ", "more than the guard's limit"
		if r.Outcome == round.Rejected || r.Outcome == round.Expired {
			label, why = fmt.Sprintf("%-8s", r.Outcome), "withheld until those people have been present again, or a resync"
		}
		lines += fmt.Sprintf("  %s %s not applied: %s; plan %s\n", label, terminal.Count(r.Held.Removals, "removal", "removals"), why, r.Held.Plan)
	}
	if r.Approved != nil {
		lines += fmt.Sprintf("  approved %s; %d left out, as those people are back or changed since; plan %s\n",
			terminal.Count(r.Approved.Removals, "removal", "removals"), r.Approved.Left, r.Approved.Plan)
	}
	if r.Withheld > 0 {
		lines += fmt.Sprintf("  withheld %s: rejected or expired before\n", terminal.Count(r.Withheld, "removal", "removals"))
	}
	return lines
}

const again = "What it applied stays applied; the next sync does the rest. Start one with `starter resync`."

// terminated is why a sync failed that somebody ended in the Web UI or by the temporal CLI.
func terminated() *round.ResultError {
	return &round.ResultError{Kind: "terminated", Detail: "the sync was terminated before its end", Hint: again}
}

// finish prints a result and turns it into the exit status.
func (a *app) finish(result round.Result) error {
	if a.format == jsonFormat {
		if err := a.writeJSON(result); err != nil {
			return err
		}
	} else if err := a.printResult(result); err != nil {
		return err
	}
	switch result.Outcome {
	case round.Failed:
		return &ending{status: exitFailed, err: reason(result)}
	case round.Held:
		return &ending{status: exitHeld}
	default:
		return nil
	}
}

// reason is why a sync failed, and what to do.
func reason(result round.Result) error {
	if result.Error == nil {
		return fmt.Errorf("the %s of %s failed", kindOf(result), result.Tenant)
	}
	message := fmt.Sprintf("the %s of %s failed: %s (%s)", kindOf(result), result.Tenant, result.Error.Detail, result.Error.Kind)
	if result.Error.Hint != "" {
		message += "\n" + result.Error.Hint
	}
	return errors.New(message)
}

// printResult prints a result as text; why it failed is said elsewhere.
func (a *app) printResult(r round.Result) error {
	head := fmt.Sprintf("%s: %s", r.Tenant, r.Outcome)
	if took := terminal.Took(r.Started, r.Finished); took != "" {
		head += " in " + took
	}
	if r.Run != "" {
		head += ", run " + r.Run
	}
	lines := head + "\n"
	if r.Snapshot != (round.SnapshotCounts{}) {
		lines += fmt.Sprintf("  read     %s\n  rows     %d accepted, %d rejected, %d with warnings\n",
			read(r.Snapshot), r.Rows.Accepted, r.Rows.Rejected, r.Rows.Warnings)
	}
	if r.Outcome != round.Failed {
		lines += fmt.Sprintf("  changes  %s\n", r.Changes.Summary())
	}
	if r.Changes.Drift > 0 {
		lines += fmt.Sprintf("  drift    %d of them put right what somebody else had changed\n", r.Changes.Drift)
	}
	if r.Failed > 0 {
		lines += fmt.Sprintf("  failed   %s not applied: the database refused them\n", terminal.Count(r.Failed, "change", "changes"))
	}
	lines += decided(r)
	if r.Outcome == round.Held && r.Held != nil {
		about := "Who it is about:"
		if r.Undoes != nil {
			about = "What it changes:"
		}
		lines += fmt.Sprintf(about+" starter report %[1]s %[2]s\nRelease them: starter approve %[1]s %[3]s --by WHO\n"+
			"Refuse them:  starter reject %[1]s %[3]s --by WHO\n", r.Tenant, r.Run, r.Held.Plan)
	}
	if r.Rows.Rejected+r.Rows.Warnings > 0 {
		lines += fmt.Sprintf("Which rows to put right: starter report %s %s\n", r.Tenant, r.Run)
	}
	return a.print("%s", lines)
}
