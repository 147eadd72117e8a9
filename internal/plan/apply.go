package plan

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Apply applies changes to s in memory, sorted. It defines what a change means, for tests of code that applies
// changes to a database. It returns an error if a member has another version than the change says, or is there or
// missing against it. Adding a membership again, or removing a missing one, is no error.
func Apply(s Current, changes []Change) (Current, error) {
	a := applier{
		groups:      map[uuid.UUID]roster.Group{},
		members:     map[uuid.UUID]roster.Member{},
		memberships: map[roster.Membership]bool{},
	}
	for _, group := range s.Groups {
		a.groups[group.ID] = group
	}
	for _, member := range s.Members {
		a.members[member.ID] = member
	}
	for _, membership := range s.Memberships {
		a.memberships[membership] = true
	}
	for i, c := range changes {
		if err := a.apply(c); err != nil {
			return Current{}, fmt.Errorf("change %d, %s: %w", i, c.Verb, err)
		}
	}
	return a.state().sorted(), nil
}

// applier holds a State by id.
type applier struct {
	groups      map[uuid.UUID]roster.Group
	members     map[uuid.UUID]roster.Member
	memberships map[roster.Membership]bool
}

func (a applier) apply(c Change) error {
	switch c.Verb {
	case AddGroup, UpdateGroup:
		a.groups[c.Group] = *c.AfterGroup
	case RemoveGroup:
		delete(a.groups, c.Group)
	case AddMembership:
		a.memberships[roster.Membership{Group: c.Group, Member: c.Member}] = true
	case RemoveMembership:
		delete(a.memberships, roster.Membership{Group: c.Group, Member: c.Member})
		if member, ok := a.members[c.Member]; ok && c.Forget {
			member.Known = roster.Known{}
			a.members[c.Member] = member
		}
	default:
		return a.applyMember(c)
	}
	return nil
}

func (a applier) applyMember(c Change) error {
	member, ok := a.members[c.Member]
	switch {
	case ok != (c.Before != nil):
		return fmt.Errorf("member %s: exists: %t, the change expects: %t", c.Member, ok, c.Before != nil)
	case ok && member.Version != c.Before.Version:
		return fmt.Errorf("member %s: version %d, not %d", c.Member, member.Version, c.Before.Version)
	}
	switch c.Verb {
	case Delete:
		delete(a.members, c.Member)
	case Remember:
		member.Known = c.After.Known
		a.members[c.Member] = member
	default:
		a.members[c.Member] = *c.After
	}
	return nil
}

func (a applier) state() Current {
	var s Current
	for _, group := range a.groups {
		s.Groups = append(s.Groups, group)
	}
	for _, member := range a.members {
		s.Members = append(s.Members, member)
	}
	for membership := range a.memberships {
		s.Memberships = append(s.Memberships, membership)
	}
	return s
}
