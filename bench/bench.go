package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/postgrestest"
)

// The largest directories for the script, which would take minutes per scenario, and for WorkOS's pages, which are all
// held in memory.
const (
	mostScript = 100_000
	mostPages  = 10_000
)

// bench is one run of the bench.
type bench struct {
	options
	out      io.Writer
	temp     string
	reports  *people.Server
	postgres *postgrestest.Server
	rollcall *rollcall
	script   *script
}

// run measures what the options select.
func (o options) run(ctx context.Context, out io.Writer) (err error) {
	b := &bench{options: o, out: out}
	if b.temp, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.temp)
	if b.reports, err = people.Serve(filepath.Join(b.temp, "reports")); err != nil {
		return err
	}
	defer b.reports.Close()
	if b.postgres, err = postgrestest.Launch(ctx); err != nil {
		return err
	}
	defer b.postgres.Stop()
	if b.script, err = newScript(b.temp, b.reports.URL+"/users"); err != nil {
		return err
	}
	if b.rollcall, err = startRollcall(ctx, o.binaries, b.temp); err != nil {
		return err
	}
	defer b.rollcall.close()
	b.rollcall.source = workdaySource(b.reports.URL)
	file := results.File{Date: time.Now().UTC(), Commit: commit(ctx), Machine: results.Machine{
		Cores: runtime.NumCPU(), Go: runtime.Version(),
	}}
	if file.Machine.Postgres, err = version(ctx, b.postgres.URL); err != nil {
		return err
	}
	if o.fleet {
		file.Fleets, err = b.fleets(ctx)
	} else {
		err = b.all(ctx, &file)
	}
	if err != nil {
		return err
	}
	return b.keep(file)
}

// all measures every size on every database.
func (b *bench) all(ctx context.Context, file *results.File) (err error) {
	if b.whole {
		if file.Smallest, err = b.smallest(ctx); err != nil {
			return fmt.Errorf("10 people: %w", err)
		}
	}
	for _, n := range b.sizes {
		for _, kind := range b.databases {
			rows, err := b.size(ctx, kind, n)
			if err != nil {
				return err
			}
			file.Rows = append(file.Rows, rows...)
		}
		if err := b.reports.Forget(); err != nil {
			return err
		}
	}
	if len(file.Rows) == 0 {
		return fmt.Errorf("nothing to measure: WorkOS's pages are read of at most %d people", mostPages)
	}
	return nil
}

// size measures all scenarios of one size on one database.
func (b *bench) size(ctx context.Context, kind string, n int) ([]results.Row, error) {
	of := series{
		database: kind, people: n, scenarios: leadingTo(b.scenario, scenarios),
		want: func(s scenario) counts { return s.counts(n) },
	}
	of.add(floor{b.rollcall, []string{"-users", b.reports.URL + "/users", "-groups", b.reports.URL + "/groups"}})
	of.add(b.rollcall)
	if kind == results.Postgres && n <= mostScript {
		of.add(b.script)
	}
	rows, err := b.measure(ctx, &of)
	if err != nil || n > mostPages || leadingTo(b.scenario, pageScenarios) == nil {
		return rows, err
	}
	paged, err := b.pages(ctx, kind, n)
	return append(rows, paged...), err
}

// keep prints the figures and writes results and picture.
func (b *bench) keep(file results.File) error {
	if err := file.Print(b.out); err != nil {
		return err
	}
	if b.folder != "" {
		kind := ""
		switch {
		case b.fleet:
			kind = "-fleet"
		case !b.whole:
			kind = "-part"
		}
		path, err := file.Write(b.folder, kind)
		if err != nil {
			return err
		}
		fmt.Fprintln(b.out, "\nresults:", path)
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

// commit returns the commit of the source, or "" outside a clone.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
