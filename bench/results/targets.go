package results

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

const million = 1_000_000

// most are the limits on the time of a sync of a million people, relative to the floor.
var most = []struct {
	scenario         string
	postgres, sqlite float64
}{
	{FirstLoad, 1.6, 1.3},
	{Unchanged, 1.0, 0.8},
	{OtherOrder, 1.2, 0.8},
	{Churn, 1.4, 1.1},
	{AllUpdated, 1.5, 1.1},
	{Memberships, 1.7, 1.5},
}

// Target is a figure with an upper limit.
type Target struct {
	Name  string
	Value float64 // NaN: no figures
	Most  float64
	Unit  string
}

// Measured reports whether there are figures for the target.
func (t Target) Measured() bool { return !math.IsNaN(t.Value) }

// Held reports whether the target is met. A target without figures is not met.
func (t Target) Held() bool { return t.Value <= t.Most }

func (t Target) cells() (value, most, verdict string) {
	value, most, verdict = "no figures", fmt.Sprintf("%.4g", t.Most), "missed"
	switch {
	case !t.Measured():
	case t.Value < 10:
		value = fmt.Sprintf("%.2f %s", t.Value, t.Unit)
	default:
		value = fmt.Sprintf("%.0f %s", t.Value, t.Unit)
	}
	if t.Held() {
		verdict = "held"
	}
	return value, most, verdict
}

// Targets returns all targets.
func (f File) Targets() (targets []Target) {
	for _, database := range []string{Postgres, SQLite} {
		for _, m := range most {
			t := Target{
				Name: fmt.Sprintf("%s, %s, %s", m.scenario, counted(million), database), Value: math.NaN(),
				Most: m.postgres,
				Unit: "times the floor",
			}
			if database == SQLite {
				t.Most = m.sqlite
			}
			if row, found := f.Find(database, m.scenario, million); found && row.Ratio(row.Floor) > 0 {
				t.Value = row.Ratio(row.Floor)
			}
			targets = append(targets, t)
		}
	}
	for _, database := range []string{Postgres, SQLite} {
		targets = append(targets, f.customLoad(database))
	}
	targets = append(targets,
		f.highest("worker's memory", 256, "MB", func(r Row) float64 { return float64(r.Rollcall.Peak) / 1e6 }),
		f.highest("workflow's history", 1000, "events", func(r Row) float64 { return float64(r.Rollcall.Events) }),
		f.highest("workflow's history", 1000, "kB", func(r Row) float64 { return float64(r.Rollcall.History) / 1e3 }),
		f.highest("beside the script", 1, "times its time", func(r Row) float64 { return r.Ratio(r.Script) }))
	updated, unchanged := math.NaN(), math.NaN()
	if s := f.Smallest; s != nil {
		updated, unchanged = s.Updated/s.Empty, s.Unchanged/s.Empty
	}
	return append(targets,
		Target{"all rows updated, 10 people", updated, 20, "times an empty workflow"},
		Target{"unchanged, 10 people", unchanged, 20, "times an empty workflow"})
}

// mostCustom is how much longer a first load may take with dates, a status map and ten custom fields.
const mostCustom = 1.25

// customLoad returns the target for a first load with dates, a status map and ten custom fields, compared with one without.
func (f File) customLoad(database string) Target {
	const size = 100_000
	t := Target{
		fmt.Sprintf("%s, %s, %s", CustomLoad, counted(size), database), math.NaN(), mostCustom, "times a first load without",
	}
	plain, found := f.Find(database, FirstLoad, size)
	if row, also := f.Find(database, CustomLoad, size); found && also {
		if ratio := row.Ratio(plain.Rollcall); ratio > 0 {
			t.Value = ratio
		}
	}
	return t
}

// highest returns a target for the highest value of all rows. Its name includes the row.
func (f File) highest(name string, most float64, unit string, value func(Row) float64) Target {
	t := Target{name, math.NaN(), most, unit}
	for _, r := range f.Rows {
		if r.Rollcall == nil || value(r) <= 0 || t.Value >= value(r) {
			continue
		}
		t.Value, t.Name = value(r), fmt.Sprintf("%s (%s, %s, %s)", name, r.Scenario, counted(r.People), r.Database)
	}
	return t
}

// PrintTargets prints targets as a table.
func PrintTargets(to io.Writer, targets []Target) error {
	w := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	for _, t := range targets {
		value, most, verdict := t.cells()
		fmt.Fprintf(w, "%s\t%s\tat most %s\t%s\n", t.Name, value, most, verdict)
	}
	return w.Flush()
}
