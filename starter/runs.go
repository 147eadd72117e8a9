package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/nullable"
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
				return usagef("--limit is at least 1")
			}
			return a.runs(command.Context(), args[0], limit, previews)
		},
	}
	command.Flags().IntVar(&limit, "limit", 20, "how many at most")
	command.Flags().BoolVar(&previews, "previews", false, "previews only")
	return command
}

// runLine is one run: its JSON.
type runLine struct {
	Run       string        `json:"run"`
	Tenant    string        `json:"tenant"`
	Origin    round.Origin  `json:"origin"`
	Preview   bool          `json:"preview"`
	Tried     []string      `json:"tried"`    // of a preview: what it tried in place of the tenant's own settings
	By        *string       `json:"by"`       // who asked for it
	Reason    *string       `json:"reason"`   // and why
	Workflow  *string       `json:"workflow"` // null for a preview that read nothing
	Execution *string       `json:"execution"`
	Started   time.Time     `json:"started"`
	Finished  *time.Time    `json:"finished"`
	Result    *round.Result `json:"result"`
}

func (a *app) runs(ctx context.Context, id string, limit int, previews bool) error {
	kept, err := a.known(ctx, id)
	if err != nil {
		return err
	}
	list := kept.Runs
	if previews {
		list = kept.Previews
	}
	runs, err := list(ctx, id, limit)
	if err != nil {
		return fmt.Errorf("runs of %s: %w", id, err)
	}
	t := newRunTable(a)
	later := map[string]bool{} // workflows that have a later run: they run one after the other
	for _, r := range runs {
		line := runLine{
			Run: r.ID.String(), Tenant: r.Tenant, Origin: r.Origin, Preview: r.Preview, Workflow: nullable.Of(r.Workflow),
			Started: r.Started.UTC(), Finished: nullable.Time(r.Finished), Result: r.Result,
		}
		if r.Workflow != "" {
			line.Execution = nullable.Of(r.Execution)
		}
		request, err := requestOf(ctx, kept, r)
		if err != nil {
			return err
		}
		line.By, line.Reason = nullable.Of(request.By), nullable.Of(request.Reason)
		if line.Tried, err = tried(request); err != nil {
			return err
		}
		if a.format == jsonFormat {
			err = a.writeJSON(line)
		} else {
			err = t.run(r, line, later[r.Workflow])
		}
		if err != nil {
			return err
		}
		later[r.Workflow] = true
	}
	if a.format == jsonFormat {
		return nil
	}
	return t.Flush()
}

// requestOf is who asked for a run; the zero Request when nobody did.
func requestOf(ctx context.Context, kept *store.Store, r round.Run) (store.Request, error) {
	if r.Request == "" {
		return store.Request{}, nil
	}
	request, err := kept.Request(ctx, r.Request)
	if err != nil && !errors.Is(err, store.ErrNotFound) { // it may have come from the Web UI, with an id of its own
		return store.Request{}, fmt.Errorf("who asked for run %s: %w", r.ID, err)
	}
	return request, nil
}

// runTable lists runs.
type runTable struct{ *terminal.Table }

func newRunTable(a *app) runTable {
	if a.format == jsonFormat {
		return runTable{}
	}
	return runTable{terminal.NewTable(a.out, "RUN", "STARTED", "TOOK", "ORIGIN", "BY", "OUTCOME", "USERS", "REJECTED", "CHANGES", "HELD", "FAILED")}
}

func (t runTable) run(r round.Run, line runLine, later bool) error {
	origin, by := string(r.Origin), ""
	if r.Preview {
		origin = strings.Join(append([]string{"preview"}, line.Tried...), " ")
	}
	if line.By != nil {
		by = *line.By
	}
	if r.Result == nil {
		how := "open"
		if later {
			how = "terminated" // or it would have recorded its end
		}
		return t.Row(r.ID, terminal.Time(r.Started), "", origin, by, how, "", "", "", "", "")
	}
	held := 0
	if r.Result.Held != nil {
		held = max(r.Result.Held.Removals, r.Result.Held.Changes)
	}
	return t.Row(r.ID, terminal.Time(r.Started), terminal.Took(r.Started, r.Finished), origin, by, r.Result.Outcome,
		r.Result.Snapshot.Users, r.Result.Rows.Rejected, r.Result.Changes.Total(), held, r.Result.Failed)
}
