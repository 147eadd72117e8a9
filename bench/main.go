// Command bench measures the time from the request of a sync to the end of its workflow. It uses the real worker, a
// real Temporal server and a real database. Two other programs do the same job: the floor (bench/floor) and a script of
// curl, jq and psql. They take turns, so other load on the machine affects all three alike.
//
// A run prints the figures and the targets, and writes results and a picture. The command bench check compares the
// newest results with the targets. The command bench paste puts them into docs/performance.md.
package main

//go:generate go run . paste results/data ../docs/performance.md

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/rollcall/rollcall/bench/results"
)

func main() { os.Exit(exit()) }

func exit() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func command(ctx context.Context, args []string, out io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "check":
		return check(args[1], out)
	case len(args) == 3 && args[0] == "paste":
		return paste(args[1], args[2])
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return o.run(ctx, out)
}

// options select what a run measures and where it writes the results.
type options struct {
	sizes     []int
	databases []string
	scenario  string // "": all
	runs      int    // 0: 3, and 1 of more than 100,000 people
	fleet     bool
	binaries  string // folder of worker, starter and floor
	folder    string // "": no results are written
	picture   string // "": none is drawn
	whole     bool   // all sizes, databases and scenarios, and 10 people
}

func parse(args []string) (o options, err error) {
	o.databases = []string{results.Postgres, results.SQLite}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("n", "10000,100000,1000000", "numbers of people, 1000 or more each")
	database := flags.String("database", "", "measure one only: "+strings.Join(o.databases, " or "))
	scenario := flags.String("scenario", "", "measure one only, by its name or a part of it")
	flags.IntVar(&o.runs, "runs", 0, "runs of each scenario (default 3, and 1 of more than 100,000 people)")
	flags.BoolVar(&o.fleet, "fleet", false, "measure many small tenants instead")
	flags.StringVar(&o.binaries, "binaries", "../build", "folder of worker, starter and floor")
	flags.StringVar(&o.folder, "out", "", "folder for the results (default: none are written)")
	flags.StringVar(&o.picture, "picture", "", "SVG file for the picture of the largest size (default: none is drawn)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, errors.New("usage: bench [OPTIONS], bench check FOLDER|FILE or bench paste FOLDER PAGE")
	}
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 {
			return o, fmt.Errorf("-n takes numbers from 1000 on, not %q", text)
		}
		o.sizes = append(o.sizes, n)
	}
	o.whole = *database+*scenario == "" && len(o.sizes) > 1
	if *database != "" {
		if !slices.Contains(o.databases, *database) {
			return o, fmt.Errorf("-database takes %s, not %q", strings.Join(o.databases, " or "), *database)
		}
		o.databases = []string{*database}
	}
	o.scenario, err = scenarioNamed(*scenario)
	return o, err
}

// paste puts the newest results of a folder into a document.
func paste(folder, page string) error {
	f, path, err := results.Newest(folder)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	if text, err = f.Paste(text, path); err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, text, 0o644) //nolint:gosec // a document
}

// check prints all targets. It fails if the newest results of a folder, or the results in a file, miss one.
func check(path string, out io.Writer) (err error) {
	var f results.File
	if strings.HasSuffix(path, ".json") {
		f, err = results.Read(path)
	} else {
		f, path, err = results.Newest(path)
	}
	if err != nil {
		return err
	}
	targets := f.Targets()
	if err := results.PrintTargets(out, targets); err != nil {
		return err
	}
	missed := slices.DeleteFunc(targets, results.Target.Held)
	if len(missed) > 0 {
		return fmt.Errorf("%s: %d targets missed", path, len(missed))
	}
	return nil
}
