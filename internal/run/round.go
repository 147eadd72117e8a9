package run

import (
	"time"

	"github.com/google/uuid"
)

// Round identifies the round that a step belongs to. Begin makes it, and it is part of every step's input.
type Round struct {
	Tenant     string        `json:"tenant"`
	Run        uuid.UUID     `json:"run"`
	Started    time.Time     `json:"started"`    // the rules' "now", equal for all attempts of all steps
	Generation int64         `json:"generation"` // of the tenant when the round began: what its plan is made from
	Full       bool          `json:"full"`       // every row is compared, known or not
	Preview    bool          `json:"preview"`    // nothing is applied
	Stall      time.Duration `json:"stall"`

	Hold           time.Duration `json:"hold,omitempty"`     // how long a held plan waits for a decision
	Approved       *Approved     `json:"approved,omitempty"` // the approved plan to apply; nil: none
	IgnoreWithheld bool          `json:"afresh,omitempty"`   // plan removals that were rejected or expired before
	Undoes         uuid.UUID     `json:"undoes,omitzero"`    // the run to undo; Nil: it is a sync
}

// Approved is a held plan that somebody approved: the changes that run Run showed.
type Approved struct {
	Plan string    `json:"plan"`
	Run  uuid.UUID `json:"run"`
	Only Kind      `json:"only,omitempty"` // the kind that was approved; "": all of the plan
}

// Kind is a kind of held changes.
type Kind string

// The kinds.
const (
	Removals  Kind = "removals"  // departures, deactivations, deletions, removals of memberships
	Additions Kind = "additions" // people who are added or return
	Updates   Kind = "changes"   // of emails, names, ids, roles, and values that would be lost
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Removals, Additions, Updates} }
