package plan

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// Exclude removes the removals of covered members from the plan: deactivations, departures, deletions and what
// belongs to them. Other changes of these members stay. Call it before the first Add.
//
// The roster of a run has no removal of a covered member. Exclude ensures the same for every other plan, such as an
// undo.
func (b *Builder) Exclude(covered func(*roster.Member) bool) { b.covered = covered }

// exclude leaves the removals of a covered member out of one member's changes.
func (b *Builder) exclude(changes []Change) []Change {
	if b.covered == nil || !slices.ContainsFunc(changes, leaves) || !slices.ContainsFunc(changes, b.ofCovered) {
		return changes
	}
	b.excluded++
	left := make([]Change, 0, len(changes))
	for _, c := range changes {
		if !leaves(c) && c.Why != MemberLeft {
			left = append(left, c)
		}
	}
	return left
}

// ofCovered reports whether a change is of a member who is covered before or after it.
func (b *Builder) ofCovered(c Change) bool {
	return c.Before != nil && b.covered(c.Before) || c.After != nil && b.covered(c.After)
}

// leaves reports whether a change is a removal of a member.
func leaves(c Change) bool { return c.Verb == Deactivate || c.Verb == Depart || c.Verb == Delete }
