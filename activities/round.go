package activities

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// Round names the round that a step belongs to. It goes with every input, as Begin made it.
type Round struct {
	Tenant     string        `json:"tenant"`
	Run        uuid.UUID     `json:"run"`
	Started    time.Time     `json:"started"`    // what "now" is to the rules: the same for every attempt of every step
	Generation int64         `json:"generation"` // of the tenant when the round began: what its plan is made from
	Full       bool          `json:"full"`       // every row is compared, known or not
	Preview    bool          `json:"preview"`    // nothing is applied
	Stall      time.Duration `json:"stall"`
}

// Part is one part of a plan: how many batches of it wait in the store, and what they will do.
type Part struct {
	Batches int              `json:"batches"`
	Changes int              `json:"changes"`
	Counts  run.ChangeCounts `json:"counts"`
	Waves   []int            `json:"waves,omitempty"` // batches that wait until all before them are applied, but for the first
	ID      string           `json:"id"`
}

// Plan says what a round would change. The changes wait in the store, batch by batch.
type Plan struct {
	Additions Part `json:"additions"`
	Removals  Part `json:"removals"`
	Withheld  Part `json:"withheld"` // memberships beyond what may be taken from one group at once
	Leaving   int  `json:"leaving"`  // removals of members, which the guard counts
}
