package workflows

import (
	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// Sync brings one tenant's members in step with its directory: one round, and another as a new execution when a resync
// came in meanwhile. When the round holds removals back, it stays open until somebody decides about them, or their time
// is over. A failed round fails the workflow with its fault's kind, unless a resync waits or a plan is held.
func Sync(ctx workflow.Context, in Input) (run.Result, error) {
	in.Undoes = uuid.Nil
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

	hold    *Hold    // what is held; nil: nothing
	decided *verdict // what somebody decided about it; nil: nothing yet
}

func newSync(in Input) *syncer {
	if in.Origin == "" {
		in.Origin = run.Manual // started by hand, from the Web UI or the temporal CLI
	}
	return &syncer{in: in, round: newRound(in, false), hold: in.Hold}
}

func (s *syncer) setup(ctx workflow.Context) error {
	s.resyncs = newResyncs(ctx, s.in.Request, s.in.Next)
	s.resyncs.drain()
	s.round.waits, s.round.vetoed = s.resyncs.waiting, s.vetoed
	if err := s.listen(ctx); err != nil {
		return err
	}
	return s.round.setup(ctx)
}

func (s *syncer) run(ctx workflow.Context) (run.Result, error) {
	result, err := s.round.run(ctx)
	if temporal.IsCanceledError(err) {
		return result, s.forget(ctx, err)
	}
	s.resyncs.drain()
	s.resyncs.tick() // this round was the one that it asked for
	if err := s.keep(ctx, result, err != nil); err != nil {
		return result, err
	}
	if s.hold != nil {
		return s.wait(ctx)
	}
	// Nothing may be waited for from here on: what arrives later is delivered in another workflow task, by the server's
	// refusal to close a workflow that has not seen all of its signals.
	if next := s.resyncs.drain(); next != nil {
		return result, s.again(ctx, next)
	}
	return result, err
}

// forget ends a cancelled sync: what was held before is planned anew by the next.
func (s *syncer) forget(ctx workflow.Context, canceled error) error {
	if s.hold == nil {
		return canceled
	}
	if err := upsert(ctx, heldKey.ValueUnset()); err != nil {
		return err
	}
	return canceled
}

// again goes round again for a resync that was asked for by hand.
func (s *syncer) again(ctx workflow.Context, next *Resync) error {
	return workflow.NewContinueAsNewError(ctx, SyncName, Input{Tenant: s.in.Tenant, Origin: next.Origin, Request: next.Request})
}
