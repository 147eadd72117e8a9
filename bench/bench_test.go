package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcall/rollcall/bench/results"
)

// TestMain is the child, too: the bench starts its own program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		os.Exit(exit())
	}
	os.Exit(m.Run())
}

// All contenders end every scenario with what the report says, on both databases: that is what a run checks by itself.
func TestASmallRunMeasuresEveryScenario(t *testing.T) {
	t.Parallel()
	const n = 1000
	binaries := t.TempDir()
	build := exec.Command("go", "build", "-C", "..", "-o", binaries+"/", "./worker", "./starter")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build worker and starter: %v\n%s", err, out)
	}
	folder := t.TempDir()
	picture := filepath.Join(folder, "picture.svg")
	var out bytes.Buffer
	err := command(context.Background(), []string{
		"-n", "1000", "-runs", "1", "-binaries", binaries, "-out", folder, "-picture", picture,
	}, nil, &out)
	if err != nil {
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
		for _, s := range append(scenarios, pageScenarios...) {
			row, found := f.Find(database, s.name, n)
			if !found || row.Rollcall == nil || row.Floor == nil {
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
	var said bytes.Buffer
	if err := command(context.Background(), []string{"check", folder}, nil, &said); err == nil || !strings.Contains(said.String(), "no figures") {
		t.Errorf("the check of a small run says %v: %s", err, &said)
	}
}

func TestOptionsThatCannotBeMeantAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-n", "12"}, {"-n", "many"}, {"-databases", "oracle"}, {"-nothing"}, {"check"}} {
		if err := command(context.Background(), args, nil, &bytes.Buffer{}); err == nil {
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
