package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rollcall/rollcall/internal/run"
)

// tenants are the ids of the demo's tenants, in the order of the output.
var tenants = []string{"acme", "globex"} //nolint:gochecknoglobals // a constant list

const tenantsFile = `# Written by the demo; apply it again with: starter apply -f %s
tenants:
  - id: acme
    name: Acme Corporation (Workday)
    schedule: {cron: "0 6 * * *", timezone: America/Toronto}
    workday:
      users: %s
      groups: %s
      username: %s
      password: ${DEMO_WORKDAY_PASSWORD}
    # Additions are not held, because each demo brings back the people whom the demo before let vanish.
    guard: {removals: 25, percent: 10, additions: 100000}
  - id: globex
    name: Globex (WorkOS)
    schedule: {cron: "15 6 * * *", timezone: Europe/Paris}
    workos: {directory: %s, api_key: "${DEMO_WORKOS_API_KEY}"}
    guard: {removals: 25, percent: 10}
`

// run performs the steps of the demo.
func (e *environment) run(ctx context.Context) error {
	if err := e.simulator.setDay(ctx, e.lastDay()); err != nil {
		return err
	}
	if err := e.apply(ctx); err != nil {
		return err
	}
	steps := []struct {
		title   string
		reason  string
		advance bool
		check   func(run.Result) error
	}{
		{title: "First sync", reason: "first sync"},
		{title: "A day passes, resync", reason: "a day has passed", advance: true},
		{title: "Once more", reason: "nothing should change", check: unchanged},
	}
	for _, step := range steps {
		if step.advance {
			if err := e.nextDay(ctx); err != nil {
				return err
			}
		}
		fmt.Fprintf(e.out, "\n%s\n", step.title)
		for _, tenant := range tenants {
			result, err := e.resync(ctx, tenant, step.reason)
			if err != nil {
				return err
			}
			if step.check != nil {
				if err := step.check(result); err != nil {
					return fmt.Errorf("%s: %w", tenant, err)
				}
			}
		}
	}
	if err := e.holdRemovals(ctx); err != nil {
		return err
	}
	fmt.Fprintln(e.out, "\nCompared with the directory")
	for _, tenant := range tenants {
		if err := e.compare(ctx, tenant); err != nil {
			return err
		}
	}
	e.printAddresses()
	return nil
}

// nextDay lets a day pass in both directories.
func (e *environment) nextDay(ctx context.Context) error {
	day := e.lastDay() + 1
	if err := e.simulator.setDay(ctx, day); err != nil {
		return err
	}
	if err := os.WriteFile(e.dayFile(), []byte(strconv.Itoa(day)), 0o600); err != nil {
		return fmt.Errorf("keep the day: %w", err)
	}
	return nil
}

// dayFile stores the simulated day between demos, because the databases persist too.
func (e *environment) dayFile() string { return filepath.Join(e.home, "day") }

// lastDay returns the last day of the previous demo, or 0.
func (e *environment) lastDay() int {
	text, _ := os.ReadFile(e.dayFile()) // no file: the first demo
	day, _ := strconv.Atoi(string(text))
	return day
}

// apply writes tenants.yaml and applies it.
func (e *environment) apply(ctx context.Context) error {
	found, err := e.simulator.tenants(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(e.home, "tenants.yaml")
	acme, globex := found["acme"], found["globex"]
	file := fmt.Sprintf(tenantsFile, path, acme.Users, acme.Groups, acme.Username, globex.Directory)
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		return fmt.Errorf("write the demo's tenants: %w", err)
	}
	fmt.Fprintf(e.out, "\nstarter apply -f %s\n", path)
	command := e.command(ctx, "starter", append(e.variables(),
		"DEMO_WORKDAY_PASSWORD="+acme.Password, "DEMO_WORKOS_API_KEY="+globex.APIKey), "apply", "-f", path)
	printed, err := command.CombinedOutput()
	fmt.Fprint(e.out, indent(string(printed)))
	if err != nil {
		return fmt.Errorf("apply the demo's tenants: %w", err)
	}
	return nil
}

