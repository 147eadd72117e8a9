// Command simulator serves invented companies as Workday and WorkOS do.
//
//	simulator -address 127.0.0.1:8099 -seed 1 -tenants acme=workday:500,globex=workos:200
//
// It prints the address and credentials of each tenant's directory, one JSON object per line. Then it serves until it
// is interrupted. POST /control/day {"advance":1} advances all tenants by a day. See package simulator for /control/.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/rollcall/rollcall/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(out)
	address := flags.String("address", "127.0.0.1:8099", "where to listen; port 0 takes a free one")
	people := flags.Int("people", 500, "default number of people of a tenant")
	seed := flags.Uint64("seed", 1, "seed of all random numbers")
	churn := flags.Int("churn", 0, "people with a change per day, per mille; 0 means 30, -1 none")
	day := flags.Int("day", 0, "first day")
	list := flags.String(
		"tenants", "acme=workday:500,globex=workos:200",
		"id=kind[:people], separated by commas; kind is workday or workos",
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	tenants, err := parseTenants(*list, *people)
	if err != nil {
		return err
	}
	for i := range tenants {
		tenants[i].Seed, tenants[i].Churn, tenants[i].Day = *seed, *churn, *day
	}
	s, err := simulator.Listen(*address, tenants...)
	if err != nil {
		return err
	}
	for _, id := range s.Tenants() {
		if err := json.NewEncoder(out).Encode(s.Access(id)); err != nil {
			return errors.Join(fmt.Errorf("print the tenants: %w", err), s.Close())
		}
	}
	<-ctx.Done()
	return s.Close()
}

// parseTenants parses the -tenants flag.
func parseTenants(list string, people int) ([]simulator.Tenant, error) {
	var tenants []simulator.Tenant
	for entry := range strings.SplitSeq(list, ",") {
		id, rest, ok := strings.Cut(entry, "=")
		if !ok {
			return nil, fmt.Errorf("tenant %q isn't id=kind[:people]", entry)
		}
		kind, size, sized := strings.Cut(rest, ":")
		count := people
		if sized {
			var err error
			if count, err = strconv.Atoi(size); err != nil {
				return nil, fmt.Errorf("tenant %s: people: %w", id, err)
			}
		}
		tenants = append(tenants, simulator.Tenant{ID: id, Kind: simulator.Kind(kind), People: count})
	}
	return tenants, nil
}
