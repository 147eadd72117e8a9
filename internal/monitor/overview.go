package monitor

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/schedule"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// Tenant is one tenant with its schedule, its last outcome and its next sync. Its JSON is a line of
// `starter tenants -o json`.
type Tenant struct {
	Tenant    string        `json:"tenant"`
	Name      string        `json:"name"`
	Directory string        `json:"directory"` // workday or workos
	Cron      string        `json:"cron"`
	Timezone  string        `json:"timezone"`
	Last      *Last         `json:"last"`
	Next      *time.Time    `json:"next"`
	Held      *run.HeldPlan `json:"held"`
	Paused    bool          `json:"paused"`
	Note      *string       `json:"note"`      // of the pause
	Schedule  bool          `json:"schedule"`  // false: it was deleted
	Protected int           `json:"protected"` // how many people; their names stay in the store
	Sentinels int           `json:"sentinels"` // likewise

	Quarantined *Quarantine `json:"quarantined"` // null if not quarantined
	Overdue     *time.Time  `json:"overdue"`     // when a sync was due that did not run; null: none
	Degraded    bool        `json:"degraded"`    // more than a tenth of the rows of the last sync were rejected
}

// Last is the outcome of a tenant's last sync.
type Last struct {
	Run      string      `json:"run"`
	Outcome  run.Outcome `json:"outcome"`
	Finished time.Time   `json:"finished"`
}

// maxParallel limits how many tenants Tenants describes in parallel.
const maxParallel = 8

// Tenants describes tenants, in the order of rows. It returns the first error of the store or of Temporal.
func (m Monitor) Tenants(ctx context.Context, rows []store.Tenant) ([]Tenant, error) {
	tenants := make([]Tenant, len(rows))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	for i, row := range rows {
		group.Go(func() (err error) {
			tenants[i], err = m.tenant(ctx, row)
			return err
		})
	}
	return tenants, group.Wait()
}

func (m Monitor) tenant(ctx context.Context, row store.Tenant) (Tenant, error) {
	t, err := tenant.FromSettings(row.Settings)
	if err != nil {
		return Tenant{}, err
	}
	line := Tenant{
		Tenant: t.ID, Name: t.Name, Directory: t.Kind(), Cron: t.Schedule.Cron, Timezone: t.Schedule.Timezone,
		Protected: len(t.Protected), Sentinels: len(t.Sentinels),
	}
	last, err := LastSync(ctx, m.Store, t.ID)
	if err != nil {
		return Tenant{}, err
	}
	if last != nil {
		line.Last = &Last{Run: last.ID.String(), Outcome: last.Result.Outcome, Finished: last.Finished.UTC()}
		if last.Result.Outcome == run.Held || last.Result.Outcome == run.Failed { // any other outcome ended the hold
			line.Held = last.Result.Held
		}
	}
	state, err := m.Store.Condition(ctx, t.ID)
	if err != nil {
		return Tenant{}, err
	}
	line.Quarantined, line.Overdue = quarantineOf(state, t), nullable.Time(state.Overdue)
	line.Degraded = state.Degraded
	info, err := schedule.Describe(ctx, m.Temporal, t.ID)
	if err != nil {
		return Tenant{}, err
	}
	line.Schedule, line.Paused, line.Note = info.Exists, info.Paused, nullable.Of(info.Note)
	line.Next = nullable.Time(info.Next)
	if line.Next != nil && line.Quarantined != nil {
		line.Next = line.Quarantined.Next
	}
	return line, nil
}
