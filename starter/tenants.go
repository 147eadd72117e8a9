package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newTenants(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "tenants",
		Short: "List tenants: cadence, last outcome, next run",
		Example: `  starter tenants
  starter tenants -o json | jq -r 'select(.held != null) | .tenant'`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return a.tenants(command.Context()) },
	}
}

func (a *app) tenants(ctx context.Context) error {
	db, err := a.store(ctx)
	if err != nil {
		return err
	}
	rows, err := db.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("tenants: %w", err)
	}
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	tenants, err := c.Monitor().Tenants(ctx, rows)
	if err != nil {
		return err
	}
	if a.format != jsonFormat {
		return a.printTenants(tenants)
	}
	for _, t := range tenants {
		if err := a.writeJSON(t); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printTenants(tenants []monitor.Tenant) error {
	if len(tenants) == 0 {
		return a.print("There are no tenants yet. Write tenants.yaml and run `starter apply -f tenants.yaml`.\n")
	}
	table := a.table("TENANT", "NAME", "DIRECTORY", "CADENCE", "LAST", "ENDED", "NEXT", "HELD")
	for _, t := range tenants {
		last, ended, held := "never", "", ""
		if t.Last != nil {
			last, ended = string(t.Last.Outcome), terminal.Time(t.Last.Finished)
		}
		if t.Degraded {
			last += ", degraded"
		}
		if t.Held != nil {
			held = t.Held.Text() + ", plan " + t.Held.Plan
		}
		cadence := t.Cron + " " + t.Timezone
		if err := table.Row(t.Tenant, t.Name, t.Directory, cadence, last, ended, nextText(t), held); err != nil {
			return err
		}
	}
	return table.Flush()
}

// nextText says when the next sync of a tenant is due, and what delays it.
func nextText(t monitor.Tenant) string {
	next := ""
	switch {
	case !t.Schedule:
		next = "no Schedule: run `starter apply`"
	case t.Paused:
		next = "paused"
	case t.Next != nil:
		next = terminal.Time(*t.Next)
	}
	if t.Quarantined != nil {
		next += ", quarantined"
	}
	if t.Overdue != nil {
		next += ", overdue since " + terminal.Time(*t.Overdue)
	}
	return next
}
