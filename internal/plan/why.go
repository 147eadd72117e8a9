package plan

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// Why is the rule by which a change is made, for whoever asks what happened to a person.
type Why string

// The reasons: a closed list.
const (
	Appeared      Why = "appeared"       // in the directory, and matches nobody that we keep
	RowChanged    Why = "row_changed"    // the row says something else than before
	IDLearned     Why = "id_learned"     // matched by email; only the external id is new
	RowInactive   Why = "row_inactive"   // the row's status became inactive
	RowActive     Why = "row_active"     // the row's status became active again
	Absent        Why = "absent"         // not in a complete snapshot
	Reappeared    Why = "reappeared"     // in the directory again, within the grace time
	GraceOver     Why = "grace_over"     // departed longer ago than the grace time
	Edited        Why = "edited"         // the row is the same: what somebody else had changed is put right
	GroupAppeared Why = "group_appeared" // the directory has a group that we don't
	GroupRenamed  Why = "group_renamed"  // the same group by its key or its people, under another name
	GroupMoved    Why = "group_moved"    // the same group by its name, under another key: the source has changed
	GroupGone     Why = "group_gone"     // the directory has the group no more
	Listed        Why = "listed"         // the directory lists the member in the group
	Unlisted      Why = "unlisted"       // and lists the member in it no more
	MemberLeft    Why = "member_left"    // the membership goes with its member
	Undone        Why = "undone"         // takes back what a run did
)

// Why an undo leaves a change of the run alone.
const (
	ChangedSince  Why = "changed_since"  // it is another value now than the run left
	Gone          Why = "gone"           // the member or the group isn't there any more
	PersonDeleted Why = "person_deleted" // the run deleted the person: the values went with the member
	NotKept       Why = "not_kept"       // the audit doesn't have what it was before
	IdentityTaken Why = "identity_taken" // somebody else has that email or external id now
	NameTaken     Why = "name_taken"     // another group goes by that name now
	GroupInUse    Why = "group_in_use"   // others have been put into the group since
	NotShown      Why = "not_shown"      // not in the plan that somebody approved

	PersonProtected Why = "person_protected" // the tenant protects the person from being removed
)

var whys = []Why{
	Appeared, RowChanged, IDLearned, RowInactive, RowActive, Absent, Reappeared, GraceOver, Edited,
	GroupAppeared, GroupRenamed, GroupMoved, GroupGone, Listed, Unlisted, MemberLeft,
	Undone, ChangedSince, Gone, PersonDeleted, NotKept, IdentityTaken, NameTaken, GroupInUse, NotShown, PersonProtected,
}

// Whys are all the reasons.
func Whys() []Why { return slices.Clone(whys) }

// why is the reason for a member's change that isn't drift.
func why(verb Verb, before, after *roster.Member) Why {
	switch verb {
	case Add:
		return Appeared
	case Deactivate:
		return RowInactive
	case Reactivate:
		return RowActive
	case Depart:
		return Absent
	case Return:
		return Reappeared
	case Delete:
		if before.Values[roster.Status] == roster.Departed {
			return GraceOver
		}
		return Absent
	default:
		if verb == Update && before.Values == after.Values {
			return IDLearned
		}
		return RowChanged
	}
}
