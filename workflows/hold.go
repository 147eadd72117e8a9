package workflows

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// holdChange is the change by which a Sync holds; before it, one that held removals back ended at once.
const holdChange = "hold"

// verdict is what somebody decided.
type verdict struct {
	approved bool
	request  string
	hold     Hold // about what
}

// Kinds of refusals of a decision.
const (
	notHeldKind  = "not_held"
	nobodysKind  = "nobodys_decision"
	approvedKind = "approved_already"
)

// listen takes decisions, also while the held plan is planned anew.
func (s *syncer) listen(ctx workflow.Context) error {
	take := func(name string, approve bool) error {
		err := workflow.SetUpdateHandlerWithOptions(ctx, name,
			func(_ workflow.Context, d Decision) (run.HeldPlan, error) { return s.decide(d, approve), nil },
			workflow.UpdateHandlerOptions{Validator: s.validate, Description: "decide about the plan that is held, by its id"})
		if err != nil {
			return fmt.Errorf("take the update %s: %w", name, err)
		}
		return nil
	}
	if err := take(ApproveUpdate, true); err != nil {
		return err
	}
	return take(RejectUpdate, false)
}

// validate refuses a decision about anything but what is held.
func (s *syncer) validate(_ workflow.Context, d Decision) error {
	refuse := func(kind, format string, args ...any) error {
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), kind, nil)
	}
	switch {
	case s.hold == nil:
		return refuse(notHeldKind, "no plan is held")
	case d.Plan != s.hold.Plan:
		return refuse(notHeldKind, "plan %q is not held: %s is", d.Plan, s.hold.Plan)
	case d.Request == "":
		return refuse(nobodysKind, "nobody is named: decide by `starter approve` or `starter reject`, which keep who did")
	case s.hold.Approved && s.round.status.Step != Holding:
		return refuse(approvedKind, "plan %s is approved already, and being applied", s.hold.Plan)
	case s.round.releasing:
		return refuse(notHeldKind, "plan %s is held no more: what is left of it is within the limit, and being applied", s.hold.Plan)
	}
	return nil
}

// decide notes a decision; the last one counts.
func (s *syncer) decide(d Decision, approve bool) run.HeldPlan {
	s.decided = &verdict{approved: approve, request: d.Request, hold: *s.hold}
	return run.HeldPlan{Plan: s.hold.Plan, Removals: s.hold.Removals, Changes: s.hold.Changes}
}

// vetoed tells whether somebody rejected what is held while a round is under way. It applies no removals then, though they be
// within the limit by now.
func (s *syncer) vetoed() bool { return s.decided != nil && !s.decided.approved }

// keep says what is held after the round: what it holds; nothing when it holds nothing; and what was held before when it
// failed, or was vetoed. The same removals keep their clock.
func (s *syncer) keep(ctx workflow.Context, result run.Result, failed bool) error {
	before := s.hold
	if failed || before != nil && s.vetoed() && result.Held != nil && result.Held.Plan == before.Plan {
		return nil
	}
	s.hold = nil
	if result.Outcome == run.Held && workflow.GetVersion(ctx, holdChange, workflow.DefaultVersion, 1) == 1 {
		s.hold = s.fresh(ctx, *result.Held, before)
	}
	if s.hold == nil && before != nil {
		s.round.status.Hold = nil
		s.round.tell(ctx)
		return upsert(ctx, heldKey.ValueUnset())
	}
	return nil
}

func (s *syncer) fresh(ctx workflow.Context, held run.HeldPlan, before *Hold) *Hold {
	h := &Hold{
		Plan: held.Plan, Removals: held.Removals, Changes: held.Changes, Undoes: s.in.Undoes, Run: s.round.round.Run, Since: workflow.Now(ctx).UTC(),
	}
	if before != nil && before.Plan == h.Plan {
		h.Since, h.Reminded = before.Since, before.Reminded
	}
	hold := s.round.round.Hold
	if hold <= 0 {
		hold = holdTime
	}
	h.Until = h.Since.Add(hold)
	return h
}

// wait stays open while the plan is held, until somebody decides, a resync or a tick comes in, or its time is over.
func (s *syncer) wait(ctx workflow.Context) (run.Result, error) {
	if err := s.show(ctx); err != nil {
		return run.Result{}, err
	}
	for {
		next := s.resyncs.drain()
		now := workflow.Now(ctx)
		switch {
		case s.decided != nil && s.decided.approved:
			return s.release(ctx, next)
		case s.decided != nil:
			return s.reject(ctx)
		case next != nil:
			return s.round.status.Result, s.replace(ctx, next)
		case !now.Before(s.hold.Until):
			return s.conclude(ctx, s.hold.Run, activities.ConcludeInput{Plan: s.hold.Plan, Outcome: run.Expired})
		case s.resyncs.tick():
			return s.round.status.Result, s.replan(ctx)
		case !s.hold.Reminded && !now.Before(s.half()):
			s.hold.Reminded = true
			if err := s.show(ctx); err != nil {
				return run.Result{}, err
			}
			s.remind(ctx)
			continue
		}
		if err := s.sleep(ctx, now); err != nil {
			return s.cancel(ctx, err)
		}
	}
}

