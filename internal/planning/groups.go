package planning

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/stage"
)

// roster yields the round's roster, piece by piece, the first so many of them; to < 0: all.
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

// removeGroups adds the memberships that go with their groups. Rows that name such a group are judged anew next time.
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

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// has tells whether sorted ids hold id.
func has(ids []uuid.UUID, id uuid.UUID) bool {
	_, found := slices.BinarySearchFunc(ids, id, compareIDs)
	return found
}
