package plan

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

	// Remember changes nothing that anybody can see, only what the index knows of the member's row: it has no Op, isn't
	// counted or audited, and leaves the member's version as it is.
	Remember Verb = "remember"
)

var ops = map[Verb]string{
	Add:              "added",
	Update:           "updated",
	Deactivate:       "deactivated",
	Reactivate:       "reactivated",
	Depart:           "departed",
	Return:           "returned",
	Delete:           "deleted",
	AddGroup:         "group_added",
	UpdateGroup:      "group_updated",
	RemoveGroup:      "group_removed",
	AddMembership:    "membership_added",
	RemoveMembership: "membership_removed",
}

// ErasedOp is what the audit says of a member whose personal data was erased on request. No plan does that.
const ErasedOp = "erased"

// Op is the verb done, in the past participle, as the audit names it; "" for Remember.
func (v Verb) Op() string { return ops[v] }

// Phase says when a change is applied: Removals only after everything else, and only when the guard lets them.
type Phase int

// The phases, in order.
const (
	Additions Phase = iota // additions, updates, returns; groups and memberships added
	Removals               // deactivations, departures, deletions; groups and memberships removed
)

// Phase is the phase of changes with this verb; see Change.Phase for the one exception.
func (v Verb) Phase() Phase {
	switch v {
	case Deactivate, Depart, Delete, RemoveGroup, RemoveMembership:
		return Removals
	default:
		return Additions
	}
}
