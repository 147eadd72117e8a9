package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// The reasons why a run can't be compared with.
var (
	errNoPlan   = errors.New("it has no plan: it ended before there was one")
	errPlanGone = errors.New("its plan is no longer kept (retention in tenants.yaml)")
)

// comparable tells whether all of a run's plan and issues is there; errNoPlan and errPlanGone say why not. The plan of a
// run that found the directory unchanged is the empty one.
func (a *app) comparable(ctx context.Context, r round.Run) error {
	if r.Same != uuid.Nil {
		return nil
	}
	var summary plan.Summary
	var judged struct{ Unchanged bool }
	planned, err := a.sealed(ctx, r, "plan", &summary)
	if err == nil && !planned {
		_, err = a.sealed(ctx, r, activities.RosterStage, &judged)
	}
	switch {
	case err != nil:
		return fmt.Errorf("run %s: %w", r.ID, err)
	case !planned && !judged.Unchanged:
		return errNoPlan
	}
	for _, stage := range append([]string{activities.IssuesStage}, partNames()...) {
		for _, err := range a.kept.Chunks(ctx, r.ID, stage, 0, -1) {
			if errors.Is(err, store.ErrNotFound) {
				if st, err := a.kept.Stage(ctx, r.ID, stage); err == nil && st.Chunks > 0 {
					return errPlanGone
				}
				break
			}
			if err != nil {
				return fmt.Errorf("run %s: %w", r.ID, err)
			}
			break // the chunks of a run go together
		}
	}
	return nil
}

func partNames() []string {
	names := make([]string, 0, len(plan.Parts()))
	for _, part := range plan.Parts() {
		names = append(names, string(part))
	}
	return names
}

// sealed reads the summary of a run's stage, if it is sealed.
func (a *app) sealed(ctx context.Context, r round.Run, name string, into any) (bool, error) {
	stage, err := a.kept.Stage(ctx, r.ID, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && !stage.Sealed {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(stage.Summary, into); err != nil {
		return false, fmt.Errorf("decode the summary of %s: %w", name, err)
	}
	return true, nil
}

// plan is the whole plan of the run, to be read as often as it takes.
func (g *gatherer) plan(ctx context.Context) plandiff.Plan {
	return func() iter.Seq2[plandiff.Change, error] {
		return func(yield func(plandiff.Change, error) bool) {
			for _, part := range plan.Parts() {
				for c, err := range g.part(ctx, part) {
					if !yield(plandiff.Change{Change: c, Part: part}, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// compared is how the run's plan and issues differ from an earlier run's.
func (g *gatherer) compared(ctx context.Context, with round.Run) (*report.Comparison, error) {
	earlier := gatherer{store: g.store, run: with}
	request, err := requestOf(ctx, g.store, with)
	if err != nil {
		return nil, err
	}
	c := &report.Comparison{Run: with, Tally: &plandiff.Tally{}, IssueTally: &plandiff.IssueTally{}}
	if c.Tried, err = tried(request); err != nil {
		return nil, err
	}
	before, after := earlier.plan(ctx), g.plan(ctx)
	if g.named {
		n := newNamer(g.store, g.run.Tenant)
		c.Changes = n.namedDifferences(ctx, shownDifferences(plandiff.Changes(n.noting(before), n.noting(after), c.Tally)))
	} else {
		c.Changes = shownDifferences(plandiff.Changes(before, after, c.Tally))
	}
	c.Issues = plandiff.IssuesOf(
		func() iter.Seq2[roster.Issue, error] { return earlier.issues(ctx) },
		func() iter.Seq2[roster.Issue, error] { return g.issues(ctx) }, c.IssueTally)
	return c, nil
}

// shownDifferences are differences as a report shows them.
func shownDifferences(differences iter.Seq2[plandiff.Difference, error]) iter.Seq2[report.Difference, error] {
	side := func(c *plandiff.Change) *report.Change {
		if c == nil {
			return nil
		}
		change, _ := report.PlannedChange(c.Part, c.Change) // what nobody needs to see isn't compared
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
