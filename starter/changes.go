package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/report/gather"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newChanges(a *app) *cobra.Command {
	var after int64
	var limit int
	command := &cobra.Command{
		Use:   "changes TENANT",
		Short: "List every change to a tenant's members, in order",
		Long: `Prints the audit of a tenant: every applied change, in order, with the values before and after. To
follow the audit, remember the last seq that you read and pass it as --after. You then get each
change exactly once.`,
		Example: `  starter changes acme
  starter changes acme --after 12000 --limit 1000 -o json
  starter changes acme -o json | jq 'select(.op == "departed")'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if after < 0 || limit < 0 {
				return usagef("--after and --limit must not be negative")
			}
			return a.changes(command.Context(), args[0], after, limit)
		},
	}
	command.Flags().Int64Var(&after, "after", 0, "only changes with a higher seq")
	command.Flags().IntVar(&limit, "limit", 0, "how many changes to print; 0: all")
	return command
}

func (a *app) changes(ctx context.Context, id string, after int64, limit int) error {
	db, err := a.tenantStore(ctx, id)
	if err != nil {
		return err
	}
	var table *terminal.Table
	if a.format != jsonFormat {
		table = a.table("SEQ", "AT", "OP", "MEMBER", "GROUP", "CHANGED")
	}
	for c, err := range db.Changes(ctx, id, after, limit) {
		if err != nil {
			return fmt.Errorf("changes of %s: %w", id, err)
		}
		if table == nil {
			err = a.writeChange(gather.Applied(c))
		} else {
			err = table.Row(c.Seq, terminal.Time(c.At), c.Op, idText(c.Member), idText(c.Group), fieldsText(c.Fields))
		}
		if err != nil {
			return err
		}
	}
	if table == nil {
		return nil
	}
	return table.Flush()
}

// writeChange writes one change as JSON on one line.
func (a *app) writeChange(c report.Change) error {
	line, err := report.MarshalChange(c)
	if err != nil {
		return fmt.Errorf("change %d: %w", c.Seq, err)
	}
	return a.print("%s\n", line)
}

// idText formats an id. The zero id is "".
func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// fieldsText formats fields with their values before and after.
func fieldsText(fields map[string][2]any) string {
	parts := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		before, after := terminal.Value(fields[name][0]), terminal.Value(fields[name][1])
		parts = append(parts, name+": "+before+" → "+after)
	}
	return strings.Join(parts, "; ")
}
