package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Verb is what a change will do.
type Verb string

// The verbs; Op is what the audit says once it is done.
const (
	Add              Verb = "add"
	Update           Verb = "update"
	Deactivate       Verb = "deactivate" // status became inactive
	Reactivate       Verb = "reactivate" // status became active again
	Depart           Verb = "depart"     // absent from a complete snapshot
	Return           Verb = "return"     // departed, and in the directory again
	Delete           Verb = "delete"     // grace time run out, or none given
	AddGroup         Verb = "add_group"
	UpdateGroup      Verb = "update_group"
	RemoveGroup      Verb = "remove_group"
	AddMembership    Verb = "add_membership"
	RemoveMembership Verb = "remove_membership"
)

// Phase says when a change is applied: Removals only after everything else, and only when the guard lets them.
type Phase int

// The phases, in order.
const (
	Additions Phase = iota // additions, updates, returns; groups and memberships added
	Removals               // deactivations, departures, deletions; groups and memberships removed
)

// Change is one thing to do to one member, group or membership. Before and After are whole members as they were and
// will be (nil: not there), the index's part of them included; for groups likewise.
type Change struct {
	Verb        Verb
	Member      uuid.UUID // uuid.Nil for a group's change
	Group       uuid.UUID // uuid.Nil for a member's change
	Before      *roster.Member
	After       *roster.Member
	BeforeGroup *roster.Group
	AfterGroup  *roster.Group
	Why         string // the rule, from a closed list, as "absent" or "row_changed"
	Drift       bool   // the row was the same: somebody else had changed the member
	Forget      bool   // with RemoveMembership: the member's row named a group that is gone; judge it anew next time
}
