package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/check"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/tenant"
)

// maxCheckRows limits the rows of a check, which are all in memory.
const maxCheckRows = 100_000

func newCheck(a *app) *cobra.Command {
	rows := check.DefaultRows
	command := &cobra.Command{
		Use:   "check TENANT",
		Short: "Test a tenant's directory: credentials, columns, what is missing",
		Long: `Signs in to a tenant's directory and reads the first rows of both reports. It prints each column
with its field, the share of rows that have a value, and a masked example. For each missing field
it names a similar column, and the Workday security policy that may be missing. It changes nothing,
and needs neither Temporal nor the worker.

The verdict is ready, ready with warnings, or not ready (exit status 1). The check reads only a
part of the report, so it cannot find duplicates: ` + "`starter preview`" + ` does.`,
		Example: `  starter check acme
  starter check acme --rows 20000
  starter check acme -o json | jq '.missing[] | {field, likely, policy}'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if rows < 1 || rows > maxCheckRows {
				return usagef("--rows must be 1 to %d", maxCheckRows)
			}
			return a.check(command.Context(), args[0], rows)
		},
	}
	command.Flags().IntVar(&rows, "rows", rows, "how many rows of each report to read")
	return command
}

func (a *app) check(ctx context.Context, id string, rows int) error {
	if err := a.checkTenant(ctx, id); err != nil {
		return err
	}
	opener, closeKeeper, err := a.opener(ctx)
	if err != nil {
		return err
	}
	defer closeKeeper()
	t, err := opener.Settings(ctx, id)
	if err != nil {
		return withHint(err)
	}
	result, err := a.checkDirectory(ctx, opener, t, rows)
	if err != nil {
		return fmt.Errorf("check %s: %w", id, err)
	}
	report := check.Report{Tenant: id, Name: t.Name, Source: t.Kind(), Result: result}
	if a.format == jsonFormat {
		err = a.writeJSON(report)
	} else {
		err = report.WriteText(a.out)
	}
	if err == nil && result.Verdict == check.NotReady {
		return &exitError{status: exitFailed}
	}
	return err
}

// checkDirectory checks the first rows of a tenant's directory.
func (a *app) checkDirectory(ctx context.Context, opener source.Opener, t tenant.Tenant, rows int) (check.Result,
	error,
) {
	opened, err := opener.Open(ctx, t.ID)
	if err != nil {
		if result, ok := check.FromFault(err); ok {
			return result, nil
		}
		return check.Result{}, err
	}
	if t.Workday != nil {
		fmt.Fprintln(a.errOut, "Reading the reports. Workday may need minutes to produce them.")
	}
	mappings, err := t.Mappings().On(time.Now())
	if err != nil {
		return check.Result{}, err
	}
	return check.Run(ctx, opened, check.Options{Mappings: mappings, Rows: rows})
}
