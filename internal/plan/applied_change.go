package plan

import (
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// AppliedChange is a change that a run has applied, as the audit stores it.
type AppliedChange struct {
	Verb   Verb
	Member uuid.UUID         // uuid.Nil for a group's change
	Group  uuid.UUID         // uuid.Nil for a member's change
	Fields map[string][2]any // as from Change.Fields; [nil, nil] if the values weren't kept
	Why    Why
}

// effect is what a run did to one member, with all its changes.
type effect struct {
	verb     Verb // of the member's last change; "" if only memberships changed
	added    bool
	deleted  bool
	relinked bool            // the member learned another external id of the same kind
	blanked  roster.FieldSet // changed fields whose values weren't kept
	changed  roster.FieldSet
	before   texts // of the fields in changed; of Custom, a patch
	after    texts

	joined     map[uuid.UUID]bool // groups
	leftGroups map[uuid.UUID]bool
}

// texts are a member's values and external id, by field.
type texts [roster.FieldCount]string

func textsOf(m *roster.Member) (t texts) {
	copy(t[:], m.Values[:])
	t[roster.ExternalID] = m.ExternalID
	return t
}

// effectOf combines the changes of one member, in the order in which they were applied.
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
	e.relinked = e.relinked || d.Why == Relinked
	for name, pair := range d.Fields {
		if custom, is := strings.CutPrefix(name, roster.CustomPrefix); is && pair != [2]any{} {
			e.addCustom(custom, roster.ParseJSONValue(pair[0]), roster.ParseJSONValue(pair[1]))
			continue
		}
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

// addCustom adds a change of one custom field. before and after have a patch for Custom.
func (e *effect) addCustom(name, before, after string) {
	patch := func(text string) string {
		return string(roster.AppendCustom(nil, roster.CustomValue{Name: name, Text: text}))
	}
	e.before[roster.Custom] = roster.MergeCustomPatches(patch(before), e.before[roster.Custom])
	e.after[roster.Custom] = roster.MergeCustomPatches(e.after[roster.Custom], patch(after))
	e.changed = e.changed.With(roster.Custom)
}

// unchangedSince reports whether a member is as the run left it: no field that the run changed has changed again,
// and there is no new membership. For a member whom the run added, all fields count.
func (e *effect) unchangedSince(m *roster.Member, groups []uuid.UUID) bool {
	now := textsOf(m)
	for f := range roster.Groups {
		after := e.after[f]
		if f == roster.Custom {
			after = roster.PatchCustom(now[f], after)
			if e.added {
				after = roster.PatchCustom("", e.after[f])
			}
		}
		if (e.added || e.changed.Has(f)) && now[f] != after {
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
