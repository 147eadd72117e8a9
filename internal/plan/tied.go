package plan

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// later is the part of changes that the next sync plans.
const later Part = "later"

// tie keeps the changes of a member who gets another member's email, until it is known what becomes of that member.
type tie struct {
	takes   uuid.UUID
	changes []Change

	part   Part // where the changes belong; "": not known yet
	own    bool // the email is free, or becomes free at once: only what was decided about these changes counts
	walked bool // part of the chain that is being resolved
}

// tie keeps changes of one member, if one of them takes an email from another member. It returns false if none does.
func (b *Builder) tie(changes []Change) bool {
	takes := uuid.Nil
	for _, c := range changes {
		if c.Takes != uuid.Nil {
			takes = c.Takes
		}
	}
	if takes == uuid.Nil {
		return false
	}
	kept := make([]Change, len(changes))
	for i, c := range changes {
		c.Before, c.After = cloned(c.Before), cloned(c.After)
		kept[i] = c
	}
	if slices.ContainsFunc(kept, func(c Change) bool { return c.Verb == Add }) {
		b.heirs[takes] = true
	}
	b.ties = append(b.ties, tie{takes: takes, changes: kept})
	return true
}

// cloned returns a copy of a member that shares no memory with it.
func cloned(m *roster.Member) *roster.Member {
	if m == nil {
		return nil
	}
	c := *m
	for i := range c.Values {
		c.Values[i] = strings.Clone(c.Values[i])
	}
	c.ExternalID, c.ExternalKind = strings.Clone(c.ExternalID), strings.Clone(c.ExternalKind)
	return &c
}

// AddTied adds the changes of members who get the email of another member. They follow that member's own change: one that
// waits for a decision takes them along. So no two members have one email at any time. Call it after the removals of all
// members and before memberships that groups list.
func (b *Builder) AddTied() error {
	if len(b.ties) == 0 {
		return nil
	}
	if err := b.Barrier(); err != nil { // after the changes that free an email
		return err
	}
	byMember := make(map[uuid.UUID]*tie, len(b.ties))
	for i := range b.ties {
		byMember[b.ties[i].changes[0].Member] = &b.ties[i]
	}
	for i := range b.ties {
		t := &b.ties[i]
		b.resolve(t, byMember)
		switch {
		case t.own:
			if err := b.place(t.changes); err != nil {
				return err
			}
			continue
		case t.part == later:
			b.postponed[t.changes[0].Member] = true
		}
		b.following[t.changes[0].Member] = t.part
		b.count(t)
		if err := b.follow(t.part, t.changes...); err != nil {
			return err
		}
	}
	b.ties = nil
	return b.Barrier()
}

// resolve finds the part of a tie, and of all that it waits for. The members form a chain: each gets the email of the next
// one. The chain ends at a member who gets nobody's, or in a circle.
func (b *Builder) resolve(first *tie, byMember map[uuid.UUID]*tie) {
	var chain []*tie
	next := first
	for next != nil && next.part == "" && !next.walked {
		next.walked = true
		chain = append(chain, next)
		next = byMember[next.takes]
	}
	var to Part
	switch {
	case len(chain) == 0:
		return
	case next == nil:
		to = b.partOf(chain[len(chain)-1].takes)
	case next.part != "":
		to = next.part
	default:
		start := slices.Index(chain, next)
		to = b.together(chain[start:])
		for _, t := range chain[start:] {
			t.part, t.own = to, to == PartAdditions
		}
		chain = chain[:start]
	}
	for _, t := range slices.Backward(chain) {
		t.own = to == PartAdditions
		switch d := b.decided(t); {
		case d == dropped:
			to, t.own = PartDropped, false
		case to == later:
		case t.own && d == undecided && b.splits:
			to = PartUpdates
		}
		t.part = to
	}
}

// partOf returns the part of the change by which the email of a member who takes nobody's becomes free.
func (b *Builder) partOf(member uuid.UUID) Part {
	if b.postponed[member] {
		return later
	}
	for _, parts := range []map[uuid.UUID]Part{b.removed, b.following, b.judged} {
		if to, ok := parts[member]; ok {
			return to
		}
	}
	if b.splits && !b.freed[member] {
		return PartUpdates // the member's email changes, which the guard counts
	}
	return PartAdditions
}

// together returns the part of members who get each other's emails: all or none of them.
func (b *Builder) together(circle []*tie) Part {
	all := approved
	for _, t := range circle {
		switch b.decided(t) {
		case dropped:
			return PartDropped
		case undecided:
			all = undecided
		}
	}
	if all == approved || !b.splits {
		return PartAdditions
	}
	return PartUpdates
}

// decided returns what was decided about the changes of a tie that the guard counts.
func (b *Builder) decided(t *tie) decision {
	found := approved
	for _, c := range t.changes {
		if !c.Joins() && !c.Guarded() {
			continue
		}
		if d := b.decisions.about(c); d != approved {
			found = d
		}
	}
	return found
}

// count counts the changes of a tie that follows others.
func (b *Builder) count(t *tie) {
	for _, c := range t.changes {
		switch {
		case !c.Joins() && !c.Guarded():
		case t.part == PartUpdates && b.removed[t.takes] == "": // else the removal counts for both
			b.changing++
		case t.part == PartDropped && b.decisions.about(c) == dropped:
			b.kept++
		}
	}
}

// follow puts changes into one part.
func (b *Builder) follow(to Part, changes ...Change) error {
	for i := range changes {
		switch {
		case to == later:
			continue
		case changes[i].Verb == RemoveMembership && changes[i].Why != MemberLeft && (to == PartReleased || to == PartAdditions):
			b.hold(changes[i]) // by the rule of its group
			continue
		}
		if err := b.put(to, changes[i]); err != nil {
			return err
		}
	}
	return nil
}

// Follows reports whether a change in a part isn't decided by itself: it goes with the removal of the member whose email
// it takes, or is a membership of a newcomer.
func (c Change) Follows(of Part) bool {
	switch of {
	case PartNewcomers, PartUpdates:
		return c.Verb == AddMembership || c.Verb == Remember
	case PartRemovals, PartWithheld, PartDropped:
		return c.adds()
	default:
		return false
	}
}
