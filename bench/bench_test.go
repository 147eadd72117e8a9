package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall/rollcall/bench/results"
)

// binaries builds worker, starter and floor.
func binaries(t *testing.T) string {
	t.Helper()
	folder := t.TempDir() + "/"
	for _, args := range [][]string{
		{"build", "-C", "..", "-o", folder, "./worker", "./starter"},
		{"build", "-o", folder, "./floor"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return folder
}

// A run itself verifies that every contender's database matches the report after every scenario.
func TestASmallRunMeasuresEveryScenario(t *testing.T) {
	t.Parallel()
	const n = 1000
	folder := t.TempDir()
	picture := filepath.Join(folder, "picture.svg")
	o, err := parse([]string{
		"-n", "1000", "-runs", "1", "-binaries", binaries(t), "-out", folder, "-picture", picture,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.whole = true
	var out bytes.Buffer
	if err := o.run(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	f, _, err := results.Newest(folder)
	if err != nil {
		t.Fatal(err)
	}
	if f.Smallest == nil || f.Smallest.Empty <= 0 {
		t.Errorf("10 people: %+v", f.Smallest)
	}
	for _, database := range []string{results.Postgres, results.SQLite} {
		for _, s := range slices.Concat(scenarios, pageScenarios) {
			row, found := f.Find(database, s.name, n)
			if !found || row.Rollcall == nil || row.Floor == nil || row.Floor.Seconds <= 0 {
				t.Errorf("%s on %s: no figures", s.name, database)
				continue
			}
			if c := row.Rollcall; c.Seconds <= 0 || c.Peak < 10e6 || c.CPU <= 0 || c.Events < 10 || c.History < 1000 {
				t.Errorf("%s on %s: %+v", s.name, database, c)
			}
			if (row.Script != nil) != (database == results.Postgres && s.report != nil) {
				t.Errorf("%s on %s: the script's figures are %v", s.name, database, row.Script)
			}
		}
	}
	if image, err := os.ReadFile(picture); err != nil || !bytes.Contains(image, []byte("<svg")) {
		t.Errorf("picture: %v", err)
	}
	out.Reset()
	err = command(t.Context(), []string{"check", folder}, &out)
	if err == nil || !strings.Contains(out.String(), "no figures") || !strings.Contains(out.String(), "held") {
		t.Errorf("the check of a small run says %v: %s", err, &out)
	}
}

func TestAScenarioComesAfterThoseThatWroteToItsDatabase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"": {
			"first load", "unchanged", "unchanged, another row order", "1 % churn", "all rows updated", "memberships",
			"first load, dates and custom fields",
		},
		"first load":  {"first load"},
		"unchanged":   {"first load", "unchanged"},
		"another":     {"first load", "unchanged, another row order"},
		"updated":     {"first load", "1 % churn", "all rows updated"},
		"memberships": {"memberships"},
		"custom":      {"first load, dates and custom fields"},
	} {
		full, err := scenarioNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range leadingTo(full, scenarios) {
			got = append(got, s.name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestOptionsWithoutMeaningAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-n", "12"},
		{"-n", "many"},
		{"-database", "oracle"},
		{"-scenario", "load"},
		{"-scenario", "x"},
		{"-nothing"},
		{"check"},
	} {
		if err := command(context.Background(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

func TestAProcessIsMetered(t *testing.T) {
	t.Parallel()
	sum := 0
	for i := range 200_000_000 {
		sum += i * i
	}
	got, err := usageOf(os.Getpid())
	if err != nil || got.cpu <= 0 || got.peak < 1e6 || sum == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	family, err := familyCPU(os.Getpid())
	if err != nil || family < got.cpu {
		t.Errorf("the family's CPU %v, %v", family, err)
	}
}
