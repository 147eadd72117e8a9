// Package results holds the measurements of the bench: their file format, the tables for the terminal and the document,
// the picture, and the targets.
package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File holds the measurements of one run of the bench.
type File struct {
	Date     time.Time `json:"date"`
	Commit   string    `json:"commit"`
	Machine  Machine   `json:"machine"`
	Rows     []Row     `json:"rows"`
	Smallest *Smallest `json:"smallest,omitempty"`
	Fleets   []Fleet   `json:"fleets,omitempty"`
}

// Machine describes the machine of a run.
type Machine struct {
	Cores    int    `json:"cores"`
	Go       string `json:"go"`
	Postgres string `json:"postgres"`
}

// The names of the databases.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
)

// The names of the scenarios, in their order.
const (
	FirstLoad   = "first load"
	Unchanged   = "unchanged"
	OtherOrder  = "unchanged, another row order"
	Churn       = "1 % churn"
	AllUpdated  = "all rows updated"
	Memberships = "memberships"
	CustomLoad  = "first load, dates and custom fields"
	Pages       = "first load, WorkOS pages"
	PagesAgain  = "unchanged, WorkOS pages"
)

// The names of the contenders.
const (
	FloorName    = "floor"
	RollcallName = "Rollcall"
	ScriptName   = "curl | jq | psql, MERGE"
)

// Row holds the figures of one scenario with one number of people on one database. A contender that didn't run is nil.
type Row struct {
	Database string   `json:"database"`
	People   int      `json:"people"`
	Scenario string   `json:"scenario"`
	Rollcall *Figures `json:"rollcall"`
	Floor    *Figures `json:"floor"`
	Script   *Figures `json:"script"`
}

// Of returns the field for a contender's figures.
func (r *Row) Of(contender string) **Figures {
	switch contender {
	case FloorName:
		return &r.Floor
	case RollcallName:
		return &r.Rollcall
	default:
		return &r.Script
	}
}

// Ratio returns Rollcall's time divided by another contender's. It is 0 if either is missing.
func (r *Row) Ratio(other *Figures) float64 {
	if r.Rollcall == nil || other == nil || other.Seconds == 0 {
		return 0
	}
	return r.Rollcall.Seconds / other.Seconds
}

// Figures are medians over several runs. Memory and history are maxima.
type Figures struct {
	Runs        int       `json:"runs"`
	Seconds     float64   `json:"seconds"`
	All         []float64 `json:"all"`            // the seconds of each run
	Peak        int64     `json:"peak,omitempty"` // bytes of the worker's memory
	CPU         float64   `json:"cpu"`            // seconds, of the program
	DatabaseCPU float64   `json:"database_cpu"`   // seconds, of the database server
	Written     int64     `json:"written"`        // bytes: PostgreSQL's log, or the writes of a process with SQLite
	Events      int64     `json:"events,omitempty"`
	History     int64     `json:"history,omitempty"` // bytes

	// Steps are the seconds of each activity type, from the first request to the last end.
	Steps map[string]float64 `json:"steps,omitempty"`
}

// Combine combines the figures of several runs. It returns nil for no runs.
func Combine(runs []Figures) *Figures {
	if len(runs) == 0 {
		return nil
	}
	of := func(value func(Figures) float64) float64 {
		values := make([]float64, len(runs))
		for i, run := range runs {
			values[i] = value(run)
		}
		return Median(values)
	}
	all := &Figures{
		Runs:        len(runs),
		Seconds:     of(func(f Figures) float64 { return f.Seconds }),
		CPU:         of(func(f Figures) float64 { return f.CPU }),
		DatabaseCPU: of(func(f Figures) float64 { return f.DatabaseCPU }),
		Written:     int64(of(func(f Figures) float64 { return float64(f.Written) })),
		Steps:       map[string]float64{},
	}
	for step := range runs[0].Steps {
		all.Steps[step] = of(func(f Figures) float64 { return f.Steps[step] })
	}
	for _, run := range runs {
		all.All = append(all.All, run.Seconds)
		all.Peak, all.Events = max(all.Peak, run.Peak), max(all.Events, run.Events)
		all.History = max(all.History, run.History)
	}
	return all
}

// Median returns the median of values.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Smallest compares a sync of ten people with a workflow of five empty activities.
type Smallest struct {
	Runs      int     `json:"runs"`
	Empty     float64 `json:"empty"`     // seconds
	Unchanged float64 `json:"unchanged"` // seconds
	Updated   float64 `json:"updated"`   // seconds, all ten updated
}

// Fleet holds the measurement of many small tenants with a number of workers.
type Fleet struct {
	Tenants int     `json:"tenants"`
	People  int     `json:"people"` // of each
	Workers int     `json:"workers"`
	Seconds float64 `json:"seconds"`
}

// PerMinute returns the number of syncs per minute.
func (f Fleet) PerMinute() float64 { return float64(f.Tenants) / f.Seconds * 60 }

// Write writes the file into a folder and returns its path. The name is the date and the kind of run, which is "" for a
// complete run.
func (f File) Write(folder, kind string) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // results are no secret
		return "", err
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, f.Date.UTC().Format("2006-01-02T1504")+kind+".json")
	return path, os.WriteFile(path, append(data, '\n'), 0o644) //nolint:gosec // results are no secret
}

// Newest reads the newest file of a complete run in a folder and returns it with its path. It fails if there is none.
func Newest(folder string) (File, string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*T????.json"))
	if err != nil {
		return File{}, "", err
	}
	if len(paths) == 0 {
		return File{}, "", fmt.Errorf("no results in %s: run `make bench`", folder)
	}
	newest := slices.MaxFunc(paths, strings.Compare)
	f, err := Read(newest)
	return f, newest, err
}

// Read reads a file. It fails if the file has no figures.
func Read(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	var f File
	if err := json.Unmarshal(data, &f); err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	if len(f.Rows) == 0 && f.Smallest == nil && len(f.Fleets) == 0 {
		return File{}, errors.New(path + " holds no figures")
	}
	return f, nil
}

// Find returns a row. ok is false if there is none.
func (f File) Find(database, scenario string, people int) (Row, bool) {
	for _, row := range f.Rows {
		if row.Database == database && row.Scenario == scenario && row.People == people {
			return row, true
		}
	}
	return Row{}, false
}
