package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/story"
)

func newWhy(a *app) *cobra.Command {
	q := story.Question{Runs: 200}
	command := &cobra.Command{
		Use:   "why TENANT PERSON",
		Short: "Explain what happened to one person, run by run",
		Long: `Explains what each run did about one person: whether the directory had a row, which member the row
matched and by which key, which rule decided, and what changed. PERSON is an email, an external id
or a member id. An email that the person had earlier works too.

Names, emails, titles and ids are masked unless you add --reveal. The tenant's retention limits how
long rows, issues and plans are stored. Of older runs only the audit remains.`,
		Example: `  starter why acme ada@example.com
  starter why acme E10042 --reveal
  starter why acme ada@example.com -o json | jq '.runs[] | select(.state == "absent")'`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if q.Runs < 1 {
				return usagef("--runs must be at least 1")
			}
			q.Tenant, q.Person = args[0], args[1]
			return a.why(command.Context(), q)
		},
	}
	command.Flags().BoolVar(&q.Reveal, "reveal", false, "show values unmasked")
	command.Flags().IntVar(&q.Runs, "runs", q.Runs, "how many of the latest runs to search")
	return command
}

func (a *app) why(ctx context.Context, q story.Question) error {
	db, err := a.tenantStore(ctx, q.Tenant)
	if err != nil {
		return err
	}
	s, err := story.Collect(ctx, db, q)
	if err != nil {
		return err
	}
	if a.format == jsonFormat {
		return a.writeJSON(s)
	}
	return s.WriteText(a.out)
}
