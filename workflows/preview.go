package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// Preview is a Sync that applies nothing: its result counts what would change, and the issues wait in the store.
func Preview(ctx workflow.Context, in Input) (run.Result, error) {
	p := newPreview(in)
	if err := p.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return p.round.run(ctx)
}

type preview struct{ round *round }

func newPreview(in Input) *preview {
	if in.Origin == "" {
		in.Origin = run.Manual
	}
	return &preview{round: newRound(in, true)}
}

func (p *preview) setup(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, StatusQuery, func() (Status, error) {
		return p.round.status, nil
	}); err != nil {
		return err
	}
	return p.round.setup(ctx)
}
