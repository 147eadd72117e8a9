package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rollcall/rollcall/bench/results"
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

// player is a contender with its database.
type player struct {
	contender
	d *database
}

// play runs all scenarios and hands over the figures of each contender. In each scenario they take turns, so that what the
// machine does otherwise meets them alike.
func (b *bench) play(ctx context.Context, who []contender, m match, each func(contender, scenario, results.Figures)) (err error) {
	players := make([]*player, len(who))
	for i, c := range who {
		players[i] = &player{contender: c}
	}
	defer func() {
		for _, p := range players {
			err = errors.Join(err, p.leave(ctx))
		}
	}()
	for _, s := range m.scenarios {
		for _, p := range players {
			if err := b.ready(ctx, p, m, s); err != nil {
				return err
			}
		}
		if s.report != nil {
			if err := b.reports.Show(s.report(m.people)); err != nil {
				return err
			}
		}
		if err := b.scenario(ctx, players, m, s, each); err != nil {
			return err
		}
	}
	return nil
}

// ready gives a player an empty database, where the scenario begins with one.
func (b *bench) ready(ctx context.Context, p *player, m match, s scenario) (err error) {
	if !s.fresh {
		return nil
	}
	if err := p.leave(ctx); err != nil {
		return err
	}
	if p.d, err = b.newDatabase(ctx, m.kind); err != nil {
		return err
	}
	if err := p.prepare(ctx, p.d); err != nil {
		return fmt.Errorf("%s, prepare: %w", p.name(), err)
	}
	return nil
}

// leave drops a player's database.
func (p *player) leave(ctx context.Context) error {
	if p.d == nil {
		return nil
	}
	d := p.d
	p.d = nil
	return d.drop(ctx)
}

// scenario has all players run one, as often as it is measured.
func (b *bench) scenario(ctx context.Context, players []*player, m match, s scenario, each func(contender, scenario, results.Figures)) error {
	spent := make([]float64, len(players))
	for try := range tries {
		for i, p := range players {
			if try > 0 && (s.writes || spent[i] >= enough) {
				continue
			}
			figures, err := b.measure(ctx, p.contender, p.d, s)
			if err != nil {
				return fmt.Errorf("%s, %s of %d people on %s: %w", p.name(), s.name, m.people, m.kind, err)
			}
			b.logf("%9d  %-8s  %-28s  %-8s %8.3f s  %8.3f s CPU, %8.3f s the server's  %4d MB\n",
				m.people, m.kind, s.name, p.name(), figures.Seconds, figures.CPU, figures.DatabaseCPU, figures.Peak>>20)
			for _, step := range slices.Sorted(maps.Keys(figures.Steps)) {
				b.logf("%82s %8.3f s\n", step, figures.Steps[step])
			}
			each(p.contender, s, figures)
			spent[i] += figures.Seconds
			if s.writes {
				if err := p.d.tidy(ctx); err != nil {
					return err
				}
			}
		}
	}
	for _, p := range players {
		if err := p.inStep(ctx, m, s); err != nil {
			return err
		}
	}
	return nil
}

// inStep makes sure that what stands in a player's database is what the report says.
func (p *player) inStep(ctx context.Context, m match, s scenario) error {
	held, err := p.holds(ctx, p.d)
	if err != nil {
		return err
	}
	want := m.counts(s)
	if held.departed == notKept {
		want.departed = notKept
	}
	if held != want {
		return fmt.Errorf("%s, %s of %d people on %s: the database holds %+v, not %+v", p.name(), s.name, m.people, m.kind, held, want)
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
