package main

import (
	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/run"
)

// scenario is one sync that is measured.
type scenario struct {
	name   string
	fresh  bool                      // begins with an empty database; else with what the scenario before left
	report func(n int) people.Report // nil: read page by page
	want   run.Outcome
	writes bool // what follows finds the database tidied up
}

// scenarios are those of every contender, in order.
var scenarios = []scenario{
	{
		name: results.FirstLoad, fresh: true, want: run.Applied, writes: true,
		report: func(n int) people.Report { return people.Report{People: n} },
	},
	{
		name: results.Unchanged, want: run.Unchanged,
		report: func(n int) people.Report { return people.Report{People: n} },
	},
	{
		name: results.OtherOrder, want: run.Unchanged,
		report: func(n int) people.Report { return people.Report{People: n, Shuffled: true} },
	},
	{
		name: results.Churn, want: run.Applied, writes: true,
		report: func(n int) people.Report { return people.Report{People: n, Churned: true} },
	},
	{
		name: results.AllUpdated, want: run.Applied, writes: true,
		report: func(n int) people.Report { return people.Report{People: n, Churned: true, Retitled: 1} },
	},
	{
		name: results.Memberships, fresh: true, want: run.Applied, writes: true,
		report: func(n int) people.Report { return people.Report{People: n, Grouped: true} },
	},
}

// counts is what must stand in the database after a scenario.
type counts struct{ present, departed, memberships int }

// notKept is how many have departed where those who leave are deleted.
const notKept = -1

// reported is what a report of n people leaves.
func (s scenario) reported(n int) counts {
	r := s.report(n)
	c := counts{present: r.Present(), departed: r.Changes().Left}
	if r.Grouped {
		c.memberships = 2 * n
	}
	return c
}

// pageScenarios are those of a directory at WorkOS.
var pageScenarios = []scenario{
	{name: results.Pages, fresh: true, want: run.Applied, writes: true},
	{name: results.PagesAgain, want: run.Unchanged},
}
