package plan

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Listing is one group that the directory lists with its members (as WorkOS does), or one that is removed. Of a
// directory whose rows name their groups, Target and Diff see to the memberships of every group that stays.
type Listing struct {
	Group   uuid.UUID
	Current []uuid.UUID // who is in it now
	Listed  []uuid.UUID // who should be, of those who are in the directory

	// Absent members lose their memberships when they depart, and gain none; nil: nobody is.
	Absent func(member uuid.UUID) bool
	// Kept members (in the directory, but their rows were rejected) stay as they are; nil: nobody is.
	Kept func(member uuid.UUID) bool

	// Removed says that the group itself goes: with it the memberships of all but the absent.
	Removed bool
	// Forget, with Removed, has the members' rows judged anew next time: they name a group that is gone.
	Forget bool
}

// Changes are the changes of memberships that make Current of Listed, sorted by member. The law: applying them to
// Current gives Listed, less the absent who aren't in Current, plus the absent and the kept who are; nothing but the
// absent when the group is removed.
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

// ids is sorted, each once, in a slice of its own.
func sortedIDs(list []uuid.UUID) []uuid.UUID {
	return slices.Compact(slices.SortedFunc(slices.Values(list), byID))
}
