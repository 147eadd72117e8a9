// Command demo runs Rollcall's main job with the real binaries and embedded defaults. It starts a Temporal server with
// its Web UI, a simulated Workday and WorkOS, and a worker with two tenants.
//
// The demo syncs both tenants, lets a day of changes pass, syncs again, and once more without changes. Then a third of one
// tenant's people vanish on a day with joiners: the joiners are added, the removals wait until they are approved. At the
// end every field of every member is compared with the simulator's people.
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
	err := runDemo(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// settings are the command line's flags.
type settings struct {
	binaries string // folder of temporal, simulator, worker and starter
	home     string // folder for databases, key and logs; kept from one demo to the next
	exit     bool   // exit after the last step instead of staying up
}

func runDemo(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&s.binaries, "binaries", "build", "folder of temporal, simulator, worker and starter")
	flags.StringVar(&s.home, "home", "build/demo-home", "folder for databases, key and logs")
	flags.BoolVar(&s.exit, "exit", false, "exit after the last step instead of staying up")
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
	demo, err := open(ctx, s, out)
	if err != nil {
		return err
	}
	defer demo.close()
	if err := demo.run(ctx); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil
		}
		return fmt.Errorf("%w (logs are in %s)", err, s.home)
	}
	if s.exit {
		return nil
	}
	fmt.Fprintln(out, "\nUp until Ctrl-C.")
	return demo.wait(ctx)
}
