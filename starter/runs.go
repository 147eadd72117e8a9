package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/request"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newRuns(a *app) *cobra.Command {
	var limit int
	var previews bool
	command := &cobra.Command{
		Use:   "runs TENANT",
		Short: "List the runs of a tenant, latest first",
		Example: `  starter runs acme
  starter runs acme --previews
  starter runs acme --limit 5 -o json | jq -r '[.started, .result.outcome] | @tsv'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if limit < 1 {
				return usagef("--limit must be at least 1")
			}
			return a.runs(command.Context(), args[0], limit, previews)
		},
	}
	command.Flags().IntVar(&limit, "limit", 20, "how many runs to list")
	command.Flags().BoolVar(&previews, "previews", false, "list only previews")
	return command
}

// runLine is the JSON of one run.
type runLine struct {
	Run       string        `json:"run"`
	Tenant    string        `json:"tenant"`
	Origin    round.Origin  `json:"origin"`
	Preview   bool          `json:"preview"`
	Tried     []string      `json:"tried"`    // of a preview: the keys of tenants.yaml whose settings it replaced
	By        *string       `json:"by"`       // who requested it
	Reason    *string       `json:"reason"`   // why it was requested
	Workflow  *string       `json:"workflow"` // null for a preview that read nothing
	Execution *string       `json:"execution"`
	Started   time.Time     `json:"started"`
	Finished  *time.Time    `json:"finished"`
	Result    *round.Result `json:"result"`

	Decision *round.Decision `json:"decided"` // about the plan that the run held or applied; null: none
}

func newRunLine(ctx context.Context, db *store.Store, r round.Run) (runLine, error) {
	line := runLine{
		Run: r.ID.String(), Tenant: r.Tenant, Origin: r.Origin, Preview: r.Preview, Workflow: nullable.Of(r.Workflow),
		Started: r.Started.UTC(), Finished: nullable.Time(r.Finished), Result: r.Result,
	}
	if r.Workflow != "" {
		line.Execution = nullable.Of(r.Execution)
	}
	req, err := request.ForRun(ctx, db, r)
	if err != nil {
		return line, err
	}
	line.By, line.Reason = nullable.Of(req.By), nullable.Of(req.Reason)
	if line.Decision, err = request.DecisionOn(ctx, db, r); err != nil {
		return line, err
	}
	line.Tried, err = request.Tried(req)
	return line, err
}

func (a *app) runs(ctx context.Context, id string, limit int, previews bool) error {
	db, err := a.tenantStore(ctx, id)
	if err != nil {
		return err
	}
	list := db.Runs
	if previews {
		list = db.Previews
	}
	runs, err := list(ctx, id, limit)
	if err != nil {
		return fmt.Errorf("runs of %s: %w", id, err)
	}
	var table *terminal.Table
	if a.format != jsonFormat {
		table = a.table("RUN", "STARTED", "TOOK", "ORIGIN", "BY", "OUTCOME", "USERS", "REJECTED", "CHANGES", "HELD",
			"FAILED")
	}
	later := map[string]bool{} // by workflow: whether it has a later run
	for _, r := range runs {
		line, err := newRunLine(ctx, db, r)
		if err != nil {
			return err
		}
		if table == nil {
			err = a.writeJSON(line)
		} else {
			err = table.Row(line.cells(r, later[r.Workflow])...)
		}
		if err != nil {
			return err
		}
		later[r.Workflow] = true
	}
	if table == nil {
		return nil
	}
	return table.Flush()
}

// cells returns the row of the table. later says that the workflow has a later run, so an open run was terminated.
func (l runLine) cells(r round.Run, later bool) []any {
	origin, by := string(l.Origin), ""
	if l.Preview {
		origin = strings.Join(append([]string{"preview"}, l.Tried...), " ")
	}
	if l.By != nil {
		by = *l.By
	}
	if r.Result == nil {
		outcome := "open"
		if later {
			outcome = "terminated"
		}
		return []any{r.ID, terminal.Time(r.Started), "", origin, by, outcome, "", "", "", "", ""}
	}
	outcome := string(r.Result.Outcome)
	if l.Decision != nil && r.Result.Rejected != "" {
		outcome += " by " + l.Decision.By
	}
	held := 0
	if r.Result.Held != nil {
		held = r.Result.Held.Total()
	}
	return []any{
		r.ID, terminal.Time(r.Started), terminal.Elapsed(r.Started, r.Finished), origin, by, outcome,
		r.Result.Snapshot.Users, r.Result.Rows.Rejected, r.Result.Changes.Total(), held, r.Result.Failed,
	}
}
