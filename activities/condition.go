package activities

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/run"
)

// Conditions stores the health of tenants' syncs, and their alerts.
type Conditions interface {
	// AddEvent adds an event once, and returns the alerts that follow. A second call returns the same alerts.
	AddEvent(ctx context.Context, e health.Event) ([]health.Alert, error)
	// Admit reports whether a tick may sync. It gives the same answer for the same tick.
	Admit(ctx context.Context, tenant, tick string, at time.Time, next health.NextTick) (bool, error)
	// Condition returns a tenant's condition. It is the zero Status if nothing is known of the tenant.
	Condition(ctx context.Context, tenant string) (health.Status, error)

	// Alert returns a tenant's alert, or ledger.ErrNotFound.
	Alert(ctx context.Context, tenant string, id uuid.UUID) (health.Alert, error)
	// TakeAlert records that the delivery of an alert has begun.
	TakeAlert(ctx context.Context, id uuid.UUID, at time.Time) error
	// PendingAlerts returns alerts created between from and to whose delivery hasn't begun, the oldest first.
	PendingAlerts(ctx context.Context, from, to time.Time, limit int) ([]health.Alert, error)
	DropAlerts(ctx context.Context, before time.Time) error
}

// Cadence says when a tenant is synced.
type Cadence struct {
	Next        health.NextTick
	Tolerance   time.Duration        // how long after a tick a sync may begin
	Maintenance []maintenance.Window // times in which failures neither alert nor count
}

// Watched is what is needed to tell whether a tenant's sync is overdue.
type Watched struct {
	Tenant  string
	State   health.Status
	Last    time.Time // when the last sync ended, or began if it is open; zero: there was none
	Applied time.Time // when its settings were last applied
	Cadence Cadence
}

// Expectation is what Temporal knows of a tenant at this moment.
type Expectation struct {
	Open   bool // a sync is open
	Paused bool // its Schedule exists and is paused
}

// Schedules knows when tenants are synced.
type Schedules interface {
	// Cadence fails with a *fault.Fault if there is no such tenant.
	Cadence(ctx context.Context, tenant string) (Cadence, error)
	Watched(ctx context.Context) iter.Seq2[Watched, error]
	// Expectation asks Temporal about a tenant.
	Expectation(ctx context.Context, tenant string) (Expectation, error)
}

// Announcement identifies an alert that is to be delivered.
type Announcement struct {
	Alert     uuid.UUID        `json:"alert"`
	Tenant    string           `json:"tenant"`
	Condition health.Condition `json:"condition"`
}

// addEvent adds an event to its tenant's condition, and returns the alerts to deliver.
func (a *Activities) addEvent(ctx context.Context, e health.Event) ([]Announcement, error) {
	alerts, err := a.Conditions.AddEvent(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("add event: %w", err)
	}
	return a.deliverable(ctx, alerts)
}

// deliverable returns the alerts that have a hook. It marks the others as taken, so that Watch doesn't deliver them.
func (a *Activities) deliverable(ctx context.Context, alerts []health.Alert) ([]Announcement, error) {
	var list []Announcement
	for _, alert := range alerts {
		names, err := a.Hooks.Names(ctx, alert.Tenant, alert.Condition)
		if err != nil || len(names) > 0 { // on an error, the workflow that delivers the alert reads the hooks
			list = append(list, announcements(alert)...)
		} else if err := a.Conditions.TakeAlert(ctx, alert.ID, a.now()); err != nil {
			return nil, fmt.Errorf("take alert: %w", err)
		}
	}
	return list, nil
}

// announcements returns the announcements of alerts.
func announcements(alerts ...health.Alert) []Announcement {
	var list []Announcement
	for _, alert := range alerts {
		list = append(list, Announcement{Alert: alert.ID, Tenant: alert.Tenant, Condition: alert.Condition})
	}
	return list
}

// requestEvent returns the event of a sync requested by hand, which ends a quarantine. It returns nil for other syncs.
func (in BeginInput) requestEvent(begun run.Run) *health.Event {
	if !in.IgnoreWithheld {
		return nil
	}
	return &health.Event{Tenant: begun.Tenant, Key: "asked " + begun.ID.String(), Kind: health.Requested, At: begun.Started}
}

// endEvent returns the event of a sync's end. It returns nil for a preview, which doesn't affect a tenant's condition.
//
// A sync counts as inside a maintenance window if any part of it is. The window may interrupt a sync that began before
// it. A sync that began in it may fail long after it.
func (a *Activities) endEvent(ctx context.Context, round run.Round, result run.Result) (*health.Event, error) {
	if round.Preview {
		return nil, nil //nolint:nilnil // no event is an answer, see above
	}
	settings, err := a.settingsOf(ctx, round)
	if err != nil {
		return nil, err
	}
	e := &health.Event{
		Tenant: round.Tenant, Key: "ended " + round.Run.String(), Kind: health.Ended, At: result.Finished,
		Result:        result,
		InMaintenance: maintenance.Overlap(settings.Maintenance, result.Started, result.Finished),
	}
	if result.Outcome == run.Held {
		e.Until = result.Finished.Add(round.Hold)
	}
	return e, nil
}

// concludeEvent adds the event of a hold's end, and returns the alerts to deliver.
func (a *Activities) concludeEvent(ctx context.Context, in ConcludeInput, result run.Result) ([]Announcement, error) {
	held := run.HeldPlan{Plan: in.Plan}
	if result.Held != nil && result.Held.Plan == in.Plan {
		held = *result.Held
	}
	result.Outcome, result.Held = in.Outcome, &held
	return a.addEvent(ctx, health.Event{
		Tenant: in.Tenant, Key: "concluded " + in.Run.String() + " " + in.Plan, Kind: health.Concluded, At: a.now(),
		Result: result,
	})
}
