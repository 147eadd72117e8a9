package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// Undo undoes the changes of one run of a tenant, except what has changed since. It runs under the Sync's id, which is
// the lock. It holds its whole plan. Another round applies the plan when somebody approves it. A resync drops the plan
// and syncs at once. The plan expires like that of a Sync. Ticks of the Schedule are ignored, because a sync would redo
// what the undo undoes.
func Undo(ctx workflow.Context, in Input) (run.Result, error) {
	if !in.undoing() { // started by hand, from the Web UI or the temporal CLI
		result := run.Result{
			Tenant: in.Tenant, Outcome: run.Failed,
			Error: resultError(fault.NotUndoable("no run is named")),
		}
		return result, failure(result)
	}
	in.Origin = run.Undo
	s := newSync(in)
	if err := s.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return s.run(ctx)
}
