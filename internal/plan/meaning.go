package plan

// meanings say each rule in words, for whoever asks what happened to a person.
var meanings = map[Why]string{
	Appeared:      "in the directory, and matches nobody that is kept",
	RowChanged:    "the row says something else than before",
	IDLearned:     "matched by email; the external id is new",
	RowInactive:   "the row's status became inactive",
	RowActive:     "the row's status became active again",
	Absent:        "not in a complete snapshot",
	Reappeared:    "in the directory again, within the grace time",
	GraceOver:     "departed longer ago than the grace time",
	Edited:        "the row is the same: what somebody else had changed is put right",
	GroupAppeared: "the directory has a new group",
	GroupRenamed:  "the same group under another name",
	GroupMoved:    "the same group under another key",
	GroupGone:     "the directory has the group no more",
	Listed:        "the directory lists the member in the group",
	Unlisted:      "the directory lists the member in the group no more",
	MemberLeft:    "the membership goes with its member",
	Undone:        "takes back what a run did",
	ChangedSince:  "it has changed since that run, so the undo leaves it alone",
	Gone:          "the member or the group isn't there any more",
	PersonDeleted: "that run deleted the person, which can't be undone: the values went with the member",
	NotKept:       "what it was before is not kept",
	IdentityTaken: "somebody else has that email or external id now",
	NameTaken:     "another group goes by that name now",
	GroupInUse:    "others have been put into the group since",
	NotShown:      "it was not in the plan that was approved",

	PersonProtected: "the tenant protects this person from being removed",
}

// Meaning is the rule in words; "" for one of another release.
func (w Why) Meaning() string { return meanings[w] }
