package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Change is one change of one member, group or membership. Before and After are complete, Known included; nil means
// that the member or group doesn't exist. CreatedAt and UpdatedAt of After are meaningless: they are set when the
// change is applied.
type Change struct {
	Verb        Verb
	Member      uuid.UUID // uuid.Nil for a group's change
	Group       uuid.UUID // uuid.Nil for a member's change
	Before      *roster.Member
	After       *roster.Member
	BeforeGroup *roster.Group
	AfterGroup  *roster.Group
	Why         Why
	Drift       bool // the row is unchanged: the change corrects an edit by somebody else
	Forget      bool // of a RemoveMembership: the group is gone, so the member's row must be judged again

	// Takes is the member, present now or after, whose email the member gets: the change must not come before that
	// member's own. It isn't stored. Nil: nobody.
	Takes uuid.UUID
}

// Phase returns the verb's phase. The deletion of a departed member is an exception: it waits for no decision.
func (c Change) Phase() Phase {
	if c.Verb == Delete && !c.Removal() {
		return Additions
	}
	return c.Verb.Phase()
}

// Joins reports whether somebody is added or returns by c.
func (c Change) Joins() bool { return c.Verb == Add || c.Verb == Return }

// Guarded reports whether the guard counts c among the changes: the member would have another email, name, external id
// of the same kind or role, or lose a value. An email that somebody else has now doesn't count.
func (c Change) Guarded() bool {
	if c.Verb != Update && c.Verb != Reactivate || c.Why == EmailTaken {
		return false
	}
	for f := range roster.ValueFields() {
		if c.guards(f) {
			return true
		}
	}
	return c.renumbers()
}

// guards reports whether the guard counts the change of a field.
func (c Change) guards(f roster.Field) bool {
	old, now := c.Before.Values[f], c.After.Values[f]
	switch {
	case old == now || old == "":
		return false
	case f.LosesValue(old, now):
		return true
	default:
		return f == roster.Email || f == roster.FirstName || f == roster.LastName || f == roster.Role
	}
}

// renumbers reports whether the member gets another external id of the same kind.
func (c Change) renumbers() bool {
	before, after := c.Before, c.After
	return before.ExternalID != "" && before.ExternalID != after.ExternalID && before.ExternalKind == after.ExternalKind
}

// guarded returns what the guard counts in c, as names of fields and the values after it.
func (c Change) guarded() []string {
	texts := []string{"guarded"}
	for f := range roster.ValueFields() {
		if c.guards(f) {
			texts = append(texts, f.String(), c.After.Values[f])
		}
	}
	if c.renumbers() {
		texts = append(texts, roster.ExternalID.String(), c.After.ExternalID)
	}
	return texts
}

// Removal reports whether the guard counts c among the removals: a departure, a deactivation, or the deletion of a member who hasn't
// departed.
func (c Change) Removal() bool {
	switch c.Verb {
	case Depart, Deactivate:
		return true
	case Delete:
		return c.Before.Values[roster.Status] != roster.Departed
	default:
		return false
	}
}
