package results

import (
	"fmt"
	"slices"
)

// The targets. Times are Rollcall's by the floor's.
const (
	million       = 1_000_000
	hundred       = 100_000
	fewest        = 10_000  // people, from which on Rollcall is ahead of the script
	mostMemory    = 256e6   // bytes, of the worker
	mostReading   = 3       // times reading the body alone, of an unchanged sync in the same order
	mostGrowth    = 11      // times, from a hundred thousand people to a million
	mostPerMember = 64      // bytes of the worker for each further member
	mostEvents    = 1000    // of one workflow
	mostHistory   = 1 << 20 // bytes
	mostSmallest  = 20      // times the empty workflow
	runsTable     = "runs"  // all that an unchanged sync writes to
	sqliteRatio   = 1.5
)

// ratios are the most that a sync of a million people may take on PostgreSQL, by scenario.
var ratios = []struct {
	scenario string
	most     float64
}{{FirstLoad, 1.3}, {Unchanged, 1.5}, {OtherOrder, 1.5}, {Churn, 1.5}, {AllUpdated, 1.3}}

// Misses names each target that the figures miss, or that there are no figures for.
func (f File) Misses() (misses []string) {
	miss := func(format string, args ...any) { misses = append(misses, fmt.Sprintf(format, args...)) }
	for _, target := range ratios {
		f.checkMillion(Postgres, target.scenario, target.most, miss)
		f.checkMillion(SQLite, target.scenario, sqliteRatio, miss)
	}
	for _, row := range f.Rows {
		row.check(miss)
	}
	switch s := f.Smallest; {
	case s == nil:
		miss("10 people: no figures")
	case s.Updated >= mostSmallest*s.Empty:
		miss("10 people, all updated: %.1f times the empty workflow, target under %d", s.Updated/s.Empty, mostSmallest)
	case s.Unchanged >= mostSmallest*s.Empty:
		miss("10 people, unchanged: %.1f times the empty workflow, target under %d", s.Unchanged/s.Empty, mostSmallest)
	}
	return misses
}

// checkMillion holds a million people against the floor and against a hundred thousand.
func (f File) checkMillion(database, scenario string, most float64, miss func(string, ...any)) {
	name := fmt.Sprintf("%s, %s, %s", scenario, counted(million), database)
	large, found := f.Find(database, scenario, million)
	if !found || large.Rollcall == nil || large.Floor == nil {
		miss("%s: no figures", name)
		return
	}
	if ratio := large.Ratio(large.Floor); ratio > most {
		miss("%s: %.2f times the floor, target %.1f", name, ratio, most)
	}
	if large.Rollcall.Peak > mostMemory {
		miss("%s: the worker's memory peaks at %.0f MB, target %.0f MB", name, float64(large.Rollcall.Peak)/1e6, mostMemory/1e6)
	}
	if seconds := large.Rollcall.Seconds; scenario == Unchanged && seconds > mostReading*large.Reading {
		miss("%s: %.1f times reading the body, target %d", name, seconds/large.Reading, mostReading)
	}
	small, found := f.Find(database, scenario, hundred)
	if !found || small.Rollcall == nil {
		miss("%s: nothing to see its growth by", name)
		return
	}
	if growth := large.Rollcall.Seconds / small.Rollcall.Seconds; growth > mostGrowth {
		miss("%s: %.1f times as long as %s people, target %d", name, growth, counted(hundred), mostGrowth)
	}
	if bytes := float64(large.Rollcall.Peak-small.Rollcall.Peak) / (million - hundred); bytes > mostPerMember {
		miss("%s: %.0f bytes of memory for each member above %s, target %d", name, bytes, counted(hundred), mostPerMember)
	}
}

// check holds a row against what is the same at every size.
func (r Row) check(miss func(string, ...any)) {
	if r.Rollcall == nil {
		return
	}
	name := fmt.Sprintf("%s, %s, %s", r.Scenario, counted(r.People), r.Database)
	if r.Rollcall.Events >= mostEvents {
		miss("%s: %d events in the workflow's history, target under %d", name, r.Rollcall.Events, mostEvents)
	}
	if r.Rollcall.History >= mostHistory {
		miss("%s: %d bytes of history, target under %d", name, r.Rollcall.History, mostHistory)
	}
	if r.Script != nil && r.People >= fewest && r.Rollcall.Seconds >= r.Script.Seconds {
		miss("%s: %.2f s, the script %.2f s", name, r.Rollcall.Seconds, r.Script.Seconds)
	}
	if r.Scenario == Unchanged || r.Scenario == OtherOrder {
		for _, table := range slices.Sorted(tables(r.Rollcall.Touched)) {
			if table != runsTable {
				miss("%s: %d rows written to %s, target none", name, r.Rollcall.Touched[table], table)
			}
		}
	}
}
