package run

import (
	"time"

	"github.com/google/uuid"
)

// Round identifies the round that a step belongs to. Begin makes it, and it is part of every step's input.
type Round struct {
	Tenant     string        `json:"tenant"`
	Run        uuid.UUID     `json:"run"`
	Started    time.Time     `json:"started"`    // what "now" is to the rules: the same for every attempt of every step
	Generation int64         `json:"generation"` // of the tenant when the round began: what its plan is made from
	Full       bool          `json:"full"`       // every row is compared, known or not
	Preview    bool          `json:"preview"`    // nothing is applied
	Stall      time.Duration `json:"stall"`

	Hold           time.Duration `json:"hold,omitempty"`     // how long removals that are held wait for a person
	Approved       *Approved     `json:"approved,omitempty"` // a plan that somebody approved; nil: none
	IgnoreWithheld bool          `json:"afresh,omitempty"`   // asked for by hand: what was rejected or expired before counts no more
	Undoes         uuid.UUID     `json:"undoes,omitzero"`    // the run that this round takes back; Nil: it is a sync
}

// Approved is a held plan that somebody approved: the removals that run Run showed.
type Approved struct {
	Plan string    `json:"plan"`
	Run  uuid.UUID `json:"run"`
}
