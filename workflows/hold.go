package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
)

// keep sets the plan that is held after a round: the round's, or none. The plan held before stays if the round failed,
// or if a rejection kept the round from applying removals. An undo holds nothing after its approval.
func (s *syncer) keep(ctx workflow.Context, failed bool) error {
	before, result := s.hold, s.round.result()
	same := before != nil && result.Held != nil && result.Held.Plan == before.Plan
	if !s.in.undoing() && (failed || s.rejected() && same) {
		return nil
	}
	s.hold = nil
	if result.Outcome == run.Held {
		s.hold = s.newHold(ctx, *result.Held, before)
	}
	if s.hold != nil || before == nil {
		return nil
	}
	s.round.status.Hold = nil
	s.round.refresh(ctx)
	return upsert(ctx, heldKey.ValueUnset())
}

// newHold is the hold of a plan. The same changes as before keep their clock, also if another part of the plan was
// approved.
func (s *syncer) newHold(ctx workflow.Context, held run.HeldPlan, before *Hold) *Hold {
	h := &Hold{
		Plan: held.Plan, Removals: held.Removals, Additions: held.Additions, Changes: held.Changes,
		Undoes: s.in.Undoes, Run: s.round.round.Run, Since: workflow.Now(ctx).UTC(),
	}
	if before != nil && (before.Plan == h.Plan || before.Approved && before.Only != "") {
		h.Since, h.Reminded = before.Since, before.Reminded
	}
	h.Until = h.Since.Add(s.round.holdTime())
	return h
}

// wait keeps the workflow open until somebody decides, a resync or a tick arrives, or the plan expires. It checks all
// of these again after every step that blocks, so that none is lost.
func (s *syncer) wait(ctx workflow.Context) (run.Result, error) {
	if err := s.show(ctx); err != nil {
		return run.Result{}, err
	}
	for again := false; ; {
		next, now := s.resyncs.drain(), workflow.Now(ctx)
		switch {
		case ctx.Err() != nil:
			return s.end(ctx, s.cancel(ctx))
		case s.decided != nil && s.decided.approved:
			return s.release(ctx, next)
		case s.decided != nil:
			if err := s.reject(ctx); err != nil || s.hold == nil {
				return s.end(ctx, err)
			}
			again = true // another plan is held by now, which may have what was rejected
		case next != nil:
			return s.replace(ctx, next)
		case !now.Before(s.hold.Until):
			return s.end(ctx, s.expire(ctx))
		case (again || s.resyncs.tick()) && !s.in.undoing(): // an undo doesn't depend on the directory
			return s.replan(ctx)
		case s.reminds() && !now.Before(s.half()):
			if err := s.remind(ctx); err != nil {
				return run.Result{}, err
			}
		default:
			s.sleep(ctx, now)
		}
	}
}

// show shows the held plan. It does nothing if no plan is held, when only a decision is left to carry out.
func (s *syncer) show(ctx workflow.Context) error {
	if s.hold == nil {
		return nil
	}
	s.round.status.Hold = s.hold
	if s.round.status.Step == Holding {
		s.round.refresh(ctx)
	} else {
		s.round.enter(ctx, Holding)
	}
	return upsert(ctx, holdAttributes(*s.hold)...)
}

// reminds reports whether a reminder is still due. There is none for an approved plan.
func (s *syncer) reminds() bool { return !s.hold.Reminded && !s.hold.Approved }

// half is the time when half of the hold has passed.
func (s *syncer) half() time.Time { return s.hold.Since.Add(s.hold.Until.Sub(s.hold.Since) / 2) }

// sleep waits for a decision, a resync, a tick, a reminder or the expiry. A cancellation ends it too.
func (s *syncer) sleep(ctx workflow.Context, now time.Time) {
	until := s.hold.Until
	if s.reminds() {
		until = s.half()
	}
	_, _ = workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{ // the caller checks why it ended
		Timeout: until.Sub(now), TimerOptions: workflow.TimerOptions{Summary: "Hold removals for a decision"},
	}, func() bool { return s.decided != nil || s.resyncs.arrived() })
}

// remind shows that half of the time has passed, and alerts people if it is a Sync. The hold continues if that fails.
func (s *syncer) remind(ctx workflow.Context) error {
	s.hold.Reminded = true
	if err := s.show(ctx); err != nil || s.in.undoing() {
		return err
	}
	in := activities.RemindInput{
		Tenant: s.in.Tenant, Run: s.hold.Run, Plan: s.hold.Plan, Removals: s.hold.Removals,
		Additions: s.hold.Additions, Changes: s.hold.Changes,
		Since: s.hold.Since, Until: s.hold.Until,
	}
	ctx = brief(ctx, s.in.Tenant, "Half of the time has passed")
	var reminded activities.RemindResult
	if err := workflow.ExecuteActivity(ctx, s.round.do.Remind, in).Get(ctx, &reminded); err == nil {
		announce(ctx, reminded.Alerts)
	}
	return nil
}
