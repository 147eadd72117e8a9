package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/report/gather"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

// runArgument returns the tenant's run with the id in text. It returns a usageError if there is none.
func (a *app) runArgument(ctx context.Context, tenant, text string) (round.Run, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return round.Run{}, usagef("%q is not a run id: `starter runs %s` lists the runs", text, tenant)
	}
	r, err := a.db.Run(ctx, tenant, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return round.Run{}, usagef("%s has no run %s: `starter runs %s` lists the runs", tenant, id, tenant)
	}
	if err != nil {
		return round.Run{}, fmt.Errorf("run %s: %w", id, err)
	}
	return r, nil
}

// await waits for the result of a started workflow and writes it. It shows progress on the standard error.
func (a *app) await(ctx context.Context, c control.Control, started control.Started) error {
	result, err := c.Monitor().Await(ctx, started.Run, started.Tenant, terminal.NewProgress(a.errOut))
	if err != nil {
		return err
	}
	return a.finish(result)
}

// finish writes the result of a sync or an undo. Its error carries the exit status.
func (a *app) finish(result round.Result) error {
	if err := a.write(result, func() string { return monitor.ResultText(result) }); err != nil {
		return err
	}
	switch result.Outcome {
	case round.Failed:
		return &exitError{status: exitFailed, err: monitor.FailureOf(result)}
	case round.Held:
		return &exitError{status: exitHeld}
	default:
		return nil
	}
}

// writeReport writes the report on a run. Unless earlier is nil, it compares the two runs.
func (a *app) writeReport(ctx context.Context, r round.Run, earlier *round.Run) error {
	format, err := report.ParseFormat(a.format)
	if err != nil {
		return usageError{err}
	}
	gathered := gather.New(a.db, r, format)
	in, err := gathered.Input(ctx, earlier)
	if err != nil {
		return err
	}
	if err := report.Write(a.out, format, in); err != nil {
		return err
	}
	if gathered.Dropped() || !in.Dropped.IsZero() {
		fmt.Fprintln(a.errOut, "The retention (in tenants.yaml) has dropped rows and plan of this run: "+
			"the report lacks its issues.")
	}
	return nil
}
