package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/bench/results"
)

// contender is a program that syncs a database.
type contender interface {
	name() string
	// prepare creates the tables in an empty database.
	prepare(ctx context.Context, d *database) error
	// sync makes the database match the report that is served, and returns its time, memory and CPU.
	sync(ctx context.Context, d *database, s scenario) (results.Figures, error)
	// count counts the rows of its tables.
	count(ctx context.Context, d *database) (counts, error)
}

// series is a list of scenarios that contenders run in turns, each on its own database.
type series struct {
	database  string // kind
	people    int
	scenarios []scenario
	want      func(scenario) counts // in the database after a scenario
	entries   []*entry
}

// entry is a contender with its database, and its figures by scenario.
type entry struct {
	contender
	database *database
	figures  map[string][]results.Figures
}

func (of *series) add(c contender) {
	of.entries = append(of.entries, &entry{contender: c, figures: map[string][]results.Figures{}})
}

// Limits on repeating a scenario that changes nothing, in runs and in seconds. Short times vary most.
const (
	tries  = 5
	enough = 6.0
)

// runsOf returns the number of runs of each scenario with n people.
func (o options) runsOf(n int) int {
	switch {
	case o.runs > 0:
		return o.runs
	case n <= 100_000:
		return 3
	}
	return 1
}

// measure runs a series and returns a row for each selected scenario.
func (b *bench) measure(ctx context.Context, of *series) (rows []results.Row, err error) {
	defer func() {
		for _, e := range of.entries {
			err = errors.Join(err, e.database.drop(context.WithoutCancel(ctx)))
		}
	}()
	for range b.runsOf(of.people) {
		for _, s := range of.scenarios {
			if err := b.play(ctx, of, s); err != nil {
				return nil, fmt.Errorf("%s of %d people on %s: %w", s.name, of.people, of.database, err)
			}
		}
	}
	for _, s := range of.scenarios {
		if b.scenario != "" && b.scenario != s.name {
			continue
		}
		row := results.Row{Database: of.database, People: of.people, Scenario: s.name}
		for _, e := range of.entries {
			*row.Of(e.name()) = results.Combine(e.figures[s.name])
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// play runs one scenario with all contenders.
func (b *bench) play(ctx context.Context, of *series, s scenario) error {
	for _, e := range of.entries {
		if !s.fresh {
			break
		}
		b.rollcall.maps = s.maps
		if err := b.renew(ctx, e, of.database); err != nil {
			return fmt.Errorf("%s: %w", e.name(), err)
		}
	}
	if s.report != nil {
		if err := b.reports.Show(s.report(of.people)); err != nil {
			return err
		}
	}
	spent := map[*entry]float64{}
	for try := range tries {
		for _, e := range of.entries {
			if try > 0 && (s.writes() || spent[e] >= enough) {
				continue
			}
			f, err := e.measure(ctx, s)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name(), err)
			}
			fmt.Fprintf(b.out, "%9d  %-8s  %-28s  %-8.8s  %8.3f s, CPU %.3f s, the server's %.3f s, %d MB written, "+
				"%d MB of memory\n", of.people, of.database, s.name, e.name(), f.Seconds, f.CPU, f.DatabaseCPU, f.Written/1e6, f.Peak/1e6)
			e.figures[s.name] = append(e.figures[s.name], f)
			spent[e] += f.Seconds
		}
	}
	for _, e := range of.entries {
		if err := e.verify(ctx, of.want(s)); err != nil {
			return fmt.Errorf("%s: %w", e.name(), err)
		}
	}
	return nil
}

// renew replaces a contender's database with an empty one.
func (b *bench) renew(ctx context.Context, e *entry, kind string) (err error) {
	if err := e.database.drop(ctx); err != nil {
		return err
	}
	if e.database, err = b.newDatabase(ctx, kind); err != nil {
		return err
	}
	return e.prepare(ctx, e.database)
}

// measure runs one scenario.
func (e *entry) measure(ctx context.Context, s scenario) (results.Figures, error) {
	before, err := e.database.used(ctx)
	if err != nil {
		return results.Figures{}, err
	}
	f, err := e.sync(ctx, e.database, s)
	if err != nil {
		return results.Figures{}, err
	}
	after, err := e.database.used(ctx)
	if err != nil {
		return results.Figures{}, err
	}
	f.DatabaseCPU = after.cpu - before.cpu
	if e.database.kind == results.Postgres {
		f.Written = after.written - before.written
	}
	if s.writes() {
		err = e.database.maintain(ctx)
	}
	return f, err
}

// verify compares the counts in the database with the report.
func (e *entry) verify(ctx context.Context, want counts) error {
	found, err := e.count(ctx, e.database)
	if err != nil {
		return err
	}
	if found.departed == departedUnknown {
		want.departed = departedUnknown
	}
	if found != want {
		return fmt.Errorf("the database holds %+v, not %+v", found, want)
	}
	return nil
}
