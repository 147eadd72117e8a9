package roster

import "fmt"

// Source describes the source of a directory. Other code asks it instead of knowing the sources.
type Source struct {
	Name string `json:"name"` // display name, such as "Workday"
	User string `json:"user"` // its words for one user, such as "row of the user report"
	IDs  string `json:"ids"`  // its word for external ids, as used in a kind
	// Listed is the kind of the external ids by which groups list their members. It is "" if users' rows name their
	// groups.
	Listed string `json:"listed,omitempty"`
	// Provide is a part of a sentence that says how to add a missing field at the source.
	Provide string `json:"provide"`
	// Look is a part of a sentence that says how to look for people at the source.
	Look string `json:"look,omitempty"`
	// Policies says that Workday's domain security policies decide which fields are visible.
	Policies bool `json:"policies,omitempty"`
}

// ListsMembers reports whether groups list their members. Otherwise users' rows name their groups.
func (s Source) ListsMembers() bool { return s.Listed != "" }

// Advise returns the issue with a hint in the source's own terms, if there is one.
func (s Source) Advise(i Issue) Issue {
	if hint := workdayHints[i.Code]; s.Policies && hint != "" && i.Hint == codes[i.Code].hint {
		i.Hint = hint
	}
	return i
}

// workdayHints are hints in terms of Workday's reports.
var workdayHints = map[Code]string{
	CodeRequiredEmpty: "Fill the field in Workday. Until then this person's profile stays unchanged, and a new person " +
		"gets none.",
	CodeSeveralValues: "Let the report give one value: a single-instance field, or a calculated field that picks the " +
		"primary one.",
	CodeTextDamaged: "Type the value again in Workday. If many rows have this issue, the report's encoding is not " +
		"UTF-8.",
	CodeIdenticalDuplicate:  "Let the report give one row for each person. One of them is used.",
	CodeSupersededRow:       "The active row has the email. Filter the ended employment out of the report.",
	CodeSeveralPositions:    "Let the report give one row for each person, such as that of the primary position.",
	CodeDuplicateExternalID: "Let the report give one row for each person; none of these rows is used until then.",
	CodeManagerUnknown:      "Check the manager's email, or include the manager in the report. The value is kept.",
	CodeRowUnidentified:     "Fill the email in Workday. Until then, members with that name count as present.",
	CodeGroupNameEmpty:      "Fill group_name in the group report.",
	CodeGroupDuplicate:      "Let the group report give one row for each group. One of them is used.",
	CodeUnknownGroup: "Add the group to the group report, or remove it from this person's groups. The other groups " +
		"are used.",
	CodeGroupsUnreadable: "Let the column name groups of the group report, each name as it is there, with ; between two " +
		"names.",
	CodeRowUnreadable: "Look at the row with this number in the report's JSON, and take columns that hold documents, " +
		"photos or whole histories out of the report. Until it can be read, nobody is removed for having no row, because it may " +
		"be anybody's.",
}

// Hint returns what to do about a field that no row fills.
func (s Source) Hint(f Field) string {
	wanted := "If the field is wanted, "
	if f.Required() {
		wanted = "The field is required: "
	}
	hint := wanted + s.Provide + ", or name the existing column under fields in the tenant's settings."
	if s.Policies {
		hint += fmt.Sprintf(" If the column exists, the integration system user may lack the Workday domain security "+
			"policy %q.", f.Policy())
	}
	return hint
}
