package plan

import (
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// groupRemoval is what a plan would remove of a group.
type groupRemoval struct {
	members []removal
	group   *Change // the RemoveGroup; nil: the group stays
	leavers Part    // the part of leavers' memberships; "" or PartReleased: they don't wait
}

// removal is a RemoveMembership in little memory.
type removal struct {
	member        uuid.UUID
	why           uint8 // Why.number
	drift, forget bool
}

func (b *Builder) removalOf(group uuid.UUID) *groupRemoval {
	if b.groupRemovals[group] == nil {
		b.groupRemovals[group] = &groupRemoval{}
	}
	return b.groupRemovals[group]
}

func (b *Builder) hold(c Change) {
	of := b.removalOf(c.Group)
	of.members = append(of.members, removal{
		member: c.Member,
		why:    uint8(c.Why.number()), //nolint:gosec // a short list
		drift:  c.Drift,
		forget: c.Forget,
	})
}

// openRemovals returns the number of undecided removals of memberships.
func (b *Builder) openRemovals() (open int) {
	for id, of := range b.groupRemovals {
		for _, r := range of.members {
			c := membership(RemoveMembership, roster.Membership{Group: id, Member: r.member}, "", false)
			if b.decisions.decision(c) == undecided {
				open++
			}
		}
	}
	return open
}

// putRemovals puts the removals of a group's memberships into their parts. It returns the part of the group's own
// removal.
func (b *Builder) putRemovals(
	id uuid.UUID,
	overLimit func(group uuid.UUID, removals int) bool,
) (group Part, err error) {
	of := b.groupRemovals[id]
	slices.SortFunc(of.members, func(a, b removal) int { return byID(a.member, b.member) })
	changes, decisions, open := make([]Change, len(of.members)), make([]decision, len(of.members)), 0
	for i, r := range of.members {
		changes[i] = membership(
			RemoveMembership,
			roster.Membership{Group: id, Member: r.member},
			whyNumbered(uint64(r.why)),
			r.drift,
		)
		changes[i].Forget = r.forget
		if decisions[i] = b.decisions.decision(changes[i]); decisions[i] == undecided {
			open++
		}
	}
	rest := PartReleased
	if open > 0 && overLimit(id, open) {
		rest = PartWithheld
	}
	group = rest
	if of.leavers == PartDropped || of.leavers != "" && rest == PartReleased {
		group = of.leavers
	}
	for i, c := range changes {
		to := rest
		switch decisions[i] {
		case approved:
			to = PartReleased
		case dropped:
			to, group = PartDropped, PartDropped
			b.kept++
		default:
		}
		if err := b.put(to, c); err != nil {
			return "", err
		}
	}
	return group, nil
}

// removedGroup is the removal of a group, with its part.
type removedGroup struct {
	part   Part
	change Change
}

// putRemovedGroups puts the removals of groups after those of all memberships.
func (b *Builder) putRemovedGroups(removed []removedGroup) error {
	for _, part := range []Part{PartReleased, PartRemovals} {
		if err := b.barrier(part); err != nil {
			return err
		}
	}
	for _, group := range removed {
		if b.decisions.decision(group.change) == dropped {
			group.part = PartDropped
		}
		if group.part == PartDropped {
			b.kept++
		}
		if err := b.put(group.part, group.change); err != nil {
			return err
		}
	}
	return nil
}
