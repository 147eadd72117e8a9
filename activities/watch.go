package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/run"
)

// WatchInput is empty: Watch examines all tenants.
type WatchInput struct{}

// WatchResult counts the examined tenants, and has the alerts to deliver.
type WatchResult struct {
	Tenants int            `json:"tenants"`
	Overdue int            `json:"overdue"` // tenants that have become overdue
	Alerts  []Announcement `json:"alerts,omitempty"`
}

const (
	alertGrace     = 2 * time.Minute     // how long the workflow that made an alert may take to deliver it
	alertDeadline  = 24 * time.Hour      // how long an alert is worth delivering
	alertRetention = 30 * 24 * time.Hour // how long alerts are stored
	maxAlerts      = 500                 // alerts of one Watch; the next one finds the others
)

// Watch looks for tenants whose sync should have run and did not. It also looks for alerts that nobody delivers,
// because the workflow that made them was killed.
func (a *Activities) Watch(ctx context.Context, _ WatchInput) (WatchResult, error) {
	return step(ctx, a, run.Round{}, nil, func(ctx context.Context, p *progress) (WatchResult, error) {
		var result WatchResult
		now := a.now()
		for w, err := range a.Schedules.Watched(ctx) {
			if err != nil {
				return WatchResult{}, fmt.Errorf("read tenants: %w", err)
			}
			alerts, err := a.checkTenant(ctx, w, now)
			if err != nil {
				return WatchResult{}, err
			}
			result.Tenants++
			result.Overdue += len(alerts)
			result.Alerts = append(result.Alerts, alerts...)
			p.Add(1)
		}
		pending, err := a.Conditions.PendingAlerts(ctx, now.Add(-alertDeadline), now.Add(-alertGrace), maxAlerts)
		if err != nil {
			return WatchResult{}, fmt.Errorf("read alerts: %w", err)
		}
		result.Alerts = append(result.Alerts, announcements(pending...)...)
		result.Alerts = result.Alerts[:min(len(result.Alerts), maxAlerts)]
		if err := a.Conditions.DropAlerts(ctx, now.Add(-alertRetention)); err != nil {
			return WatchResult{}, fmt.Errorf("drop old alerts: %w", err)
		}
		return result, nil
	})
}

// checkTenant checks whether a tenant is overdue. It asks Temporal only about a tenant that seems overdue, or whose
// Schedule was paused when last asked.
func (a *Activities) checkTenant(ctx context.Context, w Watched, now time.Time) ([]Announcement, error) {
	last := w.Last
	if w.Applied.After(last) {
		last = w.Applied
	}
	due := w.State.NextDue(last, w.Cadence.Next)
	late := !due.IsZero() && now.After(due.Add(w.Cadence.Tolerance)) && w.State.Overdue.IsZero() &&
		!maintenance.Overlap(w.Cadence.Maintenance, now, now)
	if !late && !w.State.Paused {
		return nil, nil
	}
	seen, err := a.Schedules.Expectation(ctx, w.Tenant)
	if err != nil {
		return nil, fmt.Errorf("ask Temporal: %w", err)
	}
	switch {
	case seen.Paused && w.State.Paused:
		return nil, nil
	case seen.Paused, w.State.Paused, seen.Open:
		return a.addEvent(ctx, health.Event{Tenant: w.Tenant, Kind: health.NoneExpected, At: now, Paused: seen.Paused})
	default:
		return a.addEvent(ctx, health.Event{
			Tenant: w.Tenant, Key: "missed " + due.UTC().Format(time.RFC3339), Kind: health.Missed, At: now, Due: due,
		})
	}
}
