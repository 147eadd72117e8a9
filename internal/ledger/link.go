package ledger

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Link is what a person decided about a member and an external id. If Apart, the id isn't the member's. Otherwise it
// is. Ids that differ in letter case only are the same id.
//
// Without a Request, nobody decided: the member had the id until it learned a linked one. Such an id stays the member's,
// unless somebody decides otherwise.
type Link struct {
	Member     uuid.UUID
	ExternalID string
	Kind       string // of the external id; "": any
	Apart      bool
	Request    string // id of the request; "": a former id
	At         time.Time
}

// Former reports whether the link is to a former id.
func (l Link) Former() bool { return l.Request == "" }

// UnlinkError says that Unlink needs to be told which external id is meant.
type UnlinkError struct{ Own, Linked string } // the member's own external id and the linked one; "": none

// Error says what the member has.
func (e *UnlinkError) Error() string {
	if e.Linked == "" {
		return "the member has no external id: name the one that isn't the member's"
	}
	if e.Own == "" {
		return fmt.Sprintf("the member is linked to %s: name this external id", e.Linked)
	}
	return fmt.Sprintf("the member has the external id %s, and is linked to %s: name one of them", e.Own, e.Linked)
}