// resync requests a sync, waits for it and prints what changed.
func (e *environment) resync(ctx context.Context, tenant, reason string) (run.Result, error) {
	result, err := e.requestSync(ctx, tenant, reason)
	if err != nil {
		return result, err
	}
	fmt.Fprintf(e.out, "  %-7s %-10s %s\n", tenant, result.Outcome, summary(result))
	if result.Outcome != run.Applied && result.Outcome != run.Unchanged {
		return result, fmt.Errorf("%s ended %s", tenant, result.Outcome)
	}
	return result, nil
}

// requestSync requests a sync and returns its result, which may be that removals are held.
func (e *environment) requestSync(ctx context.Context, tenant, reason string) (result run.Result, err error) {
	printed, err := e.starter(ctx, "resync", tenant, "--by", "demo", "--reason", reason, "--wait", "-o", "json")
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == exitHeld {
		err = nil
	}
	if err != nil {
		return result, fmt.Errorf("sync %s: %w", tenant, err)
	}
	if err := json.Unmarshal(printed, &result); err != nil {
		return result, fmt.Errorf("read the result of %s: %w", tenant, err)
	}
	return result, nil
}

// starter runs a command of the starter and returns what it printed.
func (e *environment) starter(ctx context.Context, args ...string) ([]byte, error) {
	command := e.command(ctx, "starter", e.variables(), args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	printed, err := command.Output()
	if err != nil {
		return printed, fmt.Errorf("starter %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return printed, nil
}

// unchanged fails unless a sync changed nothing.
func unchanged(result run.Result) error {
	if result.Outcome != run.Unchanged || result.Changes != (run.ChangeCounts{}) {
		return fmt.Errorf("a sync of the same directory ended %s with changes %+v", result.Outcome, result.Changes)
	}
	return nil
}

// compare compares every field of every member with the directory's people.
func (e *environment) compare(ctx context.Context, tenant string) error {
	people, err := e.simulator.people(ctx, tenant)
	if err != nil {
		return err
	}
	printed, err := e.starter(ctx, "members", tenant, "-o", "json")
	if err != nil {
		return err
	}
	members, err := byExternalID(bufio.NewScanner(bytes.NewReader(printed)))
	if err != nil {
		return fmt.Errorf("members of %s: %w", tenant, err)
	}
	departed, differences := differences(people, members)
	if len(differences) > 0 {
		return fmt.Errorf("%s is not in sync: %d differences, the first: %s", tenant, len(differences), differences[0])
	}
	fmt.Fprintf(e.out, "  %-7s in sync: %d members equal the directory's %d people in every field; %d departed\n",
		tenant, len(members)-departed, len(people), departed)
	return nil
}

// printAddresses prints links to the Web UI and commands to try.
func (e *environment) printAddresses() {
	fmt.Fprintln(e.out, "\nIn the Web UI:")
	for _, tenant := range tenants {
		fmt.Fprintf(
			e.out, "  %s/namespaces/default/workflows?query=%%60WorkflowId%%60%%3D%%22sync-%s%%22\n", e.ui, tenant,
		)
	}
	fmt.Fprintf(e.out, "  %s/namespaces/default/schedules\n", e.ui)
	fmt.Fprintln(e.out, "\nTry the starter:")
	fmt.Fprintf(e.out, "  export %s\n", strings.Join(e.variables()[:2], " "))
	for _, line := range []string{"tenants", "runs acme", "report acme", "changes acme", "members globex"} {
		fmt.Fprintf(e.out, "  %s %s\n", filepath.Join(e.binaries, "starter"), line)
	}
}

// summary returns a result's counts in one line, without zeros.
func summary(result run.Result) string {
	var parts []string
	if result.Changes.Total() > 0 {
		parts = append(parts, result.Changes.Summary())
	}
	if result.Held != nil {
		parts = append(parts, result.Held.Text()+" held")
	}
	if n := result.Rows.Rejected; n > 0 {
		parts = append(parts, fmt.Sprintf("%d rows rejected", n))
	}
	if n := result.Rows.Warnings; n > 0 {
		parts = append(parts, fmt.Sprintf("%d rows with warnings", n))
	}
	if len(parts) == 0 {
		parts = []string{"nothing changed"}
	}
	return fmt.Sprintf("%d people read: %s (%.1f s)", result.Snapshot.Users, strings.Join(parts, ", "),
		result.Finished.Sub(result.Started).Seconds())
}

func indent(text string) string {
	var indented strings.Builder
	for line := range strings.Lines(text) {
		indented.WriteString("  " + line)
	}
	return indented.String()
}
