package monitor

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// Quarantine limits a tenant to one scheduled sync a day.
type Quarantine struct {
	Since    time.Time  `json:"since"`
	Failures int        `json:"failures"` // scheduled syncs that failed in a row
	Next     *time.Time `json:"next"`     // the next sync, without jitter; null: none
}

// quarantineOf returns the quarantine in a tenant's condition, or nil.
func quarantineOf(state health.Status, t tenant.Tenant) *Quarantine {
	if state.Quarantine == nil {
		return nil
	}
	return &Quarantine{
		Since: state.Quarantine.Since.UTC(), Failures: state.Failures,
		Next: nullable.Time(state.Quarantine.NextTry(t.Schedule.Next)),
	}
}

// quarantine returns the quarantine in a tenant's condition, or nil.
func (m Monitor) quarantine(ctx context.Context, id string, state health.Status) (*Quarantine, error) {
	if state.Quarantine == nil {
		return nil, nil //nolint:nilnil // none is an answer
	}
	t, _, err := settings.Load(ctx, m.Store, id)
	if err != nil {
		return nil, err
	}
	return quarantineOf(state, t), nil
}

// text describes the quarantine for people. It returns "" if q is nil.
func (q *Quarantine) text(id string) string {
	if q == nil {
		return ""
	}
	next := "none is scheduled"
	if q.Next != nil {
		next = "next at " + terminal.Time(*q.Next)
	}
	return fmt.Sprintf("%[1]s is quarantined since %[2]s, after %[3]d failed scheduled syncs in a row. "+
		"It syncs once a day, %[4]s. A sync that succeeds or `starter resync %[1]s` ends the quarantine.\n",
		id, terminal.Time(q.Since), q.Failures, next)
}
