package planning

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// roster yields the first to chunks of the round's roster, or all if to is negative.
func (d *difference) roster(ctx context.Context, to int) iter.Seq2[stage.RosterChunk, error] {
	return stage.Chunks[stage.RosterChunk](ctx, stage.Span{
		Store: d.Attempt.Store, Run: d.Round.Run, Stage: ledger.StageRoster, To: to,
	})
}

// diffListings adds the changes of the groups that list their members.
func (d *difference) diffListings(ctx context.Context) error {
	if d.byRow {
		return nil
	}
	for piece, err := range d.roster(ctx, -1) {
		if err != nil {
			return err
		}
		for _, listed := range piece.Listings {
			err := d.list(ctx, plan.Listing{Group: d.groups[listed.Group], Listed: listed.Members})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// removeGroups adds the removal of the memberships of removed groups. Rows that name such a group are forgotten, so
// that the next sync judges them again.
func (d *difference) removeGroups(ctx context.Context) error {
	for _, group := range d.removedGroups {
		if err := d.list(ctx, plan.Listing{Group: group, Removed: true, Forget: d.byRow}); err != nil {
			return err
		}
	}
	return nil
}

func (d *difference) list(ctx context.Context, listing plan.Listing) error {
	for membership, err := range d.Members.Memberships(ctx, d.Round.Tenant, listing.Group) {
		if err != nil {
			return fmt.Errorf("read memberships: %w", err)
		}
		listing.Current = append(listing.Current, membership.Member)
	}
	listing.Absent = func(member uuid.UUID) bool { return has(d.absent, member) }
	listing.Kept = func(member uuid.UUID) bool { return has(d.kept, member) }
	for change := range listing.Changes() {
		if err := d.builder.Add(change); err != nil {
			return err
		}
	}
	return nil
}

// both returns the ids that are in both sorted lists.
func both(a, b []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(a), func(id uuid.UUID) bool { return !has(b, id) })
}

// has reports whether sorted ids contain id.
func has(ids []uuid.UUID, id uuid.UUID) bool {
	_, found := slices.BinarySearchFunc(ids, id, roster.CompareIDs)
	return found
}
