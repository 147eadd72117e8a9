package roster

import "fmt"

// Source says what differs between the sources of a directory, so that nothing else asks where rows come from.
type Source struct {
	Name string `json:"name"` // as people know it, such as "Workday"
	User string `json:"user"` // what it calls one user, such as "row of the user report"
	IDs  string `json:"ids"`  // what its external ids are called, before the name of their column
	// Listed is the kind of the external ids by which its groups list their members; "" where users' rows name their groups.
	Listed string `json:"listed,omitempty"`
	// Provide is how a missing field is provided there, as part of a sentence.
	Provide string `json:"provide"`
	// Policies says that Workday's domain security policies decide what is seen.
	Policies bool `json:"policies,omitempty"`
}

// ListsMembers tells whether groups list their members. Otherwise users' rows name their groups.
func (s Source) ListsMembers() bool { return s.Listed != "" }

// Hint returns what to do about a field that no row fills.
func (s Source) Hint(f Field) string {
	wanted := "If the field is wanted, "
	if f.Required() {
		wanted = "The field is required: "
	}
	hint := wanted + s.Provide + ", or name the one that is there under fields in the tenant's settings."
	if s.Policies {
		hint += fmt.Sprintf(" If it is there, the Workday domain security policy %q may be missing for the integration system user.", f.Policy())
	}
	return hint
}
