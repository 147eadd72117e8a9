package workflows

import (
	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// Sync makes one tenant's members equal to its directory. It plays one round. If a resync arrived in the meantime, it
// plays another, as a new execution. A Sync with held changes stays open until somebody decides about them or
// they expire. A failed round fails the workflow with its fault's kind, unless a resync waits or a plan is held.
func Sync(ctx workflow.Context, in Input) (run.Result, error) {
	in.Undoes = uuid.Nil
	s := newSync(in)
	if err := s.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return s.run(ctx)
}

// syncer plays a round and holds a plan that waits for a decision. It serves a Sync, and an Undo, whose round undoes a
// run.
type syncer struct {
	in      Input
	round   *round
	resyncs *resyncs

	hold    *Hold   // the plan that people may decide about; nil: none
	decided *ruling // the last decision, until it is carried out; nil: none
	closed  error   // why nobody may decide any more; nil: no plan has been closed
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
	s.round.resyncWaits, s.round.vetoed = s.resyncs.waiting, s.rejected
	if err := s.listen(ctx); err != nil {
		return err
	}
	return s.round.setup(ctx)
}

func (s *syncer) run(ctx workflow.Context) (run.Result, error) {
	_, err := s.round.run(ctx)
	s.resyncs.drain()
	s.resyncs.tick() // a tick that arrived by now asked for this round
	if temporal.IsCanceledError(err) {
		return s.end(ctx, s.dropHold(ctx, err))
	}
	if shown := s.keep(ctx, err != nil); shown != nil {
		return *s.round.result(), shown
	}
	// A decision is carried out even if the round holds nothing.
	if s.hold != nil || s.decided != nil {
		return s.wait(ctx)
	}
	return s.end(ctx, err)
}
