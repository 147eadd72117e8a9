package main

import (
	"context"
	"iter"

	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/store"
)

// namedDifferences gives both sides of differences the names that people know them by, as named does.
func namedDifferences(
	ctx context.Context, kept *store.Store, tenant string, differences iter.Seq2[report.Difference, error],
) iter.Seq2[report.Difference, error] {
	return func(yield func(report.Difference, error) bool) {
		n := namer{kept: kept, tenant: tenant}
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
