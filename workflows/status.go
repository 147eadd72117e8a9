package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/run"
)

// Step is a step of a round.
type Step string

// The steps, in order.
const (
	Beginning  Step = "beginning"
	Fetching   Step = "fetching"
	Validating Step = "validating"
	Diffing    Step = "diffing"
	Reversing  Step = "reversing" // an undo works out its changes, in place of the three before
	Guarding   Step = "guarding"
	Adding     Step = "adding"   // additions, updates and returns are applied
	Removing   Step = "removing" // removals are applied
	Finishing  Step = "finishing"
	Holding    Step = "holding" // a plan waits for a decision; Result is that of the round that holds it
	Done       Step = "done"
)

// Status is the answer to StatusQuery.
type Status struct {
	Step    Step       `json:"step"`
	Since   time.Time  `json:"since"`   // when this step began
	Waiting bool       `json:"waiting"` // a resync waits: another round follows
	Planned Planned    `json:"planned"`
	Hold    *Hold      `json:"hold"`   // the plan that is held, also while it is planned again; null: none
	Result  run.Result `json:"result"` // as far as it is known: counts grow, Outcome is empty until the end
}

// Planned is what the round will change, known from Guarding on.
type Planned struct {
	Changes  run.ChangeCounts `json:"changes"`
	Batches  int              `json:"batches"`
	Applied  int              `json:"applied"`  // applied batches
	Removals int              `json:"removals"` // members who leave by this plan
	Limit    int              `json:"limit"`    // how many may leave in 24 hours
	Recent   int              `json:"recent"`   // how many left in 24 hours without approval

	Additions guard.Result `json:"additions,omitzero"` // people who are added or return, and their limit
	Updates   guard.Result `json:"updates,omitzero"`   // changes of identities and lost values, and their limit
}

// result is the round's result, as far as it is known.
func (r *round) result() *run.Result { return &r.status.Result }

// snapshot returns the status that queries see.
func (r *round) snapshot() Status {
	seen := r.status
	seen.Waiting = r.resyncWaits()
	return seen
}

// enter begins a step.
func (r *round) enter(ctx workflow.Context, step Step) {
	r.status.Step, r.status.Since = step, workflow.Now(ctx).UTC()
	r.refresh(ctx)
}

// refresh updates the round's details in the Web UI.
func (r *round) refresh(ctx workflow.Context) { workflow.SetCurrentDetails(ctx, details(r.snapshot())) }

// close shows the end.
func (r *round) close(ctx workflow.Context) error {
	r.enter(ctx, Done)
	return upsert(ctx, closeAttributes(*r.result())...)
}

// conclude takes over the result of a run whose plan was dropped, if this round holds that plan.
func (r *round) conclude(plan string, result run.Result) {
	if held := r.result().Held; held != nil && held.Plan == plan {
		*r.result() = result
	}
}

// holdTime is how long a plan is held: the tenant's setting, or the default if no round could begin.
func (r *round) holdTime() time.Duration {
	if hold := r.round.Hold; hold > 0 {
		return hold
	}
	return 72 * time.Hour
}
