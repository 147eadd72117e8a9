package ledger

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Claim asks for a tenant, to apply a plan.
type Claim struct {
	Tenant     string
	Run        uuid.UUID
	Plan       string
	Generation int64 // from which the plan was made
	Changes    int   // audit numbers to reserve
	Batches    int
}

// Batch is a piece of a plan, applied in one transaction.
type Batch struct {
	Tenant  string
	Run     uuid.UUID
	Number  int   // unique within the run
	Base    int64 // audit number before the first change's
	At      time.Time
	Changes []plan.Change

	Approved bool // the removals in it don't count for the guard: somebody approved them
}

// Applied is what a batch did; the same however often it is asked for.
type Applied struct {
	Counts run.ChangeCounts
	Failed int // changes that could not be made, listed in the store
}
