package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rollcall/rollcall/internal/run"
)

// tenants are the demo's, in the order in which they are told.
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
    guard: {removals: 25, percent: 10}
  - id: globex
    name: Globex (WorkOS)
    schedule: {cron: "15 6 * * *", timezone: Europe/Paris}
    workos: {directory: %s, api_key: "${DEMO_WORKOS_API_KEY}"}
    guard: {removals: 25, percent: 10}
`

// tell runs the story.
func (g *environment) run(ctx context.Context) error {
	day := g.lastDay()
	if err := g.simulator.setDay(ctx, day); err != nil {
		return err
	}
	if err := g.apply(ctx); err != nil {
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
			day++
			if err := g.simulator.setDay(ctx, day); err != nil {
				return err
			}
			if err := os.WriteFile(g.dayFile(), []byte(strconv.Itoa(day)), 0o600); err != nil {
				return fmt.Errorf("keep the day: %w", err)
			}
		}
		fmt.Fprintf(g.out, "\n%s\n", step.title)
		for _, tenant := range tenants {
			result, err := g.resync(ctx, tenant, step.reason)
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
	fmt.Fprintln(g.out, "\nCompared with the directory")
	for _, tenant := range tenants {
		if err := g.compare(ctx, tenant); err != nil {
			return err
		}
	}
	g.printAddresses()
	return nil
}

// dayFile keeps the simulated day from one demo to the next, as the databases are kept.
func (g *environment) dayFile() string { return filepath.Join(g.home, "day") }

// lastDay is where the demo before this one ended; the first begins at 0.
func (g *environment) lastDay() int {
	text, _ := os.ReadFile(g.dayFile()) // no file: the first demo
	day, _ := strconv.Atoi(string(text))
	return day
}

// apply writes tenants.yaml and applies it.
func (g *environment) apply(ctx context.Context) error {
	found, err := g.simulator.tenants(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(g.home, "tenants.yaml")
	acme, globex := found["acme"], found["globex"]
	file := fmt.Sprintf(tenantsFile, path, acme.Users, acme.Groups, acme.Username, globex.Directory)
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		return fmt.Errorf("write the demo's tenants: %w", err)
	}
	fmt.Fprintf(g.out, "\nstarter apply -f %s\n", path)
	command := g.command(ctx, "starter", append(g.variables(),
		"DEMO_WORKDAY_PASSWORD="+acme.Password, "DEMO_WORKOS_API_KEY="+globex.APIKey), "apply", "-f", path)
	printed, err := command.CombinedOutput()
	fmt.Fprint(g.out, indent(string(printed)))
	if err != nil {
		return fmt.Errorf("apply the demo's tenants: %w", err)
	}
	return nil
}

// resync signals a sync, waits for it and prints what changed.
func (g *environment) resync(ctx context.Context, tenant, reason string) (run.Result, error) {
	printed, err := g.starter(ctx, "resync", tenant, "--by", "demo", "--reason", reason, "--wait", "-o", "json")
	var result run.Result
	if err != nil {
		return result, fmt.Errorf("sync %s: %w", tenant, err)
	}
	if err := json.Unmarshal(printed, &result); err != nil {
		return result, fmt.Errorf("read the result of %s: %w", tenant, err)
	}
	fmt.Fprintf(g.out, "  %-7s %-10s %s\n", tenant, result.Outcome, summary(result))
	if result.Outcome != run.Applied && result.Outcome != run.Unchanged {
		return result, fmt.Errorf("%s ended %s", tenant, result.Outcome)
	}
	return result, nil
}

// starter runs a command of the starter and returns what it printed.
func (g *environment) starter(ctx context.Context, args ...string) ([]byte, error) {
	command := g.command(ctx, "starter", g.variables(), args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	printed, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("starter %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return printed, nil
}

// unchanged is the check of the last sync.
func unchanged(result run.Result) error {
	if result.Outcome != run.Unchanged || result.Changes != (run.ChangeCounts{}) {
		return fmt.Errorf("a sync of the same directory ended %s with changes %+v", result.Outcome, result.Changes)
	}
	return nil
}

// compare holds every member that hasn't departed against the directory's people, field by field.
func (g *environment) compare(ctx context.Context, tenant string) error {
	people, err := g.simulator.people(ctx, tenant)
	if err != nil {
		return err
	}
	printed, err := g.starter(ctx, "members", tenant, "-o", "json")
	if err != nil {
		return err
	}
	members, err := byExternalID(bufio.NewScanner(bytes.NewReader(printed)))
	if err != nil {
		return fmt.Errorf("members of %s: %w", tenant, err)
	}
	departed, differences := differences(people, members)
	if len(differences) > 0 {
		return fmt.Errorf("%s is not in step: %d differences, the first: %s", tenant, len(differences), differences[0])
	}
	fmt.Fprintf(g.out, "  %-7s in step: %d members equal the directory's %d people in every field; %d departed\n",
		tenant, len(members)-departed, len(people), departed)
	return nil
}

// addresses says where to look.
func (g *environment) printAddresses() {
	fmt.Fprintln(g.out, "\nLook at it in the Web UI:")
	for _, tenant := range tenants {
		fmt.Fprintf(g.out, "  %s/namespaces/default/workflows?query=%%60WorkflowId%%60%%3D%%22sync-%s%%22\n", g.ui, tenant)
	}
	fmt.Fprintf(g.out, "  %s/namespaces/default/schedules\n", g.ui)
	fmt.Fprintln(g.out, "\nTry the starter beside it:")
	fmt.Fprintf(g.out, "  export %s\n", strings.Join(g.variables()[:2], " "))
	for _, line := range []string{"tenants", "runs acme", "report acme", "changes acme", "members globex"} {
		fmt.Fprintf(g.out, "  %s %s\n", filepath.Join(g.binaries, "starter"), line)
	}
}

// summary is a result's counts in a line, zeros left out.
func summary(result run.Result) string {
	var parts []string
	if result.Changes.Total() > 0 {
		parts = append(parts, result.Changes.Summary())
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
