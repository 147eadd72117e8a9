package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

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
	Reversing  Step = "reversing" // an undo works out what takes a run back, in place of the three before
	Guarding   Step = "guarding"
	Adding     Step = "adding"   // additions, updates and returns are applied
	Removing   Step = "removing" // removals are applied
	Finishing  Step = "finishing"
	Holding    Step = "holding" // a plan waits for a decision; Result is that of the round that holds it
	Done       Step = "done"
)

// Status answers StatusQuery.
type Status struct {
	Step    Step       `json:"step"`
	Since   time.Time  `json:"since"`   // when this step began
	Waiting bool       `json:"waiting"` // a resync waits: another round follows
	Planned Planned    `json:"planned"`
	Hold    *Hold      `json:"hold"`   // the plan that is held, also while it is made again; null: none
	Result  run.Result `json:"result"` // as far as it is known: counts grow, Outcome is empty until the end
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

// result is what the round will answer, as far as it is known.
func (r *round) result() *run.Result { return &r.status.Result }

// seen is the round as queries see it.
func (r *round) snapshot() Status {
	seen := r.status
	seen.Waiting = r.resyncWaits()
	return seen
}

// at moves on to a step.
func (r *round) enter(ctx workflow.Context, step Step) {
	r.status.Step, r.status.Since = step, workflow.Now(ctx).UTC()
	r.refresh(ctx)
}

// refresh shows the round in the Web UI as it is now.
func (r *round) refresh(ctx workflow.Context) { workflow.SetCurrentDetails(ctx, details(r.snapshot())) }

// close shows the end.
func (r *round) close(ctx workflow.Context) error {
	r.enter(ctx, Done)
	return upsert(ctx, closeAttributes(*r.result())...)
}

// conclude takes over the result of a run whose plan was dropped, where that is the plan that this round holds.
func (r *round) conclude(plan string, result run.Result) {
	if held := r.result().Held; held != nil && held.Plan == plan {
		*r.result() = result
	}
}

// holdTime is how long a plan is held: the tenant's setting, or the default where no round could begin.
func (r *round) holdTime() time.Duration {
	if hold := r.round.Hold; hold > 0 {
		return hold
	}
	return 72 * time.Hour
}
