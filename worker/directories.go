package main

import (
	"context"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/source"
)

// directories knows tenants' settings and opens their directories.
type directories struct{ source.Opener }

var (
	_ activities.Tenants     = directories{}
	_ activities.Directories = directories{}
)

// Settings are the tenant's, as a round keeps to them.
func (d directories) Settings(ctx context.Context, id string) (activities.Settings, error) {
	t, err := d.Opener.Settings(ctx, id)
	if err != nil {
		return activities.Settings{}, err
	}
	return activities.Settings{
		Fields:    t.Fields,
		Levels:    roster.Levels(t.Levels),
		Limits:    guard.Limits{Removals: t.Guard.Removals, Percent: float64(t.Guard.Percent)},
		Grace:     t.Grace.Duration,
		Hold:      t.Guard.Hold.Duration,
		Stall:     t.Stall.Duration,
		Compare:   t.Compare.Duration,
		Shared:    t.WorkOS != nil,
		Protected: t.ProtectedPeople(),
		Sentinels: t.SentinelPeople(),
		Zone:      t.Schedule.Timezone,
	}, nil
}
