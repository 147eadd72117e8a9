package roster

// Code names a kind of issue. The list is closed. Reports and the store hold codes: never rename one.
type Code string

// Codes of a row by itself.
const (
	CodeRequiredEmpty     Code = "required_empty"
	CodeEmailInvalid      Code = "email_invalid"
	CodeSeveralValues     Code = "several_values"
	CodeTextDamaged       Code = "text_damaged"
	CodeNotYesOrNo        Code = "not_yes_or_no"
	CodeLocaleUnsupported Code = "locale_unsupported"
	CodeStatusUnknown     Code = "status_unknown"
	CodeTooLong           Code = "too_long"
	CodeRowUnreadable     Code = "row_unreadable"
)

// Codes of a row among the other rows.
const (
	CodeIdenticalDuplicate  Code = "identical_duplicate"
	CodeSupersededRow       Code = "superseded_row"
	CodeDuplicateExternalID Code = "duplicate_external_id"
	CodeDuplicateEmail      Code = "duplicate_email"
	CodeEmailOfRejectedRow  Code = "email_of_rejected_row"
	CodeManagerUnknown      Code = "manager_unknown"
	CodeManagerSelf         Code = "manager_self"
	CodeManagerLoop         Code = "manager_loop"
	CodeRowUnidentified     Code = "row_unidentified"
	CodeSeveralPositions    Code = "several_positions"
	CodeRelinked            Code = "relinked"
	CodeRelinkUnclear       Code = "relink_unclear"
	CodeUnlinkedRow         Code = "unlinked_row"
)

// Codes of people whose personal data was erased.
const (
	CodeErased        Code = "erased"
	CodeManagerErased Code = "manager_erased"
)

// Codes of groups and memberships.
const (
	CodeGroupNameEmpty Code = "group_name_empty"
	CodeGroupDuplicate Code = "group_duplicate"
	CodeGroupRenamed   Code = "group_renamed"
	CodeUnknownGroup   Code = "unknown_group"
	CodeUnknownMember  Code = "unknown_member"

	CodeDateInvalid      Code = "date_invalid"
	CodeDateConflict     Code = "date_conflict"
	CodeScopeEmpty       Code = "scope_empty"
	CodeGroupsUnreadable Code = "groups_unreadable"
	CodeTooManyGroups    Code = "too_many_groups"
)

// Codes of the report as a whole.
const (
	CodeColumnAbsent   Code = "column_absent"
	CodeColumnChanged  Code = "column_changed"
	CodeLevelUnmapped  Code = "level_unmapped"
	CodeAbsenceUnclear Code = "absence_unclear"
)

// Codes of people who are named in the tenant's settings.
const (
	CodeProtected        Code = "protected"
	CodeProtectedUnknown Code = "protected_unknown"
)

// meaning is what the list says about a code.
type meaning struct {
	cost   cost
	detail string
	hint   string // for any source
}

// cost is what an issue with a code costs.
type cost uint8

const (
	costsNothing cost = iota // nothing: the whole row is used
	informs                  // nothing, and there is nothing to correct
	costsField               // the field, or the whole row if the field is required
	costsRow                 // the whole row
)

// Detail returns the default detail of an issue with this code.
func (c Code) Detail() string { return codes[c].detail }

