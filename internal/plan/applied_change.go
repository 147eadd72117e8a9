package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Done is a change that a run has applied, as the audit keeps it.
type AppliedChange struct {
	Verb   Verb
	Member uuid.UUID         // uuid.Nil for a group's change
	Group  uuid.UUID         // uuid.Nil for a member's change
	Fields map[string][2]any // as Change.Fields; [nil, nil] where the values are no longer kept
}

// effect is what a run did to one member, all its changes taken together.
type effect struct {
	verb    Verb // of the last change of the member itself; "" for none
	added   bool
	deleted bool
	blanked roster.FieldSet // changed, but the values are no longer kept
	changed roster.FieldSet
	before  texts // of the fields in changed
	after   texts

	joined     map[uuid.UUID]bool // groups
	leftGroups map[uuid.UUID]bool
}

// texts are a member's values and its external id, by field.
type texts [roster.FieldCount]string

func textsOf(m *roster.Member) (t texts) {
	copy(t[:], m.Values[:])
	t[roster.ExternalID] = m.ExternalID
	return t
}

// effectOf takes the changes of one member together, in the order in which they were done.
func effectOf(done []AppliedChange) effect {
	e := effect{joined: map[uuid.UUID]bool{}, leftGroups: map[uuid.UUID]bool{}}
	for _, d := range done {
		switch d.Verb {
		case AddMembership:
			e.joined[d.Group] = true
			delete(e.leftGroups, d.Group)
		case RemoveMembership:
			e.leftGroups[d.Group] = true
			delete(e.joined, d.Group)
		default:
			e.add(d)
		}
	}
	return e
}

func (e *effect) add(d AppliedChange) {
	e.verb = d.Verb
	e.added = e.added || d.Verb == Add
	e.deleted = e.deleted || d.Verb == Delete
	for name, pair := range d.Fields {
		field, known := roster.ParseField(name)
		switch {
		case !known:
		case pair == [2]any{}:
			e.blanked = e.blanked.With(field)
		default:
			if !e.changed.Has(field) {
				e.before[field] = roster.ParseJSONValue(pair[0])
			}
			e.after[field] = roster.ParseJSONValue(pair[1])
			e.changed = e.changed.With(field)
		}
	}
}

// stands tells whether a member is as the run left it: every field that the run changed, and no membership that came since.
// Of somebody whom the run added, those are all fields.
func (e *effect) unchangedSince(m *roster.Member, groups []uuid.UUID) bool {
	now := textsOf(m)
	for f := range roster.Groups {
		if (e.added || e.changed.Has(f)) && now[f] != e.after[f] {
			return false
		}
	}
	for _, group := range groups {
		if !e.joined[group] {
			return false
		}
	}
	return e.blanked == 0
}
