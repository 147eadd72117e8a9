package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/check"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// mostCheckRows is how many rows a check may hold in memory.
const mostCheckRows = 100_000

func newCheck(a *app) *cobra.Command {
	rows := check.DefaultRows
	command := &cobra.Command{
		Use:   "check TENANT",
		Short: "Try a tenant's directory: credentials, columns, what is missing",
		Long: `Signs in to a tenant's directory, reads the beginning of both reports, and prints each column with the field that is read
from it, how often it is filled and a masked example; for what is missing the column that looks like it and the Workday
security policy that may be missing. It changes nothing and goes without Temporal and the worker.

It ends with a verdict: ready, ready with warnings, or not ready (exit status 1). What rows say of each other, such as
duplicates, takes the whole report: ` + "`starter preview`" + ` says that.`,
		Example: `  starter check acme
  starter check acme --rows 20000
  starter check acme -o json | jq '.missing[] | {field, likely, policy}'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if rows < 1 || rows > mostCheckRows {
				return usagef("--rows is 1 to %d", mostCheckRows)
			}
			return a.check(command.Context(), args[0], rows)
		},
	}
	command.Flags().IntVar(&rows, "rows", rows, "how many rows of each report to read at most")
	return command
}

// checked is the result of a check: its JSON.
type checked struct {
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	Source string `json:"source"` // workday or workos
	check.Result
}

func (a *app) check(ctx context.Context, id string, rows int) error {
	if err := a.current(ctx, id); err != nil {
		return err
	}
	opener, closeKeeper, err := a.opener(ctx)
	if err != nil {
		return err
	}
	defer closeKeeper()
	t, err := opener.Settings(ctx, id)
	if err != nil {
		return explained(err)
	}
	result, err := a.try(ctx, opener, t, rows)
	if err != nil {
		return fmt.Errorf("check %s: %w", id, err)
	}
	done := checked{Tenant: id, Name: t.Name, Source: t.Kind(), Result: result}
	if a.format == jsonFormat {
		err = a.writeJSON(done)
	} else {
		err = a.printChecked(done)
	}
	if err == nil && result.Verdict == check.NotReady {
		return &ending{status: exitFailed}
	}
	return err
}

// opener opens directories just as the worker does.
func (a *app) opener(ctx context.Context) (opener source.Opener, closeKeeper func(), err error) {
	c, err := a.config()
	if err != nil {
		return source.Opener{}, nil, err
	}
	keeper, err := tenant.OpenKeeper(ctx, c.SecretsURL, c.Home)
	if err != nil {
		return source.Opener{}, nil, fmt.Errorf("open the key that seals credentials (ROLLCALL_SECRETS_URL): %w", err)
	}
	return source.Opener{
		Tenants: a.kept, Keeper: keeper, WorkdayHosts: c.WorkdayHosts, WorkOSBaseURL: c.WorkOSBaseURL,
		Limiters: workos.NewLimiters(c.WorkosRate),
	}, func() { _ = keeper.Close() }, nil // nothing is written by it
}

// try reads the beginning of a directory.
func (a *app) try(ctx context.Context, opener source.Opener, t tenant.Tenant, rows int) (check.Result, error) {
	opened, err := opener.Open(ctx, t.ID)
	if err != nil {
		if result, ok := check.Refused(err); ok {
			return result, nil
		}
		return check.Result{}, err
	}
	if t.Workday != nil {
		fmt.Fprintln(a.errOut, "Reading the reports; Workday may take minutes to produce them.")
	}
	return check.Run(ctx, opened, check.Settings{Fields: t.Fields, Levels: roster.Levels(t.Levels), Rows: rows})
}

// printChecked prints the result for people.
func (a *app) printChecked(c checked) error {
	for _, part := range []func(checked) error{a.printRead, a.printColumns, a.printFindings} {
		if err := part(c); err != nil {
			return err
		}
	}
	verdict := map[check.Verdict]string{
		check.Ready:             "ready. Next: `starter preview " + c.Tenant + "`",
		check.ReadyWithWarnings: "ready with warnings. Next: `starter preview " + c.Tenant + "`",
		check.NotReady:          "not ready",
	}[c.Verdict]
	return a.print("\nVerdict: %s\n", verdict)
}

// printRead says what could be read.
func (a *app) printRead(c checked) error {
	kind := map[string]string{"workday": "Workday", "workos": "WorkOS"}[c.Source]
	lines := []string{fmt.Sprintf("%s: %s, by %s", c.Tenant, c.Name, kind)}
	if c.Directory != nil {
		lines = append(lines, fmt.Sprintf("  directory  %s, %s", c.Directory.State, c.Directory.Type))
	}
	users, groups := "not read", "not read"
	if c.Users != nil {
		users = terminal.Count(c.Users.Rows, "row", "rows") + more(c.Users.Complete)
		users += fmt.Sprintf("; %d would be rejected, %d used with warnings", c.Users.Rejected, c.Users.Warnings)
	}
	if c.Groups != nil {
		groups = terminal.Count(c.Groups.Groups, "group", "groups")
		if c.Source == "workos" {
			groups += ", " + terminal.Count(c.Groups.Memberships, "membership", "memberships")
		}
		groups += more(c.Groups.Complete)
	}
	lines = append(lines, "  users      "+users, "  groups     "+groups)
	for _, line := range lines {
		if err := a.print("%s\n", terminal.Printable(line)); err != nil {
			return err
		}
	}
	return nil
}

func more(complete bool) string {
	if complete {
		return ", which is all"
	}
	return ", the first ones"
}

// printColumns prints a table of the columns.
func (a *app) printColumns(c checked) error {
	if len(c.Columns) == 0 {
		return nil
	}
	if err := a.print("\n"); err != nil {
		return err
	}
	t := terminal.NewTable(a.out, "FIELD", "COLUMN", "FILLED", "EXAMPLE")
	for _, column := range c.Columns {
		field, example := strings.Join(column.Fields, ", "), ""
		if field == "" {
			field = "(not used)"
		}
		if column.Example != nil {
			example = *column.Example
		}
		if err := t.Row(field, column.Column, share(column.Rate), example); err != nil {
			return err
		}
	}
	return t.Flush()
}

// share is a rate in percent that is 0 or 100 only when it is exactly that.
func share(rate float64) string {
	percent := int(math.Round(100 * rate))
	if rate > 0 && percent == 0 {
		return "< 1 %"
	}
	if rate < 1 && percent == 100 {
		percent = 99
	}
	return strconv.Itoa(percent) + " %"
}

// printFindings prints what is to be known or put right.
func (a *app) printFindings(c checked) error {
	for _, f := range c.Findings {
		title := string(f.Severity)
		if f.Field != nil {
			title += "  " + *f.Field
		}
		title += "  " + f.Code
		if f.Rows > 0 {
			title += "  (" + terminal.Count(f.Rows, "row", "rows") + ")"
		}
		if err := a.print("\n%s\n  %s.\n", title, terminal.Printable(strings.TrimSuffix(f.Detail, "."))); err != nil {
			return err
		}
		if f.Hint != "" {
			if err := a.print("  %s\n", terminal.Printable(f.Hint)); err != nil {
				return err
			}
		}
	}
	return nil
}
