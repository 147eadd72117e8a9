package roster

// Code names a kind of issue, from a closed list. Codes are part of reports: never rename one.
type Code string

// Codes of one row's own faults.
const (
	CodeRequiredEmpty     Code = "required_empty"
	CodeEmailInvalid      Code = "email_invalid"
	CodeSeveralValues     Code = "several_values"
	CodeTextDamaged       Code = "text_damaged"
	CodeNotYesOrNo        Code = "not_yes_or_no"
	CodeLocaleUnsupported Code = "locale_unsupported"
	CodeStatusUnknown     Code = "status_unknown"
	CodeTooLong           Code = "too_long"
)

// Codes of rows among others.
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
)

// Codes of the report as a whole.
const (
	CodeColumnAbsent  Code = "column_absent"
	CodeLevelUnmapped Code = "level_unmapped"
)

// Codes of people whom the tenant's settings name.
const (
	CodeProtected        Code = "protected"
	CodeProtectedUnknown Code = "protected_unknown"
)

// meaning is what the closed list says of a code.
type meaning struct {
	cost   cost
	detail string
	hint   string
}

// cost is what a code costs.
type cost uint8

const (
	costsNothing cost = iota // the row is used as it is
	costsField               // the field; the whole row where the field is required
	costsRow                 // the whole row
)

// Detail says what the code means, as an issue does unless it says more.
func (c Code) Detail() string { return codes[c].detail }

var codes = map[Code]meaning{
	CodeRequiredEmpty: {
		costsRow, "a required field is empty",
		"Fill the field in Workday. Until then this person's profile stays as it is; somebody new gets none.",
	},
	CodeEmailInvalid: {
		costsField, "not an email address with a dotted domain",
		"Put one plain address into the field, without a display name, as in name@example.com.",
	},
	CodeSeveralValues: {
		costsField, "more than one value where one is expected",
		"Let the report give one value: a single-instance field, or a calculated field that picks the primary one.",
	},
	CodeTextDamaged: {
		costsField, "the text arrives damaged: characters were lost on its way",
		"Look at the value in Workday and type it again; if many rows have this, the report's encoding is not UTF-8.",
	},
	CodeNotYesOrNo: {
		costsField, "neither yes nor no",
		"Use only yes or no (Workday's true and false are understood too).",
	},
	CodeLocaleUnsupported: {
		costsField, "not a supported locale",
		"Use only en-US, fr-CA, es-ES, ko or ja. Leave it empty for en-US.",
	},
	CodeStatusUnknown: {
		costsField, "neither active nor inactive",
		"Use only active or inactive: a calculated field can turn other states into one of them.",
	},
	CodeTooLong: {
		costsField, "the value is longer than the field may be",
		"Shorten the value: names have at most 200 characters, other texts 1,000. Nothing of it is cut off.",
	},
	CodeIdenticalDuplicate: {
		costsNothing, "the same row comes more than once",
		"Let the report give one row for each person. One of them is used.",
	},
	CodeSupersededRow: {
		costsNothing, "one person has an active and an inactive row",
		"The active row is used. Filter the ended employment out of the report.",
	},
	CodeDuplicateExternalID: {
		costsRow, "rows that differ have the same external id",
		"Let the report give one row for each person; none of these rows is used until then.",
	},
	CodeDuplicateEmail: {
		costsRow, "rows that differ have the same email",
		"Give each person an email of their own; none of these rows is used until then.",
	},
	CodeEmailOfRejectedRow: {
		costsRow, "the email belongs to a member whose own row was rejected",
		"Put the other row right first, or give this person another email.",
	},
	CodeManagerUnknown: {
		costsNothing, "the manager's email is nobody's in this directory",
		"Check the manager's email, or include the manager in the report. The value is kept.",
	},
	CodeManagerSelf: {
		costsNothing, "this person is given as their own manager",
		"Check the manager's email. The value is kept.",
	},
	CodeManagerLoop: {
		costsNothing, "the line of managers leads back to this person",
		"Check the managers' emails along the line. The value is kept.",
	},
	CodeRowUnidentified: {
		costsNothing, "a rejected row has neither external id nor usable email",
		"Fill the email in Workday. Until then, members of that name are taken to be present.",
	},
	CodeErased: {
		costsRow, "the row is of somebody whose personal data was erased",
		"They are kept out by a hash, and nothing of the row is kept. Take them out of the directory, or lift it: `starter erase --lift`.",
	},
	CodeManagerErased: {
		costsNothing, "the manager's personal data was erased",
		"The manager's email is left empty. Give another manager in the directory.",
	},
	CodeGroupNameEmpty: {
		costsRow, "the group has no name",
		"Fill group_name in the group report.",
	},
	CodeGroupDuplicate: {
		costsNothing, "the same group comes more than once",
		"Let the group report give one row for each group. One of them is used.",
	},
	CodeGroupRenamed: {
		costsNothing, "a group has vanished, and this new one has at least 80 % of its people: it is taken to be the same, renamed",
		"If it was renamed there is nothing to do: it keeps its id. If it is another group, check the people in it.",
	},
	CodeUnknownGroup: {
		costsNothing, "a membership names a group that the directory doesn't list",
		"Add the group to the group report, or take it out of this person's groups. The other groups are used.",
	},
	CodeUnknownMember: {
		costsNothing, "a membership names somebody who isn't among the accepted users",
		"Check that the person is in the directory and that their row was accepted. The membership is left out.",
	},
	CodeColumnAbsent: {
		costsNothing, "no row has a value in this column; the field is left untouched for everybody",
		"",
	},
	CodeProtected: {
		costsNothing, "would have been removed, but is protected",
		"There is nothing to do while the protection is meant. If the person has left, take them off `protected` in tenants.yaml.",
	},
	CodeProtectedUnknown: {
		costsNothing, "an entry of the protected list matches nobody",
		"Check the email or external id of that entry in tenants.yaml (an external id survives a change of address), or take it out.",
	},
	CodeLevelUnmapped: {
		costsNothing, "this management level is none of the known ones; it is used as the role word for word",
		"If it means one of the known roles, map it under levels in the tenant's settings.",
	},
}

// Severity is what c does to a row when it is found in field f.
func (c Code) Severity(f Field) Severity {
	if cost := codes[c].cost; cost == costsRow || cost == costsField && f.Required() {
		return Rejected
	}
	return Warning
}
