package activities

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// indexOf builds the tenant's index as this round sees it.
func (a *Activities) indexOf(ctx context.Context, round Round, settings Settings) (*roster.Index, error) {
	gone := plan.GoneBefore(round.Started, settings.Grace)
	protection, err := settings.protection(round)
	if err != nil {
		return nil, err
	}
	index, err := roster.NewIndex(protection.Revive(a.Members.Index(ctx, round.Tenant, gone, round.Full)))
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	return index, nil
}

// differences turns row numbers into what each adds to the one before. Members' ids follow the rows they were made
// from, so most of these are 1, and pack to nothing.
func differences(rows []int32) []int {
	steps := make([]int, len(rows))
	before := 0
	for i, row := range rows {
		steps[i] = int(row) - before
		before = int(row)
	}
	return steps
}

// sightings turns differences back into row numbers, by rank.
func (s sights) sightings(yield func(rank, row int) bool) {
	row := 0
	for i, step := range s.Rows {
		row += step
		if row != 0 && !yield(s.From+i, row) {
			return
		}
	}
	for _, again := range s.More {
		if !yield(again.Rank, again.Row) {
			return
		}
	}
}
