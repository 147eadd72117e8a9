package roster

import "github.com/google/uuid"

// User is one accepted row: normalised, tied to the member that it is about.
type User struct {
	Row          int       // 1-based place in the report
	Member       uuid.UUID // the member it matches, or the id that somebody new gets
	New          bool      // matches nobody that we keep
	ExternalID   string
	ExternalKind string
	Values       Values
	Kept         FieldSet // fields whose value in Values says nothing: the member's own stays
	Groups       []string // keys of known groups, sorted; says nothing when Kept has Groups
	Known        Known    // for the index; Row is zero when the row must be judged anew each time
	Recognised   bool     // the index knows this very row (seen in a full compare): a difference found is drift
}

// Unit is a group of the directory, accepted.
type SourceGroup struct {
	Key  string
	Name string
}
