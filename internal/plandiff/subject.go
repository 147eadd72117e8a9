package plandiff

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// subjects makes keys for what the changes of one plan are about. Changes of another plan about the same subject get
// the same key. It must see the changes in the plan's order: memberships come after the people and groups that they
// connect.
type subjects struct {
	byID   bool
	people map[uuid.UUID]roster.Hash // added by the plan, by the ids that it made
	groups map[uuid.UUID]roster.Hash // likewise
}

func newSubjects(byID bool) subjects {
	return subjects{byID: byID, people: map[uuid.UUID]roster.Hash{}, groups: map[uuid.UUID]roster.Hash{}}
}

func (s subjects) entry(c Change) entry { return entry{key: s.key(c.Change), content: content(c)} }

// key identifies the subject of c. One plan may update and remove one member, so an update and a removal have two keys.
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

// added identifies a person whom the plan adds.
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

// content is equal for changes that a report shows alike: it hashes what Change.Fields shows.
func content(c Change) uint64 {
	all := appendTexts(make([]byte, 0, 1024), string(c.Verb), string(c.Part), string(c.Why))
	if c.AfterGroup != nil {
		all = appendTexts(all, "after", c.AfterGroup.Name)
	}
	if c.BeforeGroup != nil {
		all = appendTexts(all, "before", c.BeforeGroup.Name)
	}
	var none roster.Member
	before, after := c.Before, c.After
	if before == nil {
		before = &none
	}
	if after == nil {
		after = &none
	}
	put := func(field roster.Field, before, after string) {
		if all = binary.AppendUvarint(all, uint64(field)); c.Verb != plan.Delete { // which shows no values
			all = appendTexts(all, before, after)
		}
	}
	for i := range before.Values {
		if before.Values[i] != after.Values[i] {
			put(roster.Field(i), before.Values[i], after.Values[i])
		}
	}
	if before.ExternalID != after.ExternalID || before.ExternalKind != after.ExternalKind {
		put(roster.ExternalID, before.ExternalID, after.ExternalID)
	}
	hashed := roster.HashBytes(all)
	return binary.BigEndian.Uint64(hashed[:8])
}

// hash is equal for equal lists of strings alone: each length is hashed too.
func hash(texts ...string) roster.Hash {
	return roster.HashBytes(appendTexts(make([]byte, 0, 128), texts...))
}

func appendTexts(all []byte, texts ...string) []byte {
	for _, text := range texts {
		all = binary.AppendUvarint(all, uint64(len(text)))
		all = append(all, text...)
	}
	return all
}
