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

// Conditions keeps how tenants' syncs are doing, from one to the next, and what is to be told of it.
type Conditions interface {
	// Settle adds an event, once, and answers with what is to be told of it; settled again, with the same.
	AddEvent(ctx context.Context, e health.Event) ([]health.Alert, error)
	// Admit tells whether a tick may sync; asked again for the same tick it answers the same.
	Admit(ctx context.Context, tenant, tick string, at time.Time, next health.Next) (bool, error)
	// Condition is the zero State for a tenant of which nothing is known.
	Condition(ctx context.Context, tenant string) (health.State, error)

	// Alert answers ErrNotFound when there is no such alert of the tenant any more.
	Alert(ctx context.Context, tenant string, id uuid.UUID) (health.Alert, error)
	// TakeAlert notes that an alert is being told.
	TakeAlert(ctx context.Context, id uuid.UUID, at time.Time) error
	// Untaken are alerts made in from..to that nobody tells yet, the oldest first.
	PendingAlerts(ctx context.Context, from, to time.Time, limit int) ([]health.Alert, error)
	DropAlerts(ctx context.Context, before time.Time) error
}

// Cadence is when a tenant is to be synced.
type Cadence struct {
	Next        health.Next
	Tolerance   time.Duration        // how long after a tick a sync may begin
	Maintenance []maintenance.Window // in which failures neither alarm nor count
}

// Watched is what there is to know of a tenant to tell whether its sync is overdue.
type Watched struct {
	Tenant  string
	State   health.State
	Last    time.Time // when its last sync ended, or began where it is open; zero: there was none
	Applied time.Time // when its settings were last applied
	Cadence Cadence
}

// Expectation is what Temporal says of a tenant at this moment.
type Expectation struct {
	Open   bool // a sync is open
	Paused bool // its Schedule is there, and paused
}

// Schedules knows when tenants are to be synced.
type Schedules interface {
	// Cadence fails with a *fault.Fault when there is no such tenant.
	Cadence(ctx context.Context, tenant string) (Cadence, error)
	Watched(ctx context.Context) iter.Seq2[Watched, error]
	// Expectation asks Temporal.
	Expectation(ctx context.Context, tenant string) (Expectation, error)
}

// Told names an alert that is to be told.
type Announcement struct {
	Alert     uuid.UUID        `json:"alert"`
	Tenant    string           `json:"tenant"`
	Condition health.Condition `json:"condition"`
}

// settle adds an event to its tenant's condition, and answers with the alerts of it that somebody is to hear of.
func (a *Activities) addEvent(ctx context.Context, e health.Event) ([]Announcement, error) {
	alerts, err := a.Conditions.AddEvent(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("settle: %w", err)
	}
	return a.deliverable(ctx, alerts)
}

// listened are the alerts that somebody is to hear of.
func (a *Activities) deliverable(ctx context.Context, alerts []health.Alert) ([]Announcement, error) {
	var list []Announcement
	for _, alert := range alerts {
		names, err := a.Hooks.Names(ctx, alert.Tenant, alert.Condition)
		if err != nil || len(names) > 0 { // what can't be read now is read by the workflow that tells it
			list = append(list, announcements(alert)...)
		} else if err := a.Conditions.TakeAlert(ctx, alert.ID, a.now()); err != nil { // else Watch would have it told
			return nil, fmt.Errorf("take alert: %w", err)
		}
	}
	return list, nil
}

func announcements(alerts ...health.Alert) []Announcement {
	var list []Announcement
	for _, alert := range alerts {
		list = append(list, Announcement{Alert: alert.ID, Tenant: alert.Tenant, Condition: alert.Condition})
	}
	return list
}

// asked is that somebody asked for the sync that begins, which ends a quarantine; nil: nobody did.
func (in BeginInput) requestEvent(begun run.Run) *health.Event {
	if !in.IgnoreWithheld {
		return nil
	}
	return &health.Event{Tenant: begun.Tenant, Key: "asked " + begun.ID.String(), Kind: health.Asked, At: begun.Started}
}

// ended is the end of a sync; nil for a preview, which says nothing of a tenant's condition.
//
// A sync is in a maintenance window when any of it is: one that began before and failed inside was cut off by it, and one that
// began inside may fail of it long after.
func (a *Activities) endEvent(ctx context.Context, round run.Round, result run.Result) (*health.Event, error) {
	if round.Preview {
		return nil, nil //nolint:nilnil // no event is an answer, see above
	}
	settings, err := a.settingsOf(ctx, round)
	if err != nil {
		return nil, err
	}
	e := &health.Event{
		Tenant: round.Tenant, Key: "ended " + round.Run.String(), Kind: health.Ended, At: result.Finished, Result: result,
		Excused: maintenance.Overlap(settings.Maintenance, result.Started, result.Finished),
	}
	if result.Outcome == run.Held {
		e.Until = result.Finished.Add(round.Hold)
	}
	return e, nil
}

// settleConclusion notes the end of a hold.
func (a *Activities) concludeEvent(ctx context.Context, in ConcludeInput, result run.Result) ([]Announcement, error) {
	held := run.HeldPlan{Plan: in.Plan}
	if result.Held != nil && result.Held.Plan == in.Plan {
		held = *result.Held
	}
	result.Outcome, result.Held = in.Outcome, &held
	return a.addEvent(ctx, health.Event{
		Tenant: in.Tenant, Key: "concluded " + in.Run.String() + " " + in.Plan, Kind: health.Concluded, At: a.now(), Result: result,
	})
}
