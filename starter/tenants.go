package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/rollcall/rollcall/internal/nullable"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
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

// tenantLine is one tenant: its JSON.
type tenantLine struct {
	Tenant    string          `json:"tenant"`
	Name      string          `json:"name"`
	Directory string          `json:"directory"` // workday or workos
	Cron      string          `json:"cron"`
	Timezone  string          `json:"timezone"`
	Last      *lastSync       `json:"last"`
	Next      *time.Time      `json:"next"`
	Held      *round.HeldPlan `json:"held"`
	Paused    bool            `json:"paused"`
	Note      *string         `json:"note"`      // of the pause
	Schedule  bool            `json:"schedule"`  // false: somebody deleted it
	Protected int             `json:"protected"` // people on the list; their names stay in the store
	Sentinels int             `json:"sentinels"` // likewise

	Quarantined *quarantine `json:"quarantined"` // null: it isn't
	Overdue     *time.Time  `json:"overdue"`     // when the sync was due that should have run and did not
}

// lastSync is how a tenant's latest sync that ended did.
type lastSync struct {
	Run      string        `json:"run"`
	Outcome  round.Outcome `json:"outcome"`
	Finished time.Time     `json:"finished"`
}

// lookAhead is how many tenants are looked at side by side.
const lookAhead = 8

func (a *app) tenants(ctx context.Context) error {
	kept, err := a.store(ctx)
	if err != nil {
		return err
	}
	rows, err := kept.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("tenants: %w", err)
	}
	if _, err := a.client(ctx); err != nil {
		return err
	}
	lines := make([]tenantLine, len(rows))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(lookAhead)
	for i, row := range rows {
		group.Go(func() (err error) {
			lines[i], err = a.tenantLine(within, kept, row)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return a.printTenants(lines)
}

func (a *app) tenantLine(ctx context.Context, kept *store.Store, row store.Tenant) (tenantLine, error) {
	t, err := tenant.FromSettings(row.Settings)
	if err != nil {
		return tenantLine{}, err
	}
	line := tenantLine{
		Tenant: t.ID, Name: t.Name, Directory: t.Kind(), Cron: t.Schedule.Cron, Timezone: t.Schedule.Timezone,
		Protected: len(t.Protected), Sentinels: len(t.Sentinels),
	}
	last, err := latest(ctx, kept, t.ID)
	if err != nil {
		return tenantLine{}, err
	}
	if last != nil {
		line.Last = &lastSync{Run: last.ID.String(), Outcome: last.Result.Outcome, Finished: last.Finished.UTC()}
		if last.Result.Outcome == round.Held || last.Result.Outcome == round.Failed { // else somebody has decided, or nobody in time
			line.Held = last.Result.Held
		}
	}
	state, err := kept.Condition(ctx, t.ID)
	if err != nil {
		return tenantLine{}, err
	}
	line.Quarantined, line.Overdue = quarantineOf(state, t), nullable.Time(state.Overdue)
	found, err := a.temporal.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(t.ID)).Describe(ctx)
	if missing(err) {
		return line, nil
	}
	if err != nil {
		return tenantLine{}, fmt.Errorf("look at the Schedule of %s: %w", t.ID, err)
	}
	line.Schedule, line.Paused = true, found.Schedule.State.Paused
	if line.Paused {
		line.Note = nullable.Of(found.Schedule.State.Note)
	}
	if times := found.Info.NextActionTimes; len(times) > 0 && !line.Paused {
		line.Next = nullable.Time(times[0])
		if q := line.Quarantined; q != nil {
			line.Next = q.Next
		}
	}
	return line, nil
}

// manyRuns is how far back a tenant's last sync is looked for: previews and an open run may come first.
const manyRuns = 100

// latest is a tenant's latest sync that ended; nil when there was none.
func latest(ctx context.Context, kept *store.Store, id string) (*round.Run, error) {
	runs, err := kept.Runs(ctx, id, manyRuns)
	if err != nil {
		return nil, fmt.Errorf("runs of %s: %w", id, err)
	}
	for _, r := range runs {
		if !r.Preview && r.Result != nil {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // none is no error
}

func (a *app) printTenants(lines []tenantLine) error {
	if a.format == jsonFormat {
		for _, line := range lines {
			if err := a.writeJSON(line); err != nil {
				return err
			}
		}
		return nil
	}
	if len(lines) == 0 {
		return a.print("No tenants yet: write tenants.yaml and run `starter apply -f tenants.yaml`.\n")
	}
	t := terminal.NewTable(a.out, "TENANT", "NAME", "DIRECTORY", "CADENCE", "LAST", "ENDED", "NEXT", "HELD")
	for _, line := range lines {
		last, ended, next, held := "never", "", "", ""
		if line.Last != nil {
			last, ended = string(line.Last.Outcome), terminal.Time(line.Last.Finished)
		}
		switch {
		case !line.Schedule:
			next = "no Schedule: apply again"
		case line.Paused:
			next = "paused"
		case line.Next != nil:
			next = terminal.Time(*line.Next)
		}
		if line.Quarantined != nil {
			next += ", quarantined"
		}
		if line.Overdue != nil {
			next += ", overdue since " + terminal.Time(*line.Overdue)
		}
		if line.Held != nil {
			held = heldCount(line.Held.Removals, line.Held.Changes) + ", plan " + line.Held.Plan
		}
		if err := t.Row(line.Tenant, line.Name, line.Directory, line.Cron+" "+line.Timezone, last, ended, next, held); err != nil {
			return err
		}
	}
	return t.Flush()
}