// half is when half of the time is over.
func (s *syncer) half() time.Time { return s.hold.Since.Add(s.hold.Until.Sub(s.hold.Since) / 2) }

// sleep waits for whatever comes first.
func (s *syncer) sleep(ctx workflow.Context, now time.Time) error {
	until := s.hold.Until
	if !s.hold.Reminded {
		until = s.half()
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: until.Sub(now), TimerOptions: workflow.TimerOptions{Summary: "Hold removals for a decision"},
	}, func() bool { return s.decided != nil || s.resyncs.waiting() })
	return err
}

// remindChange is the change by which people are told that half of the time is over; before it, it was only shown.
const remindChange = "remind"

// remind has people told that nobody has decided yet. Where that can't be, the hold goes on as it is.
func (s *syncer) remind(ctx workflow.Context) {
	if workflow.GetVersion(ctx, remindChange, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	var reminded activities.RemindResult
	err := workflow.ExecuteActivity(brief(ctx, s.in.Tenant, "Half of the time is over"), s.round.do.Remind, activities.RemindInput{
		Tenant: s.in.Tenant, Run: s.hold.Run, Plan: s.hold.Plan, Removals: s.hold.Removals, Since: s.hold.Since, Until: s.hold.Until,
	}).Get(ctx, &reminded)
	if err == nil {
		tell(ctx, reminded.Alerts)
	}
}

// show shows what is held.
func (s *syncer) show(ctx workflow.Context) error {
	s.round.status.Hold = s.hold
	if s.round.status.Step == Holding {
		s.round.tell(ctx)
	} else {
		s.round.at(ctx, Holding)
	}
	return upsert(ctx, holding(*s.hold)...)
}

// release goes round again: a fresh read leaves out whoever is back, and applies what is left of what was approved. A
// resync that waits has its round after that.
func (s *syncer) release(ctx workflow.Context, next *Resync) (run.Result, error) {
	approved := s.decided.hold
	approved.Approved, approved.Request = true, s.decided.request
	name, in := SyncName, Input{Tenant: s.in.Tenant, Origin: run.Manual, Request: s.decided.request, Hold: &approved, Next: next}
	if s.in.Undoes != uuid.Nil {
		name, in.Origin, in.Undoes = UndoName, run.Undo, s.in.Undoes
	}
	return s.round.status.Result, workflow.NewContinueAsNewError(ctx, name, in)
}

// reject drops the plan, as it was shown. Where that was decided while a round was under way that holds others by now, these
// are held on.
func (s *syncer) reject(ctx workflow.Context) (run.Result, error) {
	shown := s.decided.hold
	result, err := s.conclude(ctx, shown.Run, activities.ConcludeInput{
		Plan: shown.Plan, Outcome: run.Rejected, Request: s.decided.request,
	})
	if s.decided = nil; err != nil {
		return result, err
	}
	if next := s.resyncs.drain(); next != nil {
		return result, s.again(ctx, next)
	}
	if shown.Plan != s.hold.Plan {
		return result, s.replan(ctx)
	}
	return result, nil
}

// replace goes round again for somebody who asks for it: what was held is planned anew, with a new clock.
func (s *syncer) replace(ctx workflow.Context, next *Resync) error {
	if err := upsert(ctx, heldKey.ValueUnset()); err != nil {
		return err
	}
	return s.again(ctx, next)
}

// replan goes round again, so that whoever joins or changes meanwhile doesn't wait for a decision.
func (s *syncer) replan(ctx workflow.Context) error {
	return workflow.NewContinueAsNewError(ctx, SyncName, Input{
		Tenant: s.in.Tenant, Origin: run.Scheduled, Request: s.hold.Request, Hold: s.hold,
	})
}

// cancel records that somebody cancelled the sync. What was held is neither applied nor dropped: the next one plans it anew.
func (s *syncer) cancel(ctx workflow.Context, canceled error) (run.Result, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	result, err := s.conclude(ctx, s.hold.Run, activities.ConcludeInput{
		Plan: s.hold.Plan, Outcome: run.Failed, Error: said(fault.Canceled()),
	})
	if err != nil {
		return result, err
	}
	return result, canceled
}

// conclude ends the hold without applying anything of it.
func (s *syncer) conclude(ctx workflow.Context, shown uuid.UUID, in activities.ConcludeInput) (run.Result, error) {
	in.Tenant, in.Run, in.Undoes = s.in.Tenant, shown, s.in.Undoes
	if latest := s.round.round.Run; latest != shown {
		in.Latest = latest
	}
	s.round.at(ctx, Finishing)
	var concluded activities.ConcludeResult
	err := workflow.ExecuteActivity(conclude(ctx, s.in.Tenant, "Record the outcome: "+string(in.Outcome)), s.round.do.Conclude, in).
		Get(ctx, &concluded)
	if err != nil {
		return s.round.fail(ctx, err)
	}
	s.round.status.Hold = nil
	*s.round.result() = concluded.Result
	tell(ctx, concluded.Alerts)
	if err := upsert(ctx, heldKey.ValueUnset()); err != nil {
		return concluded.Result, err
	}
	return concluded.Result, s.round.close(ctx)
}
