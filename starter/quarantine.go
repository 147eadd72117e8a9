package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// quarantine is a tenant's one try a day: its JSON.
type quarantine struct {
	Since    time.Time  `json:"since"`
	Failures int        `json:"failures"` // scheduled syncs that failed, in a row
	Next     *time.Time `json:"next"`     // the next try, jitter aside
}

// quarantineOf is what a tenant's condition says of a quarantine; nil: there is none.
func quarantineOf(state health.State, t tenant.Tenant) *quarantine {
	if state.Quarantine == nil {
		return nil
	}
	return &quarantine{
		Since: state.Quarantine.Since.UTC(), Failures: state.Failures, Next: nullable.Time(state.Quarantine.Try(t.Schedule.Next)),
	}
}

// quarantine reads a tenant's.
func (a *app) quarantine(ctx context.Context, kept *store.Store, id string) (*quarantine, error) {
	state, err := kept.Condition(ctx, id)
	if err != nil || state.Quarantine == nil {
		return nil, err
	}
	row, err := kept.Tenant(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("tenant %s: %w", id, err)
	}
	t, err := tenant.FromSettings(row.Settings)
	if err != nil {
		return nil, err
	}
	return quarantineOf(state, t), nil
}

// printQuarantine says it to people.
func (a *app) printQuarantine(id string, q *quarantine) error {
	if q == nil {
		return nil
	}
	next := "there is no next"
	if q.Next != nil {
		next = "the next at " + terminal.Time(*q.Next)
	}
	return a.print("%s is quarantined since %s, as %d scheduled syncs in a row have failed: one try a day, %s. It ends when one succeeds, "+
		"or by `starter resync %s`.\n", id, terminal.Time(q.Since), q.Failures, next, id)
}
