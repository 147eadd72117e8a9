package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// openings tests how runs begin and end.
func openings(t *testing.T, open Opener) {
	ctx := t.Context()
	first := run.Run{
		ID: runID(1), Tenant: acme, Origin: run.Scheduled, Workflow: "sync-acme", Execution: "x",
		Started: noon,
	}
	keeping := func(text string) ledger.Opening {
		return func(r run.Run, state ledger.State) ([]byte, error) {
			return []byte(text + " " + r.ID.String() + " " + state.Digest), nil
		}
	}
	asked := &health.Event{Tenant: acme, Key: "asked", Kind: health.Requested, At: noon}
	ended := func(outcome run.Outcome) ledger.Ending {
		result := run.Result{Tenant: acme, Run: runID(1).String(), Outcome: outcome, Finished: noon.Add(time.Minute)}
		return ledger.Ending{Result: result, Event: &health.Event{
			Tenant: acme, Key: "ended", Kind: health.Ended, At: result.Finished, Result: result,
		}}
	}
	end := func(t *testing.T, s *store.Store, e ledger.Ending) (run.Run, []health.Alert) {
		t.Helper()
		r, told, err := s.FinishRun(ctx, first.ID, e)
		must(t, err)
		return r, told
	}
	failing := func(t *testing.T, s *store.Store) health.Status {
		t.Helper()
		got(s.AddEvent(ctx, health.Event{
			Tenant: acme, Key: "failed", Kind: health.Ended, At: noon,
			Origin: run.Scheduled, Result: run.Result{Outcome: run.Failed},
		}))(t)
		return got(s.Condition(ctx, acme))(t)
	}

	it(t, open, "an opening is made from the tenant's state and stored with the run",
		func(t *testing.T, s *store.Store) {
			must(t, FinishRun(ctx, s, begin(t, s, 7), run.Result{}, &ledger.State{Digest: "d"}))
			begun, kept, err := s.BeginRun(ctx, first, nil, keeping("a"))
			must(t, err)
			same(t, "run", begun, first)
			same(t, "kept", string(kept), "a "+first.ID.String()+" d")
			again := first
			again.ID = runID(2)
			begun, kept, err = s.BeginRun(ctx, again, nil, keeping("b"))
			must(t, err)
			same(t, "the first run", begun, first)
			same(t, "what it keeps", string(kept), "a "+first.ID.String()+" d")
			same(t, "read", string(got(s.Opening(ctx, first.ID))(t)), "a "+first.ID.String()+" d")
		})
	it(t, open, "a run whose opening fails isn't begun", func(t *testing.T, s *store.Store) {
		refusal := errors.New("no")
		_, _, err := s.BeginRun(ctx, first, nil, func(run.Run, ledger.State) ([]byte, error) { return nil, refusal })
		if !errors.Is(err, refusal) {
			t.Error(err)
		}
		same(t, "runs", len(got(s.Runs(ctx, acme, 0))(t)), 0)
	})
	it(t, open, "a run without an opening has none", func(t *testing.T, s *store.Store) {
		if err := second(s.Opening(ctx, begin(t, s, 1))); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
	})
	it(t, open, "the event of a request counts once", func(t *testing.T, s *store.Store) {
		same(t, "failures", failing(t, s).Failures, 1)
		for range 2 {
			_, _, err := s.BeginRun(ctx, first, asked, keeping(""))
			must(t, err)
		}
		same(t, "asked", got(s.Condition(ctx, acme))(t).Failures, 0)
		got(s.AddEvent(ctx, health.Event{
			Tenant: acme, Key: "failed again", Kind: health.Ended, At: noon,
			Origin: run.Scheduled, Result: run.Result{Outcome: run.Failed},
		}))(t)
		_, _, err := s.BeginRun(ctx, first, asked, keeping(""))
		must(t, err)
		same(t, "a late attempt asks for nothing", got(s.Condition(ctx, acme))(t).Failures, 1)
	})
	it(t, open, "an end counts once and returns the same alerts each time", func(t *testing.T, s *store.Store) {
		got(BeginRun(ctx, s, first))(t)
		r, told := end(t, s, ended(run.Failed))
		same(t, "told", len(told), 1)
		same(t, "its origin is the run's", got(s.Condition(ctx, acme))(t).Failures, 1)
		again, repeated := end(t, s, ended(run.Unchanged))
		same(t, "again", again, r)
		same(t, "told again", repeated, told)
		same(t, "failures", got(s.Condition(ctx, acme))(t).Failures, 1)
	})
	it(t, open, "a repeated end that changes nothing leaves the condition unchanged",
		func(t *testing.T, s *store.Store) {
			got(BeginRun(ctx, s, first))(t)
			e := ended(run.Unchanged)
			e.SameAs = runID(9)
			r, told := end(t, s, e)
			same(t, "told", len(told), 0)
			same(t, "the verdict that it repeats", r.SameAs, runID(9))
			same(t, "condition", got(s.Condition(ctx, acme))(t), health.Status{})
			after := failing(t, s)
			end(t, s, e)
			same(t, "a late attempt", got(s.Condition(ctx, acme))(t), after)
			same(t, "read", got(s.Run(ctx, acme, first.ID))(t), r)
		})
	it(t, open, "a run that claimed and never ended leaves the tenant unfinished",
		func(t *testing.T, s *store.Store) {
			r := begin(t, s, 1)
			got(s.Claim(ctx, ledger.Claim{Tenant: acme, Run: r, Plan: "p", Changes: 1, Batches: 1}))(t)
			same(t, "left", got(s.State(ctx, acme))(t).Unfinished, true)
			must(t, FinishRun(ctx, s, r, run.Result{Outcome: run.Failed}, nil))
			same(t, "ended", got(s.State(ctx, acme))(t).Unfinished, false)
		})
}