var codes = map[Code]meaning{
	CodeRequiredEmpty: {
		costsRow, "a required field is empty",
		"Fill the field in the directory. Until then this person's profile stays unchanged, and a new person gets none.",
	},
	CodeEmailInvalid: {
		costsField, "not an email address with a dotted domain",
		"Put one plain address into the field, without a display name, as in name@example.com.",
	},
	CodeSeveralValues: {
		costsField, "more than one value where one is expected",
		"Give the field one value, such as the primary one.",
	},
	CodeTextDamaged: {
		costsField, "the text is damaged: characters were lost before it was received",
		"Type the value again in the directory.",
	},
	CodeNotYesOrNo: {
		costsField, "neither yes nor no",
		"Use only yes or no, or true or false.",
	},
	CodeLocaleUnsupported: {
		costsField, "not a supported locale",
		"Use only en-US, fr-CA, es-ES, ko or ja, or say under locales in the tenant's settings what the word means. " +
			"Leave it empty for en-US.",
	},
	CodeStatusUnknown: {
		costsField, "the word isn't known as a status, so a member's status is left unchanged, and nobody new is added",
		"Say under statuses in the tenant's settings what the word means: active, inactive or departed.",
	},
	CodeDateInvalid: {
		costsField, "not a date such as 2026-11-30, so the date has no effect on a member, and nobody new is added",
		"Give the date in the form 2026-11-30. A time or a zone may follow.",
	},
	CodeDateConflict: {
		costsRow, "the row says active, but its end date passed more than 7 days ago",
		"Clear the end date, or correct the status. Until then a member stays unchanged, and nobody new is added.",
	},
	CodeScopeEmpty: {
		costsNothing, "the row has no value in a column of the tenant's scope, so a member stays, and nobody new is added",
		"Fill the column, or take it out of scope in the tenant's settings.",
	},
	CodeTooLong: {
		costsField, "the value is longer than the field may be",
		"Shorten the value: names have at most 200 characters, other texts 1,000. Values are never cut off.",
	},
	CodeRowUnreadable: {
		costsRow, "the row is null, not an object of columns and values, or larger than 1 MiB",
		"Look at the row with this number in the directory. Until it can be read, nobody is removed for having no row, " +
			"because it may be anybody's.",
	},
	CodeAbsenceUnclear: {
		costsNothing, "members without a row stay, because a row that can't be read may be theirs",
		"Correct the rows that can't be read. The next sync removes the members who have no row then.",
	},
	CodeIdenticalDuplicate: {
		costsNothing, "the same row appears more than once",
		"List each person once. One of the rows is used.",
	},
	CodeSupersededRow: {
		costsNothing, "an ended row has the email of an active one",
		"The active row has the email. Remove the ended entry from the directory.",
	},
	CodeSeveralPositions: {
		costsNothing, "several rows are of this person; one of them is used",
		"List each person once, with the primary position.",
	},
	CodeRelinked: {
		informs, "the same person under a new external id, which the member has learned",
		"If this isn't the same person, run `starter unlink` for the member.",
	},
	CodeRelinkUnclear: {
		costsRow, "the row may be that of a member with another external id",
		"Say who it is: `starter link TENANT MEMBER EXTERNAL_ID --by WHO`. Until then nobody is added or removed by it.",
	},
	CodeUnlinkedRow: {
		costsRow, "a person decided that the row isn't a member's",
		"Say who it is: `starter link TENANT MEMBER EXTERNAL_ID --by WHO`. Until then nobody is added by it, and that " +
			"member stays.",
	},
	CodeDuplicateExternalID: {
		costsRow, "rows that differ have the same external id",
		"List each person once; none of these rows is used until then.",
	},
	CodeDuplicateEmail: {
		costsRow, "rows that differ have the same email",
		"Give each person an email of their own; none of these rows is used until then.",
	},
	CodeEmailOfRejectedRow: {
		costsRow, "the email belongs to a member whose own row was rejected",
		"Correct the other row first, or give this person another email.",
	},
	CodeManagerUnknown: {
		costsNothing, "nobody in this directory has the manager's email",
		"Check the manager's email, or add the manager to the directory. The value is kept.",
	},
	CodeManagerSelf: {
		costsNothing, "the row names this person as their own manager",
		"Check the manager's email. The value is kept.",
	},
	CodeManagerLoop: {
		costsNothing, "the line of managers leads back to this person",
		"Check the managers' emails along the line. The value is kept.",
	},
	CodeRowUnidentified: {
		costsNothing, "a rejected row has neither external id nor usable email",
		"Fill the email in the directory. Until then, members with that name count as present.",
	},
	CodeErased: {
		costsRow, "this person's personal data was erased",
		"A hash keeps this person out, and the row isn't stored. " +
			"Remove the person from the directory, or lift the erasure with `starter erase --lift`.",
	},
	CodeManagerErased: {
		costsNothing, "the manager's personal data was erased",
		"The manager's email is left empty. Give another manager in the directory.",
	},
	CodeGroupNameEmpty: {
		costsRow, "the group has no name",
		"Give the group a name in the directory.",
	},
	CodeGroupDuplicate: {
		costsNothing, "the same group appears more than once",
		"List each group once. One of them is used.",
	},
	CodeGroupRenamed: {
		costsNothing,
		"a group is gone and this new one has at least 80 % of its people, so it counts as the same group renamed",
		"If the group was renamed, there is nothing to do: it keeps its id. If it is another group, check its people.",
	},
	CodeUnknownGroup: {
		costsNothing, "a membership names a group that the directory doesn't list",
		"See whether the group is in the directory. The other groups are used.",
	},
	CodeGroupsUnreadable: {
		costsField, "the groups can't be read, so this person's memberships are left unchanged",
		"Let the value name groups of the directory, each name as it is there, with ; between two names.",
	},
	CodeTooManyGroups: {
		costsField, "the row names more than 1,000 groups, so this person's memberships are left unchanged",
		"Check what the groups column holds. A person may be in at most 1,000 groups.",
	},
	CodeUnknownMember: {
		costsNothing, "a membership names a person who isn't among the accepted users",
		"Check that the person is in the directory and that their row was accepted. The membership is left out.",
	},
	CodeColumnAbsent: {
		costsNothing, "no row has a value in this column, so the field is left unchanged for everybody",
		"",
	},
	CodeColumnChanged: {
		costsNothing, "the field's column is gone, and another usual column would take its place",
		"If the new column has the same content, name it under fields in the tenant's settings. " +
			"Otherwise bring the earlier column back.",
	},
	CodeProtected: {
		costsNothing, "this member would have been removed, but is protected",
		"If the protection is intended, there is nothing to do. " +
			"If the person has left, remove them from `protected` in tenants.yaml.",
	},
	CodeProtectedUnknown: {
		costsNothing, "an entry of the protected list matches nobody",
		"Check the email or external id of that entry in tenants.yaml, or remove the entry. " +
			"An external id survives a change of address.",
	},
	CodeLevelUnmapped: {
		costsNothing, "this management level isn't known, so it is used unchanged as the role",
		"If the level means one of the known roles, map it under levels in the tenant's settings.",
	},
}

// HasValues reports whether an issue with this code has the values of a cell, if its row was judged by this sync.
func (c Code) HasValues() bool {
	switch c {
	case CodeEmailInvalid, CodeSeveralValues, CodeTextDamaged, CodeTooLong, CodeNotYesOrNo, CodeDateInvalid,
		CodeUnknownGroup, CodeGroupsUnreadable, CodeLevelUnmapped:
		return true
	}
	return false
}

// Severity returns the severity of an issue with this code in field f.
func (c Code) Severity(f Field) Severity {
	switch cost := codes[c].cost; {
	case cost == costsRow, cost == costsField && f.Required():
		return Rejected
	case cost == informs:
		return Information
	default:
		return Warning
	}
}
