package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// release starts a round that applies the approved plan. That round reads the directory again, leaves out people who
// are back, and applies the rest. A waiting resync has its round after that. The approval lasts as long as a hold, even
// if rounds fail.
func (s *syncer) release(ctx workflow.Context, next *Resync) (run.Result, error) {
	approved := s.decided.hold
	approved.Approved, approved.Request, approved.Only = true, s.decided.request, s.decided.only
	approved.Until = workflow.Now(ctx).UTC().Add(s.round.holdTime())
	s.close(refusal(approvedKind, "plan %s is approved already, and being applied", approved.Plan))
	in := Input{Tenant: s.in.Tenant, Origin: run.Manual, Request: s.decided.request, Hold: &approved, Next: next}
	if !s.in.undoing() {
		return s.continueAs(ctx, SyncName, in)
	}
	in.Origin, in.Undoes = run.Undo, s.in.Undoes
	return s.continueAs(ctx, UndoName, in)
}

// replace starts a round for a resync, which plans the held plan again, with a new clock. If the plan was approved and
// its rounds have failed since, that round applies it. An undo is dropped.
func (s *syncer) replace(ctx workflow.Context, next *Resync) (run.Result, error) {
	if s.in.undoing() {
		dropped := activities.ConcludeInput{Outcome: run.Rejected, Request: next.Request, Replaced: true}
		return s.end(ctx, s.conclude(ctx, *s.hold, dropped))
	}
	in := Input{Tenant: s.in.Tenant, Origin: next.Origin, Request: next.Request}
	if s.hold.Approved {
		in.Hold = s.hold
	} else if err := upsert(ctx, heldKey.ValueUnset()); err != nil {
		return run.Result{}, err
	}
	s.close(refusal(notHeldKind, "plan %s is not held any more: a resync takes its place", s.hold.Plan))
	return s.continueAs(ctx, SyncName, in)
}

// replan starts a round for a tick, so that other changes of the directory don't wait for a decision.
func (s *syncer) replan(ctx workflow.Context) (run.Result, error) {
	in := Input{Tenant: s.in.Tenant, Origin: run.Scheduled, Request: s.hold.Request, Hold: s.hold}
	s.close(refusal(notHeldKind, "plan %s is being planned again: decide about the new plan", s.hold.Plan))
	return s.continueAs(ctx, SyncName, in)
}

// expire drops the plan, because nobody decided in time.
func (s *syncer) expire(ctx workflow.Context) error {
	return s.conclude(ctx, *s.hold, activities.ConcludeInput{Outcome: run.Expired})
}

// reject drops the plan that somebody rejected. If another plan is held by now, that one stays held.
func (s *syncer) reject(ctx workflow.Context) error {
	rejected := *s.decided
	s.decided = nil
	return s.conclude(ctx, rejected.hold, activities.ConcludeInput{Outcome: run.Rejected, Request: rejected.request})
}

// cancel records that somebody cancelled the sync. The held plan is neither applied nor dropped: the next sync plans it
// again. An approval has no effect. A rejection is recorded first.
func (s *syncer) cancel(ctx workflow.Context) error {
	if err := s.rejectFirst(ctx); err != nil {
		return err
	}
	if s.hold != nil {
		in := activities.ConcludeInput{Outcome: run.Failed, Error: resultError(fault.Canceled())}
		if err := s.conclude(ctx, *s.hold, in); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// dropHold ends a sync whose round was cancelled. The next sync plans the held plan again. A rejection is recorded.
func (s *syncer) dropHold(ctx workflow.Context, canceled error) error {
	if err := s.rejectFirst(ctx); err != nil {
		return err
	}
	if s.hold == nil {
		return canceled
	}
	s.close(nil)
	s.round.status.Hold = nil
	if err := upsert(ctx, heldKey.ValueUnset()); err != nil {
		return err
	}
	return canceled
}

// rejectFirst records a rejection that was accepted before a cancellation, if there is one.
func (s *syncer) rejectFirst(ctx workflow.Context) error {
	if !s.rejected() {
		return nil
	}
	return s.reject(ctx)
}

// conclude ends the hold of a plan without applying it. From its beginning, decisions about that plan are refused. The
// end is recorded even if the workflow is cancelled.
func (s *syncer) conclude(ctx workflow.Context, shown Hold, in activities.ConcludeInput) error {
	if s.hold == nil || s.hold.Plan == shown.Plan {
		s.close(concluded(shown.Plan, in))
	}
	s.round.status.Hold = s.hold
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	s.round.enter(ctx, Finishing)
	in.Tenant, in.Plan, in.Run, in.Undoes = s.in.Tenant, shown.Plan, shown.Run, s.in.Undoes
	if latest := s.round.round.Run; latest != shown.Run {
		in.Latest = latest
	}
	var done activities.ConcludeResult
	err := workflow.ExecuteActivity(conclude(ctx, s.in.Tenant, recordSummary(in.Outcome)), s.round.do.Conclude, in).
		Get(ctx, &done)
	if err != nil {
		_, err = s.round.fail(ctx, err)
	} else {
		s.round.conclude(in.Plan, done.Result)
		announce(ctx, done.Alerts)
	}
	if err != nil || s.hold == nil {
		return s.unhold(ctx, err)
	}
	return nil
}

// unhold shows that no plan is held.
func (s *syncer) unhold(ctx workflow.Context, failed error) error {
	if err := upsert(ctx, heldKey.ValueUnset()); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return s.round.close(ctx)
}

// concluded says why nobody may decide about a plan any more.
func concluded(plan string, in activities.ConcludeInput) error {
	switch {
	case in.Outcome == run.Expired:
		return refusal(notHeldKind, "plan %s is not held any more: it has expired", plan)
	case in.Replaced:
		return refusal(notHeldKind, "plan %s is not held any more: a resync takes its place", plan)
	case in.Outcome == run.Rejected:
		return refusal(notHeldKind, "plan %s is not held any more: it was rejected", plan)
	default:
		return refusal(notHeldKind, "plan %s is not held any more: the sync was cancelled", plan)
	}
}

// end completes the workflow, or starts another round for a resync or a tick that arrived since the last round. A
// cancellation drops those that arrived before it. Nothing may block from here on. A signal that arrives later is
// delivered in another workflow task, because the server doesn't close a workflow that hasn't seen all of its signals.
func (s *syncer) end(ctx workflow.Context, err error) (run.Result, error) {
	next := s.resyncs.drain()
	if next == nil && s.resyncs.tick() && !s.in.undoing() {
		next = &Resync{Origin: run.Scheduled}
	}
	if next == nil {
		return *s.round.result(), err
	}
	return s.continueAs(ctx, SyncName, Input{Tenant: s.in.Tenant, Origin: next.Origin, Request: next.Request})
}

// continueAs continues as a new execution.
func (s *syncer) continueAs(ctx workflow.Context, name string, in Input) (run.Result, error) {
	return *s.round.result(), workflow.NewContinueAsNewError(ctx, name, in)
}
