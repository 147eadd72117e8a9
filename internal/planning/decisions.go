package planning

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Decisions stores what people decided about removals.
type Decisions interface {
	// Withheld iterates over the withheld removals, in any order.
	Withheld(ctx context.Context, tenant string) iter.Seq2[ledger.Withheld, error]
	// Lift ends the withholding of removals. It ignores removals that aren't withheld.
	Lift(ctx context.Context, tenant string, list []plan.Removal) error
}

// decisions returns what people have decided about changes that this round's plan may contain. byValue is as for
// plan.NewValueDecisions.
func (p Plan) decisions(ctx context.Context, byValue bool) (*plan.Decisions, error) {
	round := p.Round
	decisions := plan.NewDecisions()
	if byValue {
		decisions = plan.NewValueDecisions()
	}
	if round.Approved != nil {
		for c, err := range p.shown(ctx, *round.Approved) {
			if errors.Is(err, ledger.ErrNotFound) {
				return decisions, nil // the held plan is past its retention: nothing is approved
			}
			if err != nil {
				return nil, err
			}
			decisions.Approve(c)
		}
	}
	if round.IgnoreWithheld {
		return decisions, nil
	}
	for w, err := range p.Decisions.Withheld(ctx, round.Tenant) {
		if err != nil {
			return nil, fmt.Errorf("read withheld removals: %w", err)
		}
		decisions.Drop(w.Removal)
	}
	return decisions, nil
}

// shown yields the changes that a run's held plan showed, and that were approved.
func (p Plan) shown(ctx context.Context, of run.Approved) iter.Seq2[plan.Change, error] {
	return Held(ctx, p.Attempt.Store, of)
}

// kinds are the kinds of changes in parts that may be held.
var kinds = map[plan.Part]run.Kind{
	plan.PartRemovals: run.Removals, plan.PartWithheld: run.Removals, plan.PartNewcomers: run.Additions,
	plan.PartUpdates: run.Updates,
}

// Held yields the changes of a run's plan that were held under a plan id, of one kind or of all, without those that only
// follow another change. The error is ledger.ErrNotFound if the run's plan isn't stored.
func Held(ctx context.Context, store stage.ReadStore, of run.Approved) iter.Seq2[plan.Change, error] {
	return func(yield func(plan.Change, error) bool) {
		summary, err := stage.Sealed[plan.Summary](ctx, store, of.Run, ledger.StagePlan)
		if err != nil {
			yield(plan.Change{}, err)
			return
		}
		for _, part := range summary.Held(of.Plan) {
			if of.Only != "" && kinds[part] != of.Only {
				continue
			}
			for piece, err := range stage.Chunks[plan.Batch](ctx, stage.All(store, of.Run, string(part))) {
				if err != nil {
					yield(plan.Change{}, err)
					return
				}
				for _, c := range piece.Changes {
					if c.Follows(part) {
						continue
					}
					if !yield(c, nil) {
						return
					}
				}
			}
		}
	}
}

// Lift ends the withholding of removals that this round's plan doesn't contain. Those people have been present again,
// or somebody requested the sync by hand.
func (p Plan) Lift(ctx context.Context) error {
	store, round := p.Attempt.Store, p.Round
	if _, err := stage.Sealed[plan.Summary](ctx, store, round.Run, ledger.StagePlan); errors.Is(err,
		ledger.ErrNotFound) {
		return nil // the roster is unchanged, so there is no plan, and nothing is withheld
	} else if err != nil {
		return err
	}
	current := map[plan.Removal]bool{}
	for piece, err := range stage.Chunks[plan.Batch](ctx, stage.All(store, round.Run, string(plan.PartDropped))) {
		if err != nil {
			return err
		}
		for _, c := range piece.Changes {
			for _, dropped := range c.Withheld() {
				current[plan.Removal{Member: dropped.Member, Group: dropped.Group}] = true
			}
		}
	}
	var ended []plan.Removal
	for w, err := range p.Decisions.Withheld(ctx, round.Tenant) {
		if err != nil {
			return fmt.Errorf("read withheld removals: %w", err)
		}
		if !current[plan.Removal{Member: w.Member, Group: w.Group}] {
			ended = append(ended, w.Removal)
		}
	}
	ended, err := p.unprotected(ctx, ended)
	if err != nil || len(ended) == 0 {
		return err
	}
	if err := p.Decisions.Lift(ctx, round.Tenant, ended); err != nil {
		return fmt.Errorf("lift withheld removals: %w", err)
	}
	return nil
}

// unprotected returns the withheld removals of members who aren't protected. A protected member's removal isn't planned
// because of the protection, so it stays withheld.
func (p Plan) unprotected(ctx context.Context, list []plan.Removal) ([]plan.Removal, error) {
	protection, err := p.Settings.Protection(p.Round)
	if err != nil {
		return nil, err
	}
	var left []plan.Removal
	for some := range slices.Chunk(list, p.BatchRows) {
		ids := make([]uuid.UUID, 0, len(some))
		for _, w := range some {
			ids = append(ids, w.Member)
		}
		members, err := p.Members.MembersByID(ctx, p.Round.Tenant, ids)
		if err != nil {
			return nil, fmt.Errorf("read members: %w", err)
		}
		covered := map[uuid.UUID]bool{}
		for _, member := range members {
			covered[member.ID] = protection.Covers(&member)
		}
		left = append(left, slices.DeleteFunc(slices.Clone(some),
			func(w plan.Removal) bool { return covered[w.Member] })...)
	}
	return left, nil
}
