package plan

import (
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// tie keeps the changes of a member who gets another member's email, until it is known what becomes of that member.
type tie struct {
	takes   uuid.UUID
	changes []Change
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
	b.ties = append(b.ties, tie{takes, kept})
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
	for _, t := range b.ties {
		to := b.partOf(t.takes, map[uuid.UUID]bool{})
		if to == PartUpdates {
			to = b.orDecided(t.changes, to)
		}
		if to == PartAdditions {
			if err := b.place(t.changes); err != nil {
				return err
			}
			continue
		}
		b.following[t.changes[0].Member] = to
		if err := b.follow(to, t.changes...); err != nil {
			return err
		}
	}
	b.ties = nil
	return b.Barrier()
}

// partOf returns the part of the change by which a member's email becomes free.
func (b *Builder) partOf(member uuid.UUID, seen map[uuid.UUID]bool) Part {
	if to, removed := b.removed[member]; removed {
		return to
	}
	if b.freed[member] {
		return PartAdditions
	}
	for _, t := range b.ties { // that member gets the email of yet another one
		if t.changes[0].Member == member && !seen[member] {
			seen[member] = true
			return b.partOf(t.takes, seen)
		}
	}
	if b.splits {
		return PartUpdates // the member's email changes, which the guard counts
	}
	return PartAdditions
}

// orDecided returns the part of one member's changes that would follow an update, or the one of what was decided.
func (b *Builder) orDecided(changes []Change, part Part) Part {
	for _, c := range changes {
		switch {
		case c.Joins():
			return b.judge(c, part)
		case c.Guarded():
			return b.judge(c, part)
		}
	}
	return part
}

// follow puts changes into one part.
func (b *Builder) follow(to Part, changes ...Change) error {
	for i := range changes {
		if changes[i].Verb == RemoveMembership && changes[i].Why != MemberLeft {
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
