package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// Sync brings one tenant's members in step with its directory: one round, and another as a new execution when a resync
// came in meanwhile. A failed round fails the workflow with its fault's kind, unless a resync waits.
func Sync(ctx workflow.Context, in Input) (run.Result, error) {
	s := newSync(in)
	if err := s.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return s.run(ctx)
}

type syncer struct {
	in      Input
	round   *round
	resyncs *resyncs
}

func newSync(in Input) *syncer {
	if in.Origin == "" {
		in.Origin = run.Manual // started by hand, from the Web UI or the temporal CLI
	}
	return &syncer{in: in, round: newRound(in, false)}
}

func (s *syncer) setup(ctx workflow.Context) error {
	s.resyncs = newResyncs(ctx, s.in.Request)
	s.resyncs.drain()
	s.round.waits = s.resyncs.waiting
	return s.round.setup(ctx)
}

func (s *syncer) run(ctx workflow.Context) (run.Result, error) {
	result, err := s.round.run(ctx)
	if temporal.IsCanceledError(err) {
		return result, err
	}
	// Nothing may be waited for from here on: what arrives later is delivered in another workflow task, by the server's
	// refusal to close a workflow that has not seen all of its signals.
	if next := s.resyncs.drain(); next != nil {
		return result, workflow.NewContinueAsNewError(ctx, SyncName, Input{
			Tenant: s.in.Tenant, Origin: next.Origin, Request: next.Request,
		})
	}
	return result, err
}
