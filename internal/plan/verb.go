package plan

import "slices"

// Verb says what a change does.
type Verb string

// The verbs. Op returns the word for an applied change.
const (
	Add              Verb = "add"
	Update           Verb = "update"
	Deactivate       Verb = "deactivate" // the status becomes inactive
	Reactivate       Verb = "reactivate" // the status becomes active again
	Depart           Verb = "depart"     // the member is absent
	Return           Verb = "return"     // a departed member is in the directory again
	Delete           Verb = "delete"     // the grace time is over, or there is none
	AddGroup         Verb = "add_group"
	UpdateGroup      Verb = "update_group"
	RemoveGroup      Verb = "remove_group"
	AddMembership    Verb = "add_membership"
	RemoveMembership Verb = "remove_membership"

	// Remember changes only Known, which nobody sees. It has no Op, isn't counted or audited, and leaves the member's
	// version unchanged.
	Remember Verb = "remember"
)

// Phase says when a change is applied. Removals come after everything else, and only if the guard passes them.
type Phase int

// The phases, in order.
const (
	Additions Phase = iota // additions, updates, returns; groups and memberships added
	Removals               // deactivations, departures, deletions; groups and memberships removed
)

// verbs are all verbs, each with the number that stands for it in stored plans. Never reuse a number.
var verbs = []struct {
	verb   Verb
	number uint64
	op     string
	phase  Phase
}{
	{Add, 1, "added", Additions},
	{Update, 2, "updated", Additions},
	{Deactivate, 3, "deactivated", Removals},
	{Reactivate, 4, "reactivated", Additions},
	{Depart, 5, "departed", Removals},
	{Return, 6, "returned", Additions},
	{Delete, 7, "deleted", Removals},
	{AddGroup, 8, "group_added", Additions},
	{UpdateGroup, 9, "group_updated", Additions},
	{RemoveGroup, 10, "group_removed", Removals},
	{AddMembership, 11, "membership_added", Additions},
	{RemoveMembership, 12, "membership_removed", Removals},
	{Remember, 13, "", Additions},
}

// ErasedOp is the audit's word for the erasure of a member's personal data. No plan does that.
const ErasedOp = "erased"

// LinkedOp and UnlinkedOp are the audit's words for a person's decision about a member and an external id. No plan does
// that.
const (
	LinkedOp   = "linked"
	UnlinkedOp = "unlinked"
)

// Op returns the audit's word for an applied change, a past participle, or "" for Remember.
func (v Verb) Op() string {
	for i := range verbs {
		if verbs[i].verb == v {
			return verbs[i].op
		}
	}
	return ""
}

// ParseOp returns the verb with the given Op.
func ParseOp(op string) (verb Verb, ok bool) {
	for i := range verbs {
		if verbs[i].op == op && op != "" {
			return verbs[i].verb, true
		}
	}
	return "", false
}

// Phase returns the phase of changes with this verb. Change.Phase has one exception.
func (v Verb) Phase() Phase {
	for i := range verbs {
		if verbs[i].verb == v {
			return verbs[i].phase
		}
	}
	return Additions
}

// number returns the number that stands for v in stored plans, or 0.
func (v Verb) number() uint64 {
	for i := range verbs {
		if verbs[i].verb == v {
			return verbs[i].number
		}
	}
	return 0
}

// verbNumbered returns the verb with a number, or "" if this release doesn't know it.
func verbNumbered(number uint64) Verb {
	for i := range verbs {
		if verbs[i].number == number {
			return verbs[i].verb
		}
	}
	return ""
}

// Verbs returns all verbs.
func Verbs() []Verb {
	all := make([]Verb, 0, len(verbs))
	for _, v := range verbs {
		all = append(all, v.verb)
	}
	return slices.Clip(all)
}
