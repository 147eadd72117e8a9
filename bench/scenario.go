package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/run"
)

// scenario is one measured sync.
type scenario struct {
	name   string
	fresh  bool                      // starts with an empty database; else with what the scenario before left
	report func(n int) people.Report // nil: read page by page
	want   run.Outcome
	maps   string // what the tenant maps, in the syntax of tenants.yaml; only with fresh
}

// writes reports whether the scenario changes the database, so it can't be repeated.
func (s scenario) writes() bool { return s.want == run.Applied }

// scenarios are the scenarios with Workday, in order.
var scenarios = []scenario{
	{
		name: results.FirstLoad, fresh: true, want: run.Applied,
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
		name: results.Churn, want: run.Applied,
		report: func(n int) people.Report { return people.Report{People: n, Churned: true} },
	},
	{
		name: results.AllUpdated, want: run.Applied,
		report: func(n int) people.Report { return people.Report{People: n, Churned: true, Retitled: 1} },
	},
	{
		name: results.Memberships, fresh: true, want: run.Applied,
		report: func(n int) people.Report { return people.Report{People: n, Grouped: true} },
	},
	{
		name: results.CustomLoad, fresh: true, want: run.Applied, maps: extendedMaps(),
		report: func(n int) people.Report { return people.Report{People: n, Extended: true} },
	},
}

// extendedMaps returns the settings for an Extended report.
func extendedMaps() string {
	var custom strings.Builder
	for column := range people.CustomColumns {
		fmt.Fprintf(&custom, ", Custom_%d: custom.custom_%[1]d", column)
	}
	return fmt.Sprintf("fields: {Hire_Date: start_date, Last_Day_of_Work: end_date%s}, statuses: {Active: active, %s: inactive}",
		custom.String(), people.OwnStatus)
}

// pageScenarios are the scenarios with WorkOS.
var pageScenarios = []scenario{
	{name: results.Pages, fresh: true, want: run.Applied},
	{name: results.PagesAgain, want: run.Unchanged},
}

// scenarioNamed returns the name of the only scenario that has text as its name or in it.
func scenarioNamed(text string) (string, error) {
	var found []string
	for _, s := range slices.Concat(scenarios, pageScenarios) {
		if s.name == text || text == "" {
			return text, nil
		}
		if strings.Contains(s.name, text) {
			found = append(found, s.name)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("-scenario %q: %d scenarios have that in their names", text, len(found))
	}
	return found[0], nil
}

// leadingTo returns the scenario called name, preceded by the scenarios that write to its database. It returns all for
// "", and none if there is no such scenario.
func leadingTo(name string, all []scenario) []scenario {
	at := slices.IndexFunc(all, func(s scenario) bool { return s.name == name })
	if at < 0 {
		if name == "" {
			return all
		}
		return nil
	}
	chain := []scenario{all[at]}
	for !chain[0].fresh {
		at--
		if all[at].writes() {
			chain = slices.Insert(chain, 0, all[at])
		}
	}
	return chain
}

// counts is the expected content of the database after a scenario.
type counts struct{ present, departed, memberships int }

// departedUnknown is the number of departed people for a contender that deletes them.
const departedUnknown = -1

// counts returns the expected counts after a report of n people.
func (s scenario) counts(n int) counts {
	r := s.report(n)
	c := counts{present: r.Present(), departed: r.Changes().Left}
	if r.Grouped {
		c.memberships = 2 * n
	}
	return c
}
