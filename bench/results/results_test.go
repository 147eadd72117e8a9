package results_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall/rollcall/bench/results"
)

// good meets every target.
func good() results.File {
	f := results.File{
		Date:     time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		Smallest: &results.Smallest{Runs: 20, Empty: 0.05, Unchanged: 0.3, Updated: 0.5},
	}
	for _, database := range []string{results.Postgres, results.SQLite} {
		for _, people := range []int{100_000, 1_000_000} {
			for _, scenario := range []string{results.FirstLoad, results.Unchanged, results.OtherOrder, results.Churn, results.AllUpdated} {
				size := float64(people) / 100_000
				f.Rows = append(f.Rows, results.Row{
					Database: database, People: people, Scenario: scenario, Reading: 0.1 * size,
					Rollcall: &results.Figures{
						Runs: 1, Seconds: 0.13 * size, Peak: 100e6 + 50*int64(people), Events: 40, History: 8000,
						Touched: map[string]int{"runs": 2},
					},
					Floor:  &results.Figures{Runs: 1, Seconds: 0.1 * size},
					Script: &results.Figures{Runs: 1, Seconds: size},
				})
			}
		}
	}
	return f
}

func TestTheCheckNamesTheRowThatFallsShort(t *testing.T) {
	t.Parallel()
	if misses := good().Misses(); len(misses) > 0 {
		t.Fatalf("good figures miss %q", misses)
	}
	for _, c := range []struct {
		name  string
		spoil func(*results.File)
		want  string
	}{
		{
			"time", of(results.Churn, 1_000_000, func(r *results.Row) { r.Floor.Seconds = 0.5 }),
			"1 % churn, 1,000,000, postgres: 2.60 times the floor, target 1.5",
		},
		{
			"memory", func(f *results.File) {
				of(results.FirstLoad, 100_000, func(r *results.Row) { r.Rollcall.Peak = 290e6 })(f)
				of(results.FirstLoad, 1_000_000, func(r *results.Row) { r.Rollcall.Peak = 300e6 })(f)
			},
			"first load, 1,000,000, postgres: the worker's memory peaks at 300 MB, target 256 MB",
		},
		{
			"reading", of(results.Unchanged, 1_000_000, func(r *results.Row) { r.Reading = 0.4 }),
			"unchanged, 1,000,000, postgres: 3.2 times reading the body, target 3",
		},
		{
			"growth of time", of(results.Churn, 100_000, func(r *results.Row) { r.Rollcall.Seconds = 0.1 }),
			"1 % churn, 1,000,000, postgres: 13.0 times as long as 100,000 people, target 11",
		},
		{
			"growth of memory", of(results.Churn, 100_000, func(r *results.Row) { r.Rollcall.Peak = 50e6 }),
			"1 % churn, 1,000,000, postgres: 111 bytes of memory for each member above 100,000, target 64",
		},
		{
			"events", of(results.FirstLoad, 1_000_000, func(r *results.Row) { r.Rollcall.Events = 1000 }),
			"first load, 1,000,000, postgres: 1000 events in the workflow's history, target under 1000",
		},
		{
			"history", of(results.FirstLoad, 1_000_000, func(r *results.Row) { r.Rollcall.History = 1 << 20 }),
			"first load, 1,000,000, postgres: 1048576 bytes of history, target under 1048576",
		},
		{
			"script", of(results.AllUpdated, 100_000, func(r *results.Row) { r.Script.Seconds = 0.1 }),
			"all rows updated, 100,000, postgres: 0.13 s, the script 0.10 s",
		},
		{
			"writes", of(results.OtherOrder, 1_000_000, func(r *results.Row) { r.Rollcall.Touched = map[string]int{"runs": 2, "stages": 7} }),
			"unchanged, another row order, 1,000,000, postgres: 7 rows written to stages, target none",
		},
		{"small", func(f *results.File) { f.Smallest.Updated = 1 }, "10 people, all updated: 20.0 times the empty workflow, target under 20"},
		{"no small ones", func(f *results.File) { f.Smallest = nil }, "10 people: no figures"},
		{
			"no row", func(f *results.File) {
				f.Rows = slices.DeleteFunc(f.Rows, func(r results.Row) bool { return r.Scenario == results.Churn && r.Database == results.SQLite })
			},
			"1 % churn, 1,000,000, sqlite: no figures",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := good()
			c.spoil(&f)
			if misses := f.Misses(); len(misses) != 1 || misses[0] != c.want {
				t.Errorf("it says %q, want %q", misses, c.want)
			}
		})
	}
}

