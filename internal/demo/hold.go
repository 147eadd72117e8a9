package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rollcall/rollcall/internal/monitor"
	"github.com/rollcall/rollcall/internal/run"
)

// vanishing is the share of people who vanish, in percent.
const vanishing = 33

// exitHeld is the exit status of a sync that holds a plan; see `starter resync --help`.
const exitHeld = 3

// decisionTimeout limits how long an approved plan may take.
const decisionTimeout = 2 * time.Minute

// holdRemovals lets a third of the first tenant's people vanish on the next day. It fails unless the sync adds the joiners
// of that day and removes nobody before the removals are approved. The commands that it prints are what a person types.
func (e *environment) holdRemovals(ctx context.Context) error {
	tenant := tenants[0]
	if err := e.nextDay(ctx); err != nil {
		return err
	}
	if err := e.simulator.hide(ctx, tenant, vanishing); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "\nThe next day, a third of %s's people are missing from the report\n", tenant)
	for _, other := range tenants[1:] {
		if _, err := e.resync(ctx, other, "a day has passed"); err != nil {
			return err
		}
	}
	result, err := e.requestSync(ctx, tenant, "a day has passed")
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "  %-7s %-10s %s\n", tenant, result.Outcome, summary(result))
	switch {
	case result.Outcome != run.Held || result.Held == nil || result.Held.Removals == 0:
		return fmt.Errorf("%s ended %s instead of holding the removals", tenant, result.Outcome)
	case result.Changes.Added == 0 || result.Changes.Departed > 0:
		return fmt.Errorf("%s applied %+v instead of the additions alone", tenant, result.Changes)
	}
	fmt.Fprintln(e.out, "\nA person looks at it, and decides")
	approve := []string{"approve", tenant, result.Held.Plan, "--by", "demo", "--note", "confirmed by HR"}
	for _, args := range [][]string{{"status", tenant}, approve} {
		if err := e.enter(ctx, args...); err != nil {
			return err
		}
	}
	return e.awaitApproved(ctx, tenant, result.Held.Plan)
}

// enter runs a command of the starter and prints it with its output.
func (e *environment) enter(ctx context.Context, args ...string) error {
	quoted := make([]string, len(args))
	for i, arg := range args {
		if quoted[i] = arg; strings.Contains(arg, " ") {
			quoted[i] = `"` + arg + `"`
		}
	}
	fmt.Fprintf(e.out, "  $ starter %s\n", strings.Join(quoted, " "))
	printed, err := e.starter(ctx, args...)
	fmt.Fprint(e.out, indent(indent(string(printed))))
	return err
}

// awaitApproved waits until an approved plan is applied, and prints the result.
func (e *environment) awaitApproved(ctx context.Context, tenant, plan string) error {
	ctx, cancel := context.WithTimeout(ctx, decisionTimeout)
	defer cancel()
	for {
		printed, err := e.starter(ctx, "status", tenant, "-o", "json")
		if err != nil {
			return err
		}
		var status monitor.Status
		if err := json.Unmarshal(printed, &status); err != nil {
			return fmt.Errorf("read the status of %s: %w", tenant, err)
		}
		if result := status.Result; !status.Open && result != nil {
			if result.Approved == nil || result.Approved.Plan != plan || result.Changes.Departed == 0 {
				return fmt.Errorf("%s ended %s without the approved removals", tenant, result.Outcome)
			}
			fmt.Fprintf(e.out, "  %-7s %-10s %s\n", tenant, result.Outcome, summary(*result))
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the approved removals of %s: %w", tenant, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
