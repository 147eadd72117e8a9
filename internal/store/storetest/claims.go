package storetest

import (
	"errors"
	"testing"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func claims(t *testing.T, open Opener) {
	ctx := t.Context()
	plan := func(n int, generation int64, changes int) ledger.Claim {
		return ledger.Claim{
			Tenant: acme, Run: runID(n), Plan: "plan", Generation: generation, Changes: changes,
			Batches: 1,
		}
	}
	superseded := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, ledger.ErrSuperseded) {
			t.Errorf("have %v, want ErrSuperseded", err)
		}
	}

	it(t, open, "claims reserve consecutive blocks of audit numbers", func(t *testing.T, s *store.Store) {
		same(t, "first", got(s.Claim(ctx, plan(1, 0, 10)))(t), int64(0))
		same(t, "second", got(s.Claim(ctx, plan(2, 1, 5)))(t), int64(10))
		same(t, "third", got(s.Claim(ctx, plan(3, 2, 0)))(t), int64(15))
		state := got(s.State(ctx, acme))(t)
		same(t, "generation", state.Generation, int64(3))
		same(t, "claimed by", state.ClaimedBy, runID(3))
	})
	it(t, open, "a repeated claim has the same base", func(t *testing.T, s *store.Store) {
		same(t, "first", got(s.Claim(ctx, plan(1, 0, 10)))(t), int64(0))
		same(t, "again", got(s.Claim(ctx, plan(1, 0, 10)))(t), int64(0))
		same(t, "generation", got(s.State(ctx, acme))(t).Generation, int64(1))
	})
	it(t, open, "another plan of the same run gets the next block", func(t *testing.T, s *store.Store) {
		got(s.Claim(ctx, plan(1, 0, 10)))(t)
		held := plan(1, 0, 3)
		held.Plan = "held"
		same(t, "held", got(s.Claim(ctx, held))(t), int64(10))
		same(t, "first again", got(s.Claim(ctx, plan(1, 0, 10)))(t), int64(0))
	})
	it(t, open, "a plan of an older generation is refused", func(t *testing.T, s *store.Store) {
		got(s.Claim(ctx, plan(1, 0, 1)))(t)
		superseded(t, second(s.Claim(ctx, plan(2, 0, 1))))
		superseded(t, second(s.Claim(ctx, plan(2, 2, 1))))
		got(s.Claim(ctx, plan(2, 1, 1)))(t)
		superseded(t, second(s.Claim(ctx, plan(1, 0, 1))))
		superseded(t, second(s.Claim(ctx, plan(1, 1, 1))))
	})
	it(t, open, "tenants don't share generations or audit numbers", func(t *testing.T, s *store.Store) {
		got(s.Claim(ctx, plan(1, 0, 10)))(t)
		other := plan(2, 0, 10)
		other.Tenant = "globex"
		same(t, "base", got(s.Claim(ctx, other))(t), int64(0))
	})
	it(t, open, "a claimed tenant isn't complete until a run says so", func(t *testing.T, s *store.Store) {
		begin(t, s, 1)
		got(s.Claim(ctx, plan(1, 0, 0)))(t)
		must(t, FinishRun(ctx, s, runID(1), run.Result{}, &ledger.State{Digest: "d", Complete: true}))
		same(t, "settled", got(s.State(ctx, acme))(t).Complete, true)
		begin(t, s, 2)
		got(s.Claim(ctx, plan(2, 1, 0)))(t)
		state := got(s.State(ctx, acme))(t)
		same(t, "settled in mid-apply", state.Complete, false)
		same(t, "digest in mid-apply", state.Digest, "d")
		must(t, FinishRun(ctx, s, runID(2), run.Result{}, nil))
		same(t, "settled after a failure", got(s.State(ctx, acme))(t).Complete, false)
	})
	it(t, open, "a finished run can't claim", func(t *testing.T, s *store.Store) {
		begin(t, s, 1)
		got(s.Claim(ctx, plan(1, 0, 1)))(t)
		must(t, FinishRun(ctx, s, runID(1), run.Result{}, nil))
		superseded(t, second(s.Claim(ctx, plan(1, 0, 1))))
		other := plan(1, 1, 1)
		other.Plan = "other"
		superseded(t, second(s.Claim(ctx, other)))
	})
	it(t, open, "a run that begins closes other runs' claims, and a preview doesn't",
		func(t *testing.T, s *store.Store) {
			begin(t, s, 1)
			base := claim(t, s, 1, 0, 2)
			preview := run.Run{
				ID: runID(2), Tenant: acme, Workflow: "preview-acme", Execution: "1", Preview: true,
				Started: noon,
			}
			got(BeginRun(ctx, s, preview))(t)
			first := ledger.Batch{Tenant: acme, Run: runID(1), Base: base, At: noon, Changes: added(person(1))}
			got(s.ApplyBatch(ctx, first))(t)
			begin(t, s, 1)
			got(s.Claim(ctx, plan(1, 0, 2)))(t)
			begin(t, s, 3)
			superseded(t, second(s.ApplyBatch(ctx, ledger.Batch{
				Tenant: acme, Run: runID(1), Number: 1, Base: base + 1, At: noon, Changes: added(person(2)),
			})))
			superseded(t, second(s.Claim(ctx, ledger.Claim{
				Tenant: acme, Run: runID(1), Plan: "plan", Changes: 2,
				Batches: 2,
			})))
			claim(t, s, 3, 1, 1)
		})
	it(t, open, "a state from before another run's claim is refused, and the run stays open",
		func(t *testing.T, s *store.Store) {
			begin(t, s, 1)
			got(s.Claim(ctx, plan(1, 0, 1)))(t)
			got(s.Claim(ctx, plan(2, 1, 1)))(t)
			superseded(t, FinishRun(ctx, s, runID(1), run.Result{}, &ledger.State{Generation: 0, Digest: "late"}))
			same(t, "digest", got(s.State(ctx, acme))(t).Digest, "")
			if r := got(s.Run(ctx, acme, runID(1)))(t); r.Result != nil || !r.Finished.IsZero() {
				t.Errorf("%+v", r)
			}
			must(t, FinishRun(ctx, s, runID(1), run.Result{Outcome: run.Failed}, nil))
		})
}
