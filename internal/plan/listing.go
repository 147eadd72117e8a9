package plan

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Listing is a group whose members the directory lists, as WorkOS does, or a group that is removed. If rows name
// their groups, Target and Diff handle the memberships of all groups that stay.
type Listing struct {
	Group   uuid.UUID
	Current []uuid.UUID // its current members
	Listed  []uuid.UUID // its members in the directory

	// Absent reports whether a member is absent: it loses memberships only by departing and gains none. nil: nobody is.
	Absent func(member uuid.UUID) bool
	// Kept reports whether a member is present though its row was rejected: its memberships stay. nil: nobody is.
	Kept func(member uuid.UUID) bool

	// Removed says that the group is removed, with the memberships of all but absent members.
	Removed bool
	// Forget says that the rows of members name the removed group, so that they must be judged again.
	Forget bool
}

// Changes yields the changes of memberships from Current to Listed, sorted by member. Law: applying them to Current
// gives Listed, without absent members who aren't in Current, and with absent and kept members who are. If the
// group is removed, only the absent members remain.
func (l Listing) Changes() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		current, listed := sortedIDs(l.Current), sortedIDs(l.Listed)
		if l.Removed {
			listed = nil
		}
		for before, after := range pairs(current, listed, func(a, b *uuid.UUID) int { return byID(*a, *b) }) {
			if change, ok := l.change(before, after); ok && !yield(change) {
				return
			}
		}
	}
}

func (l Listing) change(before, after *uuid.UUID) (change Change, ok bool) {
	if before != nil && after != nil {
		return Change{}, false
	}
	member := before
	if member == nil {
		member = after
	}
	switch {
	case l.Absent != nil && l.Absent(*member):
		return Change{}, false
	case l.Removed:
		change = membership(RemoveMembership, roster.Membership{Group: l.Group, Member: *member}, GroupGone, false)
		change.Forget = l.Forget
		return change, true
	case l.Kept != nil && l.Kept(*member):
		return Change{}, false
	case before == nil:
		return membership(AddMembership, roster.Membership{Group: l.Group, Member: *member}, Listed, false), true
	default:
		return membership(RemoveMembership, roster.Membership{Group: l.Group, Member: *member}, Unlisted, false), true
	}
}

// sortedIDs returns a sorted copy of list without duplicates.
func sortedIDs(list []uuid.UUID) []uuid.UUID {
	return slices.Compact(slices.SortedFunc(slices.Values(list), byID))
}
