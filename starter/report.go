package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/report"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func newReport(a *app) *cobra.Command {
	command := &cobra.Command{
		Use:   "report TENANT [RUN]",
		Short: "Report on one run: which rows to put right, what changed",
		Long: `Reports on one run of a tenant, the last one that ended unless another is named: every row that was refused or doubted
with what to do about it, and every change. It is meant for the customer's admin, so it holds names and emails.

As html it is one page in one file, to send, to keep or to print, with charts of the last runs; it asks for nothing from outside.`,
		Example: `  starter report acme
  starter report acme -o csv > acme.csv
  starter report acme -o html > acme.html
  starter report acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 -o json | jq .causes`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeRun,
		RunE: func(command *cobra.Command, args []string) error {
			kept, err := a.known(command.Context(), args[0])
			if err != nil {
				return err
			}
			r, err := chosen(command.Context(), kept, args)
			if err != nil {
				return err
			}
			return a.report(command.Context(), r, nil)
		},
	}
	outputFlag(command, &a.format, textFormat, jsonFormat, csvFormat, htmlFormat)
	return command
}

// chosen is the run that the arguments name: a tenant's last, or one by its id.
func chosen(ctx context.Context, kept *store.Store, args []string) (round.Run, error) {
	tenant := args[0]
	if len(args) == 1 {
		last, err := latest(ctx, kept, tenant)
		if err != nil {
			return round.Run{}, err
		}
		if last == nil {
			return round.Run{}, fmt.Errorf("no sync of %s has ended yet: `starter status %s` shows what goes on", tenant, tenant)
		}
		return *last, nil
	}
	id, err := uuid.Parse(args[1])
	if err != nil {
		return round.Run{}, usagef("%q is not the id of a run; `starter runs %s` lists them", args[1], tenant)
	}
	r, err := kept.Run(ctx, tenant, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return round.Run{}, usagef("%s has no run %s; `starter runs %s` lists them", tenant, id, tenant)
	}
	if err != nil {
		return round.Run{}, fmt.Errorf("run %s: %w", id, err)
	}
	return r, nil
}

// report writes the report on a run, compared with an earlier one if there is one to compare with.
func (a *app) report(ctx context.Context, r round.Run, with *round.Run) error {
	format, err := report.ParseFormat(a.format)
	if err != nil {
		return usageError{err}
	}
	g := gatherer{store: a.kept, run: r, named: format != report.JSON}
	in, err := g.input(ctx)
	if err != nil {
		return err
	}
	if with != nil {
		if in.Compared, err = g.compared(ctx, *with); err != nil {
			return err
		}
	}
	if format == report.HTML {
		if in.History, err = g.history(ctx); err != nil {
			return err
		}
	}
	if err := report.Write(a.out, format, in); err != nil {
		return err
	}
	if g.gone || !in.Dropped.IsZero() {
		fmt.Fprintln(a.errOut, "Rows and plan of this run are no longer kept (retention in tenants.yaml): its issues are missing here.")
	}
	return nil
}
