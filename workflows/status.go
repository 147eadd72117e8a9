package workflows

import (
	"time"

	"github.com/rollcall/rollcall/internal/run"
)

// Step is what a round is at.
type Step string

// The steps, in order.
const (
	Beginning  Step = "beginning"
	Fetching   Step = "fetching"
	Validating Step = "validating"
	Diffing    Step = "diffing"
	Reversing  Step = "reversing" // in place of the three before it: an undo works out what takes a run back
	Guarding   Step = "guarding"
	Adding     Step = "adding"   // additions, updates and returns are applied
	Removing   Step = "removing" // removals are applied
	Finishing  Step = "finishing"
	Holding    Step = "holding" // removals wait for a person; Result is that of the round that holds them
	Done       Step = "done"
)

// Status answers StatusQuery.
type Status struct {
	Step    Step       `json:"step"`
	Since   time.Time  `json:"since"`   // when this step began
	Waiting bool       `json:"waiting"` // a resync waits: another round follows
	Planned Planned    `json:"planned"`
	Hold    *Hold      `json:"hold"`   // the plan that is held, also while it is planned anew; null: none
	Result  run.Result `json:"result"` // as far as it is known: counts grow from step to step, Outcome is empty until the end
}

// Planned is what the round will change, known from Guarding on.
type Planned struct {
	Changes  run.ChangeCounts `json:"changes"`
	Batches  int              `json:"batches"`
	Applied  int              `json:"applied"`  // batches that are
	Removals int              `json:"removals"` // members who leave by this plan
	Limit    int              `json:"limit"`    // how many may within a day
	Recent   int              `json:"recent"`   // and did, without approval
}
