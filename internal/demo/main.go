// Command demo runs Rollcall's main job on embedded defaults, with the real binaries: a Temporal server with its Web UI, a
// simulated Workday and WorkOS, a worker, two tenants. Their first syncs, a day of churn, a resync, and a sync that
// finds nothing to do; then it compares every member with the simulator's people, field by field.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// settings are the command line.
type settings struct {
	binaries string // folder of temporal, simulator, worker and starter
	home     string // folder for databases, key and logs; kept from one demo to the next
	exit     bool   // end after the story instead of staying up
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&s.binaries, "binaries", "build", "folder of temporal, simulator, worker and starter")
	flags.StringVar(&s.home, "home", "build/demo-home", "folder for databases, key and logs")
	flags.BoolVar(&s.exit, "exit", false, "end after the story")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read the command line: %w", err)
	}
	for _, folder := range []*string{&s.binaries, &s.home} {
		absolute, err := filepath.Abs(*folder)
		if err != nil {
			return fmt.Errorf("find %s: %w", *folder, err)
		}
		*folder = absolute
	}
	if err := os.MkdirAll(s.home, 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	stage, err := open(ctx, s, out)
	if err != nil {
		return err
	}
	defer stage.close()
	if err := stage.run(ctx); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil
		}
		return fmt.Errorf("%w (logs are in %s)", err, s.home)
	}
	if s.exit {
		return nil
	}
	fmt.Fprintln(out, "\nUp until Ctrl-C.")
	return stage.wait(ctx)
}
