package main

import (
	"context"
	"iter"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/report"
)

// namedDifferences gives both sides of differences the names that people know them by, as named does.
func (n *namer) namedDifferences(ctx context.Context, differences iter.Seq2[report.Difference, error]) iter.Seq2[report.Difference, error] {
	return func(yield func(report.Difference, error) bool) {
		var batch []report.Difference
		hand := func() bool {
			if err := n.nameDifferences(ctx, batch); err != nil {
				yield(report.Difference{}, err)
				return false
			}
			for _, d := range batch {
				if !yield(d, nil) {
					return false
				}
			}
			batch = batch[:0]
			return true
		}
		for d, err := range differences {
			if err != nil {
				yield(d, err)
				return
			}
			if batch = append(batch, d); len(batch) == namedAtOnce && !hand() {
				return
			}
		}
		hand()
	}
}

// noting is the plan, whose additions are noted as it is read: before any difference in it is told.
func (n *namer) noting(of plandiff.Plan) plandiff.Plan {
	return func() iter.Seq2[plandiff.Change, error] {
		return func(yield func(plandiff.Change, error) bool) {
			for c, err := range of() {
				if err == nil && (c.Verb == plan.Add || c.Verb == plan.AddGroup) {
					change, _ := report.PlannedChange(c.Part, c.Change) // both are shown
					n.note(change)
				}
				if !yield(c, err) {
					return
				}
			}
		}
	}
}

func (n *namer) nameDifferences(ctx context.Context, differences []report.Difference) error {
	var sides []*report.Change
	for _, d := range differences {
		for _, side := range []*report.Change{d.Before, d.After} {
			if side != nil {
				sides = append(sides, side)
			}
		}
	}
	changes := make([]report.Change, len(sides))
	for i, side := range sides {
		changes[i] = *side
	}
	if err := n.name(ctx, changes); err != nil {
		return err
	}
	for i, side := range sides {
		*side = changes[i]
	}
	return nil
}
