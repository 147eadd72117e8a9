package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Change is one thing to do to one member, group or membership. Before and After are whole members as they were and
// will be (nil: not there), the index's part of them included; for groups likewise. CreatedAt and UpdatedAt of After
// say nothing: who applies a change stamps them.
type Change struct {
	Verb        Verb
	Member      uuid.UUID // uuid.Nil for a group's change
	Group       uuid.UUID // uuid.Nil for a member's change
	Before      *roster.Member
	After       *roster.Member
	BeforeGroup *roster.Group
	AfterGroup  *roster.Group
	Why         Why
	Drift       bool // the row was the same: somebody else had changed the member
	Forget      bool // with RemoveMembership: the member's row named a group that is gone; judge it anew next time
}

// Phase is the verb's, but the deletion of somebody who departed long ago was decided then: it waits for nothing.
func (c Change) Phase() Phase {
	if c.Verb == Delete && !c.Removal() {
		return Additions
	}
	return c.Verb.Phase()
}

// Removal tells whether the guard counts c: a departure, a deactivation, the deletion of somebody not yet departed.
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
