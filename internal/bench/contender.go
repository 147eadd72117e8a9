package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/rollcall/rollcall/internal/bench/results"
)

// contender does the job in its own way.
type contender interface {
	name() string
	// prepare gives an empty database the tables that it needs.
	prepare(ctx context.Context, d *database) error
	// sync brings the database in step with the report that is served. It tells its own time, memory and CPU.
	sync(ctx context.Context, d *database, s scenario) (results.Figures, error)
	// holds counts what stands in its tables.
	holds(ctx context.Context, d *database) (counts, error)
}

// match is what contenders run by turns.
type match struct {
	kind      string // of the database
	people    int
	scenarios []scenario
	counts    func(scenario) counts // what must stand in the database after a scenario
}

// A scenario that changes nothing is measured again, so often or for so many seconds: short times are what other programs
// disturb most.
const (
	tries  = 5
	enough = 6.0
)

// play runs all scenarios of one contender and hands over the figures of each.
func (b *bench) play(ctx context.Context, c contender, m match, each func(scenario, results.Figures)) (err error) {
	var d *database
	defer func() {
		if d != nil {
			if dropped := d.drop(ctx); err == nil {
				err = dropped
			}
		}
	}()
	kind, n := m.kind, m.people
	for _, s := range m.scenarios {
		if s.fresh {
			if d != nil {
				if err := d.drop(ctx); err != nil {
					return err
				}
			}
			if d, err = b.newDatabase(ctx, kind); err != nil {
				return err
			}
			if err := c.prepare(ctx, d); err != nil {
				return fmt.Errorf("%s, prepare: %w", c.name(), err)
			}
		}
		if s.report != nil {
			if err := b.reports.Show(s.report(n)); err != nil {
				return err
			}
		}
		for try, spent := 0, 0.0; try < tries && spent < enough; try++ {
			figures, err := b.measure(ctx, c, d, s)
			if err != nil {
				return fmt.Errorf("%s, %s of %d people on %s: %w", c.name(), s.name, n, kind, err)
			}
			b.logf("%9d  %-8s  %-28s  %-8s %8.3f s  %8.3f s CPU, %8.3f s the server's  %4d MB\n",
				n, kind, s.name, c.name(), figures.Seconds, figures.CPU, figures.DatabaseCPU, figures.Peak>>20)
			for _, step := range slices.Sorted(maps.Keys(figures.Steps)) {
				b.logf("%82s %8.3f s\n", step, figures.Steps[step])
			}
			each(s, figures)
			if spent += figures.Seconds; s.writes {
				break
			}
		}
		held, err := c.holds(ctx, d)
		if err != nil {
			return err
		}
		want := m.counts(s)
		if held.departed == notKept {
			want.departed = notKept
		}
		if held != want {
			return fmt.Errorf("%s, %s of %d people on %s: the database holds %+v, not %+v", c.name(), s.name, n, kind, held, want)
		}
		if s.writes {
			if err := d.tidy(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure plays one scenario.
func (b *bench) measure(ctx context.Context, c contender, d *database, s scenario) (results.Figures, error) {
	written, err := d.written(ctx)
	if err != nil {
		return results.Figures{}, err
	}
	touched, err := d.touched(ctx)
	if err != nil {
		return results.Figures{}, err
	}
	cpu, err := d.cpu()
	if err != nil {
		return results.Figures{}, err
	}
	figures, err := c.sync(ctx, d, s)
	if err != nil {
		return results.Figures{}, err
	}
	after, err := d.written(ctx)
	if err != nil {
		return results.Figures{}, err
	}
	figures.Written += after - written
	used, err := d.cpu()
	if err != nil {
		return results.Figures{}, err
	}
	figures.DatabaseCPU = used - cpu
	if !s.writes {
		now, err := d.touched(ctx)
		if err != nil {
			return results.Figures{}, err
		}
		for table, count := range now {
			now[table] = count - touched[table]
		}
		maps.DeleteFunc(now, func(_ string, count int) bool { return count == 0 })
		figures.Touched = now
	}
	return figures, nil
}
