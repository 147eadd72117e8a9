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

// compared returns how the plan and the issues of the run differ from those of an earlier run.
func (g *Report) compared(ctx context.Context, with run.Run) (*report.Comparison, error) {
	asked, err := request.Of(ctx, g.store, with)
	if err != nil {
		return nil, err
	}
	c := &report.Comparison{Run: with, Tally: &plandiff.Tally{}, IssueTally: &plandiff.IssueTally{}}
	if c.Tried, err = request.Tried(asked); err != nil {
		return nil, err
	}
	earlier := Of(g.store, with, g.format)
	before, after := earlier.plan(ctx), g.plan(ctx)
	if g.format == report.JSON {
		c.Changes = shown(plandiff.CompareChanges(before, after, c.Tally))
	} else {
		n := newNamer(g.store, g.run.Tenant)
		c.Changes = n.differences(ctx, shown(plandiff.CompareChanges(n.noting(before), n.noting(after), c.Tally)))
	}
	c.Issues = plandiff.CompareIssues(
		func() iter.Seq2[roster.Issue, error] { return earlier.issues(ctx) },
		func() iter.Seq2[roster.Issue, error] { return g.issues(ctx) }, c.IssueTally)
	return c, nil
}

// plan returns the whole plan of the run, to be read as often as the comparison needs.
func (g *Report) plan(ctx context.Context) plandiff.Plan {
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

// shown returns differences as a report shows them.
func shown(differences iter.Seq2[plandiff.Difference, error]) iter.Seq2[report.Difference, error] {
	side := func(c *plandiff.Change) *report.Change {
		if c == nil {
			return nil
		}
		change, _ := report.PlannedChange(c.Part, c.Change) // plandiff leaves out what no report shows
		return &change
	}
	return func(yield func(report.Difference, error) bool) {
		for d, err := range differences {
			if !yield(report.Difference{Kind: d.Kind, Before: side(d.Before), After: side(d.After)}, err) || err != nil {
				return
			}
		}
	}
}
