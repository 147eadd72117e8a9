package contrast

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// subjects name what the changes of one plan are about, such that another plan's changes about the same have the same
// name. They must see the changes in the plan's order: memberships come after the people and groups that they tie.
type subjects struct {
	byID   bool
	people map[uuid.UUID]roster.Hash // those that the plan adds, by the ids made for them
	groups map[uuid.UUID]roster.Hash // likewise
}

func newSubjects(byID bool) subjects {
	return subjects{byID: byID, people: map[uuid.UUID]roster.Hash{}, groups: map[uuid.UUID]roster.Hash{}}
}

func (s subjects) entry(c Change) entry { return entry{key: s.key(c.Change), content: content(c)} }

// key names what c is about. A member may be updated and removed in one plan, so these are two.
func (s subjects) key(c plan.Change) roster.Hash {
	switch c.Verb {
	case plan.Add:
		s.people[c.Member] = s.added(c.After)
	case plan.AddGroup:
		s.groups[c.Group] = hash("group", c.AfterGroup.Key)
	}
	role := "stays"
	switch c.Verb {
	case plan.AddGroup, plan.UpdateGroup, plan.RemoveGroup:
		return s.group(c.Group)
	case plan.AddMembership, plan.RemoveMembership:
		role = "membership"
	case plan.Deactivate, plan.Depart, plan.Delete:
		role = "leaves"
	}
	member, group := s.person(c.Member), s.group(c.Group)
	return hash(role, string(member[:]), string(group[:]))
}

// added names somebody whom the plan adds.
func (s subjects) added(m *roster.Member) roster.Hash {
	if s.byID && m.ExternalID != "" {
		return hash("external", m.ExternalKind, m.ExternalID)
	}
	return hash("email", m.Values[roster.Email])
}

func (s subjects) person(id uuid.UUID) roster.Hash {
	if added, ok := s.people[id]; ok {
		return added
	}
	return roster.Hash(id)
}

func (s subjects) group(id uuid.UUID) roster.Hash {
	if added, ok := s.groups[id]; ok {
		return added
	}
	return roster.Hash(id)
}

// content is equal for changes that look the same to whoever reads the plan.
func content(c Change) uint64 {
	parts := []string{string(c.Verb), string(c.Part), string(c.Why)}
	fields := c.Fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name, shown(fields[name][0]), shown(fields[name][1]))
	}
	all := hash(parts...)
	return binary.BigEndian.Uint64(all[:8])
}

// shown is a value of a field; empty, yes, no and texts are told apart.
func shown(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprintf("%T %v", value, value)
}

// hash is equal for equal lists of texts only.
func hash(parts ...string) roster.Hash {
	var all []byte
	for _, part := range parts {
		all = binary.AppendUvarint(all, uint64(len(part)))
		all = append(all, part...)
	}
	return roster.HashBytes(all)
}
