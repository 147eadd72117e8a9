package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// Undo takes back what one run of a tenant did, where nothing has changed since. It runs under the Sync's id, which is
// the lock. It holds its whole plan, and applies it in another round once somebody approves it. A resync drops the plan
// and has its sync at once. The plan expires as that of a Sync does. Ticks of the Schedule, which is paused meanwhile,
// are ignored: a sync would redo what the undo takes back.
func Undo(ctx workflow.Context, in Input) (run.Result, error) {
	if !in.undoing() { // started by hand, from the Web UI or the temporal CLI
		result := run.Result{Tenant: in.Tenant, Outcome: run.Failed, Error: resultError(fault.NotUndoable("no run is named"))}
		return result, failure(result)
	}
	in.Origin = run.Undo
	s := newSync(in)
	if err := s.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return s.run(ctx)
}
