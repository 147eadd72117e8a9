package plan

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// Spare has the plan hold no removal of members who are covered, whoever asks for one: no deactivation, departure or
// deletion (after the grace time neither), nor what goes with it. What else is to change about them stays in. It comes
// before the first Add.
//
// A round settles in its roster already that nobody covered is to be removed; this is the same law for every plan.
func (b *Builder) Exclude(covered func(*roster.Member) bool) { b.covered = covered }

// spare leaves out of one member's changes what may not be.
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

// ofCovered tells whether a change is of a member who is covered before it or after it.
func (b *Builder) ofCovered(c Change) bool {
	return c.Before != nil && b.covered(c.Before) || c.After != nil && b.covered(c.After)
}

// leaves tells whether a change deactivates or deletes a member, or has it depart.
func leaves(c Change) bool { return c.Verb == Deactivate || c.Verb == Depart || c.Verb == Delete }
