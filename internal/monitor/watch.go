package monitor

import (
	"context"
	"iter"
	"reflect"
	"time"

	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// pollInterval is the time between two queries of a sync.
const pollInterval = 500 * time.Millisecond

// Observation is the status of a tenant's sync at one moment.
type Observation struct {
	Status
	Changed bool // differs from the observation before, or is the first one
}

// Watch observes a tenant's sync twice a second until ctx ends. An error of Status is the last value; the end of ctx is
// not an error.
func (m Monitor) Watch(ctx context.Context, tenant string) iter.Seq2[Observation, error] {
	return func(yield func(Observation, error) bool) {
		ticker := time.NewTicker(pollInterval)
		defer ticker.Stop()
		var before Status
		for first := true; ; first = false {
			now, err := m.Status(ctx, tenant)
			if ctx.Err() != nil {
				return
			}
			if !yield(Observation{Status: now, Changed: first || !now.sameAs(before)}, err) || err != nil {
				return
			}
			before = now
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}
}

// ShowProgress shows an open sync on a progress line.
func (s Status) ShowProgress(p *terminal.Progress) {
	if s.Step == nil {
		p.Show(s.Tenant+" waits for a worker", "", 0)
		return
	}
	answer := workflows.Status{Step: *s.Step, Waiting: s.Waiting, Planned: *s.Planned, Hold: s.Hold, Result: *s.Result}
	if s.Since != nil {
		answer.Since = *s.Since
	}
	showProgress(p, s.Tenant, answer)
}

// showProgress shows the status of a workflow on a progress line.
func showProgress(p *terminal.Progress, tenant string, s workflows.Status) {
	step, counts := stepText(s)
	if s.Waiting {
		counts = terminal.Join(counts, "another round follows")
	}
	var since time.Duration
	if !s.Since.IsZero() {
		since = time.Since(s.Since)
	}
	p.Show(tenant+" "+step, counts, since)
}

// sameAs reports whether two statuses are equal.
func (s Status) sameAs(other Status) bool { return reflect.DeepEqual(s, other) }
