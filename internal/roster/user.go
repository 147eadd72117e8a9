package roster

import "github.com/google/uuid"

// User is an accepted row: normalised, and tied to a member.
type User struct {
	Row          int       // place in the report, from 1
	Member       uuid.UUID // the matching member, or the id of the new one
	New          bool      // no member matches
	ExternalID   string
	ExternalKind string
	Values       Values
	Kept         FieldSet  // fields that the row says nothing about: the member's own value stays
	Groups       []string  // sorted keys of accepted groups; meaningless if Kept has Groups
	Known        Known     // for the index; Row is zero if the row must be judged every time
	Recognised   bool      // the row is known, so any difference is drift
	Relinked     bool      // the member has another id, and learns the row's
	Linked       bool      // a person decided so; else it was found by email and names, or by the id in other case
	Takes        uuid.UUID // the member, present now or after, whose email the row has, if it isn't the row's own; Nil: nobody
}

// SourceGroup is an accepted group of the directory.
type SourceGroup struct {
	Key  string
	Name string
}
