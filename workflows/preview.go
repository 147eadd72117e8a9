package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// Preview is a Sync that applies nothing: its result counts what would change, and the issues wait in the store.
func Preview(ctx workflow.Context, in Input) (run.Result, error) {
	if in.Origin == "" {
		in.Origin = run.Manual
	}
	r := newRound(in, true)
	if err := r.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return r.run(ctx)
}
