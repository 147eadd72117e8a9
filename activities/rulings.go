package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
)

// rulings are what people have decided about the removals that this round's plan may call for.
func (a *Activities) rulings(ctx context.Context, round Round) (*plan.Rulings, error) {
	rulings := plan.NewRulings()
	if round.Approved != nil {
		for c, err := range a.shown(ctx, round.Approved.Run, round.Approved.Plan) {
			if errors.Is(err, ledger.ErrNotFound) {
				return rulings, nil // shown longer ago than anything is kept: what isn't known isn't approved
			}
			if err != nil {
				return nil, err
			}
			rulings.Approve(c)
		}
	}
	if round.Afresh {
		return rulings, nil
	}
	for w, err := range a.Decisions.Withheld(ctx, round.Tenant) {
		if err != nil {
			return nil, fmt.Errorf("read withheld removals: %w", err)
		}
		rulings.Drop(w.Withheld)
	}
	return rulings, nil
}

// shown yields the changes of a run's plan that were held under that id.
func (a *Activities) shown(ctx context.Context, run uuid.UUID, held string) func(yield func(plan.Change, error) bool) {
	return func(yield func(plan.Change, error) bool) {
		summary, err := sealed[plan.Summary](ctx, a.Stages, run, ledger.StagePlan)
		if err != nil {
			yield(plan.Change{}, err)
			return
		}
		for _, part := range summary.Held(held) {
			for piece, err := range chunks[plan.Chunk](ctx, a.Stages, run, string(part), 0, -1) {
				if err != nil {
					yield(plan.Change{}, err)
					return
				}
				for _, c := range piece.Changes {
					if !yield(c, nil) {
						return
					}
				}
			}
		}
	}
}

// lift ends what this round's plan no longer calls for: whoever was to be removed has been present again, or somebody
// asked for the sync by hand.
func (a *Activities) lift(ctx context.Context, round Round) error {
	if _, err := sealed[plan.Summary](ctx, a.Stages, round.Run, ledger.StagePlan); errors.Is(err, ledger.ErrNotFound) {
		return nil // the roster was the last one: there was nothing to plan, nor is anything withheld then
	} else if err != nil {
		return err
	}
	still := map[plan.Withheld]bool{}
	for piece, err := range chunks[plan.Chunk](ctx, a.Stages, round.Run, string(plan.PartDropped), 0, -1) {
		if err != nil {
			return err
		}
		for _, c := range piece.Changes {
			still[plan.Withheld{Member: c.Member, Group: c.Group}] = true
		}
	}
	var over []plan.Withheld
	for w, err := range a.Decisions.Withheld(ctx, round.Tenant) {
		if err != nil {
			return fmt.Errorf("read withheld removals: %w", err)
		}
		if !still[plan.Withheld{Member: w.Member, Group: w.Group}] {
			over = append(over, w.Withheld)
		}
	}
	over, err := a.unprotected(ctx, round, over)
	if err != nil || len(over) == 0 {
		return err
	}
	if err := a.Decisions.Lift(ctx, round.Tenant, over); err != nil {
		return fmt.Errorf("lift withheld removals: %w", err)
	}
	return nil
}
