package plan

import "github.com/rollcall/rollcall/internal/roster"

// Why is the reason for a change, to answer what happened to a person.
type Why string

// The reasons. The list is closed.
const (
	Appeared      Why = "appeared"
	RowChanged    Why = "row_changed"
	IDLearned     Why = "id_learned"
	RowInactive   Why = "row_inactive"
	RowActive     Why = "row_active"
	Absent        Why = "absent"
	Reappeared    Why = "reappeared"
	GraceOver     Why = "grace_over"
	Edited        Why = "edited"
	GroupAppeared Why = "group_appeared"
	GroupRenamed  Why = "group_renamed"
	GroupMoved    Why = "group_moved"
	GroupGone     Why = "group_gone"
	Listed        Why = "listed"
	Unlisted      Why = "unlisted"
	MemberLeft    Why = "member_left"
	Undone        Why = "undone"
	Erased        Why = "erased"
	RowDeparted   Why = "row_departed"
	Relinked      Why = "relinked"
	EmailTaken    Why = "email_taken"
	Linked        Why = "linked"
	Unlinked      Why = "unlinked"
	OutOfScope    Why = "out_of_scope"
	CustomDropped Why = "custom_dropped"
)

// The reasons why an undo leaves a change of the run unchanged.
const (
	ChangedSince    Why = "changed_since"
	Gone            Why = "gone"
	PersonDeleted   Why = "person_deleted"
	NotKept         Why = "not_kept"
	IdentityTaken   Why = "identity_taken"
	NameTaken       Why = "name_taken"
	GroupInUse      Why = "group_in_use"
	NotShown        Why = "not_shown"
	PersonProtected Why = "person_protected"
)

// whys are all reasons, each with its meaning and the number that stands for it in stored plans. Never reuse a
// number.
var whys = []struct {
	why     Why
	number  uint64
	meaning string
}{
	{Appeared, 1, "in the directory, and matches no member"},
	{RowChanged, 2, "the row has changed"},
	{IDLearned, 3, "matched by email; the external id is new"},
	{RowInactive, 4, "the row's status became inactive"},
	{RowActive, 5, "the row's status became active again"},
	{Absent, 6, "not in a complete snapshot"},
	{Reappeared, 7, "in the directory again, within the grace time"},
	{GraceOver, 8, "departed longer ago than the grace time"},
	{Edited, 9, "the row is unchanged: the sync corrects an edit by somebody else"},
	{GroupAppeared, 10, "the directory has a new group"},
	{GroupRenamed, 11, "the same group, by its key or its people, under another name"},
	{GroupMoved, 12, "the same group by its name, under another key: the source has changed"},
	{GroupGone, 13, "the directory no longer has the group"},
	{Listed, 14, "the directory lists the member in the group"},
	{Unlisted, 15, "the directory no longer lists the member in the group"},
	{MemberLeft, 16, "the membership goes with its member"},
	{Undone, 17, "undoes what a run did"},
	{ChangedSince, 18, "it has changed since that run, so the undo leaves it unchanged"},
	{Gone, 19, "the member or the group has been deleted"},
	{PersonDeleted, 20, "that run deleted the person, which can't be undone: the values were deleted too"},
	{NotKept, 21, "the earlier value wasn't kept"},
	{IdentityTaken, 22, "another member has that email or external id now"},
	{NameTaken, 23, "another group has that name now"},
	{GroupInUse, 24, "other members have joined the group since"},
	{NotShown, 25, "it was not in the plan that was approved"},
	{PersonProtected, 26, "the tenant protects this person from being removed"},
	{Erased, 27, "the person's data had to be erased"},
	{RowDeparted, 28, "the row says that the person has left"},
	{Relinked, 29, "the same person under a new external id"},
	{EmailTaken, 30, "somebody else has the email now"},
	{Linked, 31, "a person decided that the external id is the member's"},
	{OutOfScope, 33, "the tenant's scope leaves the row out"},
	{CustomDropped, 34, "the settings no longer name the custom field, and its values were dropped"},
	{Unlinked, 32, "a person decided that the external id isn't the member's"},
}

// Whys returns all reasons.
func Whys() []Why {
	all := make([]Why, 0, len(whys))
	for i := range whys {
		all = append(all, whys[i].why)
	}
	return all
}

// Meaning returns the reason in words, or "" if this release doesn't know it.
func (w Why) Meaning() string {
	for i := range whys {
		if whys[i].why == w {
			return whys[i].meaning
		}
	}
	return ""
}

// number returns the number that stands for w in stored plans, or 0.
func (w Why) number() uint64 {
	for i := range whys {
		if whys[i].why == w {
			return whys[i].number
		}
	}
	return 0
}

// whyNumbered returns the reason with a number, or "" if this release doesn't know it.
func whyNumbered(number uint64) Why {
	for i := range whys {
		if whys[i].number == number {
			return whys[i].why
		}
	}
	return ""
}

// why returns the reason for a member's change that isn't drift.
func why(verb Verb, p pair) Why {
	if p.relinked && (verb == Update || verb == Return || verb == Reactivate) {
		return Relinked
	}
	switch verb {
	case Add:
		return Appeared
	case Deactivate:
		return RowInactive
	case Reactivate:
		return RowActive
	case Depart:
		return p.absence()
	case Return:
		return Reappeared
	case Delete:
		if p.before.Values[roster.Status] == roster.Departed {
			return GraceOver
		}
		return p.absence()
	default:
		switch {
		case verb == Update && p.released:
			return EmailTaken
		case verb == Update && p.before.Values == p.after.Values:
			return IDLearned
		}
		return RowChanged
	}
}

func (p *pair) absence() Why {
	switch {
	case p.outOfScope:
		return OutOfScope
	case p.left:
		return RowDeparted
	default:
		return Absent
	}
}
