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
	// Policies says that Workday's domain security policies decide which fields are visible.
	Policies bool `json:"policies,omitempty"`
}

// ListsMembers reports whether groups list their members. Otherwise users' rows name their groups.
func (s Source) ListsMembers() bool { return s.Listed != "" }

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
