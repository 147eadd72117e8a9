package plan

import "slices"

// Verb is what a change will do.
type Verb string

// The verbs. Op is what the audit says once it is done.
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

// Phase says when a change is applied: Removals only after everything else, and only when the guard lets them.
type Phase int

// The phases, in order.
const (
	Additions Phase = iota // additions, updates, returns; groups and memberships added
	Removals               // deactivations, departures, deletions; groups and memberships removed
)

// verbs are all verbs, each with the number that stands for it in kept plans. Numbers are never reused.
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

// ErasedOp is what the audit says of a member whose personal data was erased on request. No plan does that.
const ErasedOp = "erased"

// Op returns the verb done, in the past participle, as the audit names it; "" for Remember.
func (v Verb) Op() string {
	for i := range verbs {
		if verbs[i].verb == v {
			return verbs[i].op
		}
	}
	return ""
}

// VerbOf returns the verb whose Op that is.
func ParseOp(op string) (verb Verb, ok bool) {
	for i := range verbs {
		if verbs[i].op == op && op != "" {
			return verbs[i].verb, true
		}
	}
	return "", false
}

// Phase returns the phase of changes with this verb; see Change.Phase for the one exception.
func (v Verb) Phase() Phase {
	for i := range verbs {
		if verbs[i].verb == v {
			return verbs[i].phase
		}
	}
	return Additions
}

// number returns the number that stands for v in kept plans; 0 for none.
func (v Verb) number() uint64 {
	for i := range verbs {
		if verbs[i].verb == v {
			return verbs[i].number
		}
	}
	return 0
}

// verbNumbered returns the verb of that number; "" for one of another release.
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
