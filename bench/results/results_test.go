package results_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall/rollcall/bench/results"
)

var millionScenarios = []string{
	results.FirstLoad, results.Unchanged, results.OtherOrder, results.Churn, results.AllUpdated, results.Memberships,
}

// good holds every target.
func good() results.File {
	f := results.File{
		Date:     time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		Smallest: &results.Smallest{Runs: 20, Empty: 0.05, Unchanged: 0.3, Updated: 0.5},
	}
	for _, database := range []string{results.Postgres, results.SQLite} {
		for _, scenario := range millionScenarios {
			f.Rows = append(f.Rows, results.Row{
				Database: database, People: 1_000_000, Scenario: scenario,
				Rollcall: &results.Figures{
					Runs: 1, Seconds: 0.7, Peak: 200e6, Events: 40, History: 8000,
					Steps: map[string]float64{"Apply": 0.5},
				},
				Floor:  &results.Figures{Runs: 1, Seconds: 1},
				Script: &results.Figures{Runs: 1, Seconds: 10},
			})
		}
	}
	for _, database := range []string{results.Postgres, results.SQLite} {
		for scenario, seconds := range map[string]float64{results.FirstLoad: 1, results.CustomLoad: 1.2} {
			f.Rows = append(f.Rows, results.Row{
				Database: database, People: 100_000, Scenario: scenario, Rollcall: &results.Figures{Runs: 1, Seconds: seconds},
			})
		}
	}
	return f
}

func TestAMissedTargetIsNamed(t *testing.T) {
	t.Parallel()
	for _, target := range good().Targets() {
		if !target.Held() {
			t.Fatalf("good figures miss %+v", target)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(*results.File)
		want  string
	}{
		{
			"time", of(results.Churn, func(r *results.Row) { r.Floor.Seconds = 0.28 }),
			"1 % churn, 1,000,000, postgres 2.50 times the floor at most 1.4 missed",
		},
		{
			"memory", of(results.AllUpdated, func(r *results.Row) { r.Rollcall.Peak = 300e6 }),
			"worker's memory (all rows updated, 1,000,000, postgres) 300 MB at most 256 missed",
		},
		{
			"events", of(results.FirstLoad, func(r *results.Row) { r.Rollcall.Events = 1001 }),
			"workflow's history (first load, 1,000,000, postgres) 1001 events at most 1000 missed",
		},
		{
			"history", of(results.FirstLoad, func(r *results.Row) { r.Rollcall.History = 1 << 21 }),
			"workflow's history (first load, 1,000,000, postgres) 2097 kB at most 1000 missed",
		},
		{
			"script", of(results.AllUpdated, func(r *results.Row) { r.Script.Seconds = 0.1 }),
			"beside the script (all rows updated, 1,000,000, postgres) 7.00 times its time at most 1 missed",
		},
		{
			"custom fields", of(results.CustomLoad, func(r *results.Row) { r.Rollcall.Seconds = 1.3 }),
			"first load, dates and custom fields, 100,000, postgres 1.30 times a first load without at most 1.25 missed",
		},
		{
			"few people", func(f *results.File) { f.Smallest.Updated = 2 },
			"all rows updated, 10 people 40 times an empty workflow at most 20 missed",
		},
		{
			"no row", func(f *results.File) {
				f.Rows = slices.DeleteFunc(f.Rows, func(r results.Row) bool {
					return r.Scenario == results.Churn && r.Database == results.SQLite
				})
			},
			"1 % churn, 1,000,000, sqlite no figures at most 1.1 missed",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := good()
			c.spoil(&f)
			var out bytes.Buffer
			if err := results.PrintTargets(&out, f.Targets()); err != nil {
				t.Fatal(err)
			}
			var missed []string
			for line := range strings.Lines(out.String()) {
				if strings.HasSuffix(line, "missed\n") {
					missed = append(missed, strings.Join(strings.Fields(line), " "))
				}
			}
			if len(missed) != 1 || missed[0] != c.want {
				t.Errorf("it says %q, want %q", missed, c.want)
			}
		})
	}
}

// of spoils one row on PostgreSQL.
func of(scenario string, spoil func(*results.Row)) func(*results.File) {
	return func(f *results.File) {
		for i := range f.Rows {
			if r := &f.Rows[i]; r.Database == results.Postgres && r.Scenario == scenario {
				spoil(r)
			}
		}
	}
}

func TestEveryTargetIsMissedWithoutFigures(t *testing.T) {
	t.Parallel()
	targets := results.File{}.Targets()
	for _, target := range targets {
		if target.Held() || target.Measured() || !math.IsNaN(target.Value) {
			t.Errorf("%+v", target)
		}
	}
	if len(targets) < 2*len(millionScenarios) {
		t.Errorf("%d targets", len(targets))
	}
}

