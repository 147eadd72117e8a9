package gather

import (
	"context"
	"iter"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// compared returns the differences between an earlier run and this one.
func (g *Gatherer) compared(ctx context.Context, with run.Run) (*report.Comparison, error) {
	req, err := request.ForRun(ctx, g.store, with)
	if err != nil {
		return nil, err
	}
	c := &report.Comparison{Run: with, Tally: &plandiff.Tally{}, IssueTally: &plandiff.IssueTally{}}
	if c.Tried, err = request.Tried(req); err != nil {
		return nil, err
	}
	earlier := New(g.store, with, g.format)
	before, after := earlier.plan(ctx), g.plan(ctx)
	if g.format == report.JSON {
		c.Changes = forReport(plandiff.CompareChanges(before, after, c.Tally))
	} else {
		n := newNamer(g.store, g.run.Tenant)
		c.Changes = n.differences(ctx, forReport(plandiff.CompareChanges(n.notingAdditions(before), n.notingAdditions(after),
			c.Tally)))
	}
	c.Issues = plandiff.CompareIssues(
		func() iter.Seq2[roster.Issue, error] { return earlier.issues(ctx) },
		func() iter.Seq2[roster.Issue, error] { return g.issues(ctx) }, c.IssueTally)
	return c, nil
}

// plan returns the whole plan of the run. A comparison can read it more than once.
func (g *Gatherer) plan(ctx context.Context) plandiff.Plan {
	return func() iter.Seq2[plandiff.Change, error] {
		return func(yield func(plandiff.Change, error) bool) {
			for _, part := range plan.Parts() {
				for c, err := range untilDropped(g.stages.Part(ctx, part), &g.dropped) {
					if !yield(plandiff.Change{Change: c, Part: part}, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// forReport converts differences for a report.
func forReport(differences iter.Seq2[plandiff.Difference, error]) iter.Seq2[report.Difference, error] {
	side := func(c *plandiff.Change) *report.Change {
		if c == nil {
			return nil
		}
		change, _ := report.PlannedChange(c.Part, c.Change) // plandiff omits changes that reports leave out
		return &change
	}
	return func(yield func(report.Difference, error) bool) {
		for d, err := range differences {
			if !yield(report.Difference{Kind: d.Kind, Before: side(d.Before), After: side(d.After)}, err) ||
				err != nil {
				return
			}
		}
	}
}
