// Command bench measures a sync from the request to the workflow's end, with the real worker, a real Temporal server and
// a real database, beside two others that do the same job: the floor (package floor), and the script that one would
// write instead. The three take turns in one run, so that what the machine does otherwise meets them alike.
//
// It prints a table, writes results and a picture; bench check holds the newest results against the targets, bench paste puts
// them into a page of the documents.
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
	"strconv"
	"strings"
	"syscall"

	"github.com/rollcall/rollcall/bench/results"
)

func main() { os.Exit(exit()) }

func exit() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func command(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case childCommand:
			return child(ctx, in, out)
		case "check":
			return check(args[1:], out)
		case "paste":
			return paste(args[1:])
		}
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return o.run(ctx, out)
}

// options are those of a run.
type options struct {
	sizes      []int
	databases  []string
	contenders []string
	scenarios  []string // nil: all
	runs       int      // of the smallest size
	lanes      int
	binaries   string
	folder     string
	picture    string
	mostPages  int
	mostScript int
	fleet      bool
	note       string
}

func parse(args []string) (options, error) {
	var o options
	var sizes, databases, contenders string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&sizes, "n", "10000,100000,1000000", "numbers of people")
	flags.StringVar(&databases, "databases", results.Postgres+","+results.SQLite, "which databases")
	flags.StringVar(&contenders, "contenders", "floor,rollcall,script", "who takes part")
	flags.Func("scenario", "a scenario to measure, beginning with a first load; given several times: all of these", func(name string) error {
		o.scenarios = append(o.scenarios, name)
		return nil
	})
	flags.IntVar(&o.runs, "runs", 3, "runs of up to 10,000 people; fewer with more people")
	flags.IntVar(&o.lanes, "lanes", 2, "connections that the floor writes by")
	flags.StringVar(&o.binaries, "binaries", "build", "folder of worker and starter")
	flags.StringVar(&o.folder, "out", "", "folder for the results; none are written when empty")
	flags.StringVar(&o.picture, "picture", "", "SVG file for the picture of the largest size")
	// All pages are kept in memory, and there are five times as many as those of people.
	flags.IntVar(&o.mostPages, "pages", 10_000, "the largest directory that is read page by page from WorkOS, too")
	flags.IntVar(&o.mostScript, "script", 100_000, "the largest directory that the script brings in step, too; a million take it minutes a scenario")
	flags.BoolVar(&o.fleet, "fleet", false, "measure many small tenants instead")
	flags.StringVar(&o.note, "name", "", "what the results' file is called besides its date")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 {
			return options{}, fmt.Errorf("-n takes numbers from 1000 on, not %q", text)
		}
		o.sizes = append(o.sizes, n)
	}
	o.databases, o.contenders = strings.Split(databases, ","), strings.Split(contenders, ",")
	for _, kind := range o.databases {
		if kind != results.Postgres && kind != results.SQLite {
			return options{}, fmt.Errorf("-databases takes %s and %s, not %q", results.Postgres, results.SQLite, kind)
		}
	}
	return o, nil
}

// paste puts the newest results of a folder into a page.
func paste(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: bench paste FOLDER PAGE")
	}
	f, path, err := results.Newest(args[0])
	if err != nil {
		return err
	}
	page, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	if page, err = f.Paste(page, path); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	return os.WriteFile(args[1], page, 0o644) //nolint:gosec // a document
}

// check holds the newest results, or those of a file, against the targets.
func check(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: bench check FOLDER|FILE")
	}
	f, path, err := results.Newest(args[0])
	if strings.HasSuffix(args[0], ".json") {
		path = args[0]
		f, err = results.Read(path)
	}
	if err != nil {
		return err
	}
	misses := f.Misses()
	for _, miss := range misses {
		fmt.Fprintln(out, miss)
	}
	if len(misses) > 0 {
		return fmt.Errorf("%s: %d targets missed", path, len(misses))
	}
	fmt.Fprintf(out, "%s: all targets met\n", path)
	return nil
}
