package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/monitor"
)

func newReport(a *app) *cobra.Command {
	command := &cobra.Command{
		Use:   "report TENANT [RUN]",
		Short: "Report on one run: rows to correct, and changes",
		Long: `Reports on one run of a tenant, by default its last completed sync. The report lists every rejected
row and every warning with what to do about it, and every change. It is written for the customer's
admin, so it contains names and emails.

The html format is a single page, to send, store or print, with charts of the last runs. The page
loads nothing from the network.`,
		Example: `  starter report acme
  starter report acme -o csv > acme.csv
  starter report acme -o html > acme.html
  starter report acme 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11 -o json | jq .causes`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeRun,
		RunE: func(command *cobra.Command, args []string) error {
			ctx, tenant := command.Context(), args[0]
			db, err := a.tenantStore(ctx, tenant)
			if err != nil {
				return err
			}
			if len(args) == 2 {
				r, err := a.runArgument(ctx, tenant, args[1])
				if err != nil {
					return err
				}
				return a.writeReport(ctx, r, nil)
			}
			last, err := monitor.LastSync(ctx, db, tenant)
			if err != nil {
				return err
			}
			if last == nil {
				return fmt.Errorf("no sync of %s has ended yet: `starter status %s` shows its progress", tenant, tenant)
			}
			return a.writeReport(ctx, *last, nil)
		},
	}
	outputFlag(command, &a.format, textFormat, jsonFormat, csvFormat, htmlFormat)
	return command
}