func TestRunsCombineToMediansAndTheMostOfMemory(t *testing.T) {
	t.Parallel()
	got := results.Combine([]results.Figures{
		{Seconds: 3, Peak: 5, CPU: 1}, {Seconds: 1, Peak: 9, CPU: 2}, {Seconds: 2, Peak: 7, CPU: 6},
	})
	if got.Seconds != 2 || got.Peak != 9 || got.CPU != 2 || got.Runs != 3 || !slices.Equal(
		got.All, []float64{3, 1, 2},
	) {
		t.Errorf("%+v", got)
	}
	if results.Combine(nil) != nil || results.Median([]float64{4, 1}) != 2.5 {
		t.Error("no runs have figures, or the median of two isn't between them")
	}
}

func TestTheNewestFileIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "results")
	if _, _, err := results.Newest(folder); err == nil {
		t.Error("nothing was found where nothing is")
	}
	older, newer := good(), good()
	newer.Date = older.Date.Add(24 * time.Hour)
	newer.Commit = "newer"
	for _, f := range []results.File{newer, older} {
		if _, err := f.Write(folder, ""); err != nil {
			t.Fatal(err)
		}
	}
	fleet := results.File{Date: newer.Date.Add(time.Hour), Commit: "of a fleet"}
	if _, err := fleet.Write(folder, "-fleet"); err != nil {
		t.Fatal(err)
	}
	got, path, err := results.Newest(folder)
	if err != nil || got.Commit != "newer" || filepath.Base(path) != "2026-11-24T0930.json" || len(got.Rows) == 0 {
		t.Errorf("%s, %d rows, %v", path, len(got.Rows), err)
	}
	if err := os.WriteFile(filepath.Join(folder, "2027-01-01T0000.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := results.Newest(folder); err == nil {
		t.Error("a file without figures was taken for results")
	}
}

func TestARunPrintsItsFiguresAndTheirTargets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f := results.File{
		Rows:   good().Rows[:1],
		Fleets: []results.Fleet{{Tenants: 1000, People: 1000, Workers: 2, Seconds: 30}},
	}
	if err := f.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 1,000,000 | postgres | first load | 700 ms |", "2000 syncs a minute", "0.70 times the floor",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q isn't in\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "no figures") {
		t.Errorf("a target without figures is printed:\n%s", &out)
	}
}

func TestThePictureIsXMLWithABarForEachFigure(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := good().Draw(&out, results.Postgres, 1_000_000); err != nil {
		t.Fatal(err)
	}
	bars := 0
	for d := xml.NewDecoder(&out); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "rect" {
			bars++
		}
	}
	if want := 1 + 3 + len(millionScenarios)*3; bars != want { // background, legend, scenarios
		t.Errorf("%d rectangles, want %d", bars, want)
	}
}

func TestFiguresArePastedInPlaceOfThoseBefore(t *testing.T) {
	t.Parallel()
	const page = "# Title\n<!-- figures: go generate -C bench -->\nold\n<!-- end of figures -->\nrest\n"
	f := results.File{Rows: []results.Row{{
		Database: results.Postgres, People: 10_000, Scenario: results.FirstLoad,
		Rollcall: &results.Figures{
			Runs: 3, Seconds: 0.5, Peak: 100e6, CPU: 0.3, DatabaseCPU: 0.2, Written: 3e6,
			Steps: map[string]float64{"Apply": 0.25, "Begin": 0.01},
		},
		Floor: &results.Figures{Seconds: 0.25, CPU: 0.1, Written: 2e6},
	}}}
	once, err := f.Paste([]byte(page), "bench/results/data/a.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Title\n", "\nrest\n", "a.json",
		"| 10,000 | postgres | first load | 500 ms | 250 ms |  | 2.00 | 100 MB | 3 |",
		"\nOf 10,000 people: seconds", "| – | – | – | – | 0.25 | – | 0.30 | 0.20 | 0.10 | 0.00 | 3 MB | 2 MB |\n",
		"\n| unchanged, 10 people | no figures | 20 | missed |\n",
	} {
		if !strings.Contains(string(once), want) {
			t.Errorf("%q isn't in\n%s", want, once)
		}
	}
	twice, err := f.Paste(once, "bench/results/data/a.json")
	if err != nil || string(twice) != string(once) || strings.Contains(string(once), "old") {
		t.Errorf("pasted again: %v\n%s", err, twice)
	}
	if _, err := f.Paste([]byte("no place"), "a.json"); err == nil {
		t.Error("a page without a place is written")
	}
}

func TestTheDocumentHasTheFiguresOfTheNewestResults(t *testing.T) {
	t.Parallel()
	f, path, err := results.Newest("data")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.Paste(page, path)
	if err != nil || string(want) != string(page) {
		t.Errorf("docs/performance.md differs, %v: run `make docs`", err)
	}
}
