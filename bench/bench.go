package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/temporaltest"
)

// bench is one run of the bench.
type bench struct {
	options
	out      io.Writer
	temp     string
	reports  *people.Server
	postgres *postgrestest.Server
	product  *product // nil: doesn't take part
	script   *script
}

func (b *bench) logf(format string, args ...any) { fmt.Fprintf(b.out, format, args...) }

// run measures all that the options say.
func (o options) run(ctx context.Context, out io.Writer) (err error) {
	b := &bench{options: o, out: out}
	if b.temp, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.temp)
	if b.reports, err = people.Serve(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.reports.Close()) }()
	if b.postgres, err = postgrestest.Launch(ctx); err != nil {
		return err
	}
	defer b.postgres.Stop()
	if b.takesPart("script") {
		if b.script, err = newScript(filepath.Join(b.temp, "script"), b.reports.URL+"/users"); err != nil {
			return err
		}
	}
	if b.takesPart("rollcall") {
		stop, err := b.openProduct(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	file, err := b.all(ctx)
	if err != nil {
		return err
	}
	if err := file.Print(out); err != nil {
		return err
	}
	return b.keep(file)
}

func (o options) takesPart(name string) bool { return slices.Contains(o.contenders, name) }

// openProduct starts Temporal.
func (b *bench) openProduct(ctx context.Context) (stop func(), err error) {
	server, err := temporaltest.Launch(ctx)
	if err != nil {
		return nil, err
	}
	p := &product{
		binaries: b.binaries, folder: filepath.Join(b.temp, "home"), temporal: server.Address,
		source: workdaySource(b.reports.URL+"/users", b.reports.URL+"/groups"),
	}
	if err := os.MkdirAll(p.folder, 0o700); err != nil {
		server.Stop()
		return nil, err
	}
	if p.client, err = client.DialContext(ctx, client.Options{
		HostPort: server.Address, Namespace: temporaltest.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	}); err != nil {
		server.Stop()
		return nil, err
	}
	b.product = p
	return func() {
		p.client.Close()
		server.Stop()
	}, nil
}

// all measures every size on every database.
func (b *bench) all(ctx context.Context) (file results.File, err error) {
	file = results.File{Date: time.Now().UTC(), Commit: commit(ctx), Machine: machine()}
	if file.Machine.Postgres, err = version(ctx, b.postgres.URL); err != nil {
		return file, err
	}
	if b.fleet {
		file.Fleets, err = b.fleets(ctx)
		return file, err
	}
	if b.product != nil {
		if file.Smallest, err = b.smallest(ctx, b.product, b.databases[0], 4*b.runs); err != nil {
			return file, fmt.Errorf("10 people: %w", err)
		}
	}
	for _, n := range b.sizes {
		for _, kind := range b.databases {
			rows, err := b.size(ctx, kind, n)
			if err != nil {
				return file, err
			}
			file.Rows = append(file.Rows, rows...)
		}
		if err := b.reports.Forget(); err != nil {
			return file, err
		}
	}
	return file, nil
}

// runsOf is how often a size is measured: medians of several, but of a million, which takes its time.
func (b *bench) runsOf(n int) int {
	switch {
	case n <= 10_000:
		return b.runs
	case n <= 100_000:
		return min(b.runs, 3)
	}
	return 1
}

// size measures all scenarios of one size on one database.
func (b *bench) size(ctx context.Context, kind string, n int) ([]results.Row, error) {
	if err := b.reports.Show(people.Report{People: n}); err != nil {
		return nil, err
	}
	alone, err := reading(ctx, b.reports.URL+"/users", 3)
	if err != nil {
		return nil, err
	}
	rows, err := b.turns(ctx, match{
		kind: kind, people: n, scenarios: b.among(scenarios), counts: func(s scenario) counts { return s.reported(n) },
	}, b.contendersOn(kind, n))
	for i := range rows {
		rows[i].Reading = alone
	}
	if err != nil || n > b.mostPages || b.among(pageScenarios) == nil {
		return rows, err
	}
	paged, err := b.pages(ctx, kind, n)
	return append(rows, paged...), err
}

// turns has contenders play a match as often as its size allows.
func (b *bench) turns(ctx context.Context, m match, who []contender) ([]results.Row, error) {
	figures := map[string]map[string][]results.Figures{}
	for _, c := range who {
		figures[c.name()] = map[string][]results.Figures{}
	}
	for range b.runsOf(m.people) {
		err := b.play(ctx, who, m, func(c contender, s scenario, f results.Figures) {
			figures[c.name()][s.name] = append(figures[c.name()][s.name], f)
		})
		if err != nil {
			return nil, err
		}
	}
	var rows []results.Row
	for _, s := range m.scenarios {
		rows = append(rows, results.Row{
			Database: m.kind, People: m.people, Scenario: s.name,
			Floor: results.Combine(figures["floor"][s.name]), Rollcall: results.Combine(figures["Rollcall"][s.name]),
			Script: results.Combine(figures["script"][s.name]),
		})
	}
	return rows, nil
}

// among are those scenarios that are to be measured.
func (o options) among(all []scenario) []scenario {
	if o.scenarios == nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(s scenario) bool { return !slices.Contains(o.scenarios, s.name) })
}

func (b *bench) contendersOn(kind string, n int) (who []contender) {
	if b.takesPart("floor") {
		who = append(who, straight{users: b.reports.URL + "/users", groups: b.reports.URL + "/groups", lanes: b.lanes})
	}
	if b.product != nil {
		who = append(who, b.product)
	}
	if b.script != nil && kind == results.Postgres && n <= b.mostScript {
		who = append(who, b.script)
	}
	return who
}

// keep writes results and picture.
func (b *bench) keep(file results.File) error {
	if b.folder != "" {
		path, err := file.Write(b.folder, b.note)
		if err != nil {
			return err
		}
		b.logf("wrote %s\n", path)
	}
	if b.picture == "" {
		return nil
	}
	to, err := os.Create(b.picture)
	if err != nil {
		return err
	}
	return errors.Join(file.Draw(to, b.databases[0], slices.Max(b.sizes)), to.Close())
}

// commit is the source's, as git tells it.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "" // not in a clone
	}
	return strings.TrimSpace(string(out))
}

func machine() results.Machine {
	m := results.Machine{Cores: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, after, _ := strings.Cut(string(text), "model name")
		line, _, _ := strings.Cut(after, "\n")
		m.Processor = strings.Trim(line, "\t :")
	}
	if kilobytes, err := number("/proc/meminfo", `MemTotal:\s+(\d+) kB`); err == nil {
		m.Memory = kilobytes << 10
	}
	return m
}