// of spoils one row on PostgreSQL.
func of(scenario string, people int, spoil func(*results.Row)) func(*results.File) {
	return func(f *results.File) {
		for i := range f.Rows {
			if r := &f.Rows[i]; r.Database == results.Postgres && r.Scenario == scenario && r.People == people {
				spoil(r)
			}
		}
	}
}

func TestRunsCombineToMediansAndTheMostOfMemory(t *testing.T) {
	t.Parallel()
	got := results.Combine([]results.Figures{{Seconds: 3, Peak: 5, CPU: 1}, {Seconds: 1, Peak: 9, CPU: 2}, {Seconds: 2, Peak: 7, CPU: 6}})
	if got.Seconds != 2 || got.Peak != 9 || got.CPU != 2 || got.Runs != 3 || !slices.Equal(got.All, []float64{3, 1, 2}) {
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
	if err != nil || got.Commit != "newer" || filepath.Base(path) != "2026-11-24T0930.json" || len(got.Rows) != len(newer.Rows) {
		t.Errorf("%s, %d rows, %v", path, len(got.Rows), err)
	}
	if err := os.WriteFile(filepath.Join(folder, "2027-01-01T0000.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := results.Newest(folder); err == nil {
		t.Error("a file without figures was taken for results")
	}
}

func TestTheTableHasEveryRowAndTheRatios(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f := good()
	f.Fleets = []results.Fleet{{Tenants: 1000, People: 1000, Workers: 2, Seconds: 30}}
	if err := f.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"unchanged, another row order", "1,000,000", "1.30", "2000 syncs a minute", "10.0 and 6.0 times"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q isn't in\n%s", want, &out)
		}
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
	if want := 1 + 3 + 5*3; bars != want { // background, legend, scenarios
		t.Errorf("%d rectangles, want %d", bars, want)
	}
}

func TestFiguresArePastedInPlaceOfThoseBefore(t *testing.T) {
	t.Parallel()
	const page = "# Title\n<!-- figures: go generate -C bench -->\nold\n<!-- end of figures -->\nrest\n"
	f := results.File{Rows: []results.Row{{
		Database: results.Postgres, People: 10_000, Scenario: results.FirstLoad,
		Rollcall: &results.Figures{Runs: 3, Seconds: 0.5, Peak: 100e6, CPU: 0.3, DatabaseCPU: 0.2, Steps: map[string]float64{"Apply": 0.25, "Begin": 0.01}},
		Floor:    &results.Figures{Seconds: 0.25, CPU: 0.1},
	}}}
	once, err := f.Paste([]byte(page), "bench/results/a.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Title\n", "\nrest\n", "a.json", "| 10,000 | postgres | first load | 500 ms | 250 ms |  | 2.00 | 100 MB | 3 |", "- 10 people: no figures\n",
		"\nOf 10,000 people, seconds", "| postgres | first load | – | – | – | – | 0.25 | – | 0.30 | 0.20 | 0.10 | 0.00 |\n",
	} {
		if !strings.Contains(string(once), want) {
			t.Errorf("%q isn't in\n%s", want, once)
		}
	}
	if twice, err := f.Paste(once, "bench/results/a.json"); err != nil || string(twice) != string(once) || strings.Contains(string(once), "old") {
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
