package workflows

import (
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// Undo takes back what one run of a tenant did, as far as it still stands. It goes under the Sync's id, which is the lock.
// Nothing of it is applied before somebody has approved it; a resync drops it and has its sync at once, and nobody deciding in
// time drops it too. Ticks of the Schedule, which is paused meanwhile, are joined: a sync would redo what the undo takes back.
func Undo(ctx workflow.Context, in Input) (run.Result, error) {
	if in.Undoes == uuid.Nil { // started by hand, from the Web UI or the temporal CLI
		result := run.Result{Tenant: in.Tenant, Outcome: run.Failed, Error: said(fault.NotUndoable("no run is named"))}
		return result, failure(result)
	}
	in.Origin = run.Undo
	u := undoer{newSync(in)}
	if err := u.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return u.run(ctx)
}

// undoer holds as a syncer does, and otherwise waits.
type undoer struct{ *syncer }

func (u undoer) run(ctx workflow.Context) (run.Result, error) {
	result, err := u.round.run(ctx)
	if u.hold != nil { // it was approved: that is over, however the round ended
		u.hold, u.round.status.Hold = nil, nil
		if shown := upsert(ctx, heldKey.ValueUnset()); shown != nil {
			return result, shown
		}
	}
	if temporal.IsCanceledError(err) {
		return result, err
	}
	if err == nil && result.Outcome == run.Held {
		u.hold = u.fresh(ctx, *result.Held, nil)
		return u.wait(ctx)
	}
	if next := u.resyncs.drain(); next != nil {
		return result, u.again(ctx, next)
	}
	return result, err
}

// wait stays open until somebody decides, asks for a sync instead, or the time is over.
func (u undoer) wait(ctx workflow.Context) (run.Result, error) {
	if err := u.show(ctx); err != nil {
		return run.Result{}, err
	}
	for {
		next := u.resyncs.drain()
		now := workflow.Now(ctx)
		switch {
		case u.decided != nil && u.decided.approved:
			return u.release(ctx, next)
		case u.decided != nil:
			return u.drop(ctx, activities.ConcludeInput{Outcome: run.Rejected, Request: u.decided.request})
		case next != nil:
			return u.drop(ctx, activities.ConcludeInput{Outcome: run.Rejected, Request: next.Request, Replaced: true})
		case !now.Before(u.hold.Until):
			return u.drop(ctx, activities.ConcludeInput{Outcome: run.Expired})
		case !u.hold.Reminded && !now.Before(u.half()):
			u.hold.Reminded = true
			if err := u.show(ctx); err != nil {
				return run.Result{}, err
			}
			continue
		}
		if err := u.sleep(ctx, now); err != nil {
			return u.cancel(ctx, err)
		}
	}
}

// drop ends the undo with nothing applied, and goes on with the sync that somebody asked for meanwhile.
func (u undoer) drop(ctx workflow.Context, in activities.ConcludeInput) (run.Result, error) {
	in.Plan = u.hold.Plan
	result, err := u.conclude(ctx, u.hold.Run, in)
	if err != nil {
		return result, err
	}
	u.hold = nil
	if next := u.resyncs.drain(); next != nil {
		return result, u.again(ctx, next)
	}
	return result, nil
}

// undo is the table of contents of a round that takes a run back.
func (r *round) undo(ctx workflow.Context) error {
	r.at(ctx, Reversing)
	var reversed activities.ReverseResult
	err := workflow.ExecuteActivity(compute(ctx, r.in.Tenant, "Work out what takes run "+r.in.Undoes.String()+" back"), r.do.Reverse,
		activities.ReverseInput{Round: r.round}).Get(ctx, &reversed)
	if err != nil {
		return err
	}
	r.plan, r.result().Held, r.result().Undoes.Left = reversed.Plan, reversed.Held, reversed.Left
	r.status.Planned = Planned{
		Changes: r.plan.Counts(), Batches: r.plan.Additions.Batches + r.plan.Released.Batches + r.plan.Removals.Batches, Removals: r.plan.Leaving,
	}
	if err := upsert(ctx, changesKey.ValueSet(int64(r.plan.Counts().Total())), removalsKey.ValueSet(int64(r.plan.Leaving))); err != nil {
		return err
	}
	of := r.approved()
	if of == nil {
		return nil
	}
	r.result().Approved = &run.ApprovedPlan{Plan: of.Plan, Removals: r.plan.Approved, Left: r.plan.Left}
	return r.apply(ctx, true)
}

// undoDecisions say which run is taken back, what of that is held and how it gets applied, and what is left alone.
func undoDecisions(s Status) []string {
	said := []string{fmt.Sprintf("Takes run `%s` back.", s.Result.Undoes.Run)}
	if s.Hold != nil {
		said = append(said, heldUndo(s, *s.Hold)...)
	} else if h := s.Result.Held; h != nil {
		said = append(said, fmt.Sprintf("**%d changes are not applied**, plan `%s`.", h.Changes, h.Plan))
	}
	if a := s.Result.Approved; a != nil {
		said = append(said, fmt.Sprintf("Plan `%s` is approved: %d of its changes still stand, and %d are left out, as they changed since.",
			a.Plan, a.Removals, a.Left))
	}
	if left := s.Result.Undoes.Left; left > 0 {
		said = append(said, fmt.Sprintf("%d changes of that run are left alone: they have changed since, or can't be undone.", left))
	}
	return said
}

// heldUndo says what an undo waits for, for how long, and how to decide.
func heldUndo(s Status, h Hold) []string {
	if h.Approved {
		return []string{fmt.Sprintf("**Approved: %d changes**, plan `%s`. They are applied as far as they still stand.", h.Changes, h.Plan)}
	}
	until := h.Until.UTC().Format("2006-01-02 15:04 UTC")
	said := []string{fmt.Sprintf("**Held: %d changes**, plan `%s`, since %s. Nothing of it is applied until a person decides.",
		h.Changes, h.Plan, h.Since.UTC().Format("2006-01-02 15:04 UTC"))}
	if h.Reminded {
		said[0] = fmt.Sprintf("**Half of the time is over: nobody has decided, and the undo expires at %s.** ", until) + said[0]
	}
	tenant := s.Result.Tenant
	return append(said, fmt.Sprintf("| | |\n|---|---|\n"+
		"| What it changes, and what it leaves | `starter report %s %s` |\n"+
		"| Apply it | `starter approve %s %s --by WHO` |\n"+
		"| Drop it | `starter reject %s %s --by WHO` |\n"+
		"| Nobody decides | nothing is changed; the plan expires at %s |\n"+
		"| Afterwards | scheduled syncs stay paused: once the cause is mended, `starter unpause %s` |\n",
		tenant, h.Run, tenant, h.Plan, tenant, h.Plan, until, tenant))
}
