package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func withheld(t *testing.T, open Opener) {
	ctx := t.Context()
	of := func(member, group int, verb plan.Verb) ledger.Withheld {
		w := ledger.Withheld{
			Removal: plan.Removal{Verb: verb}, Plan: "p", Outcome: run.Rejected, Request: "r", At: noon,
		}
		if member > 0 {
			w.Member = id(member)
		}
		if group > 0 {
			w.Group = id(group)
		}
		return w
	}
	list := func(t *testing.T, s *store.Store, tenant string) (all []ledger.Withheld) {
		t.Helper()
		for w, err := range s.Withheld(ctx, tenant) {
			must(t, err)
			all = append(all, w)
		}
		return all
	}
	it(t, open, "a withheld removal is stored until it is lifted", func(t *testing.T, s *store.Store) {
		group, member, membership := of(0, 5, plan.RemoveGroup), of(1, 0, plan.Depart), of(1, 5, plan.RemoveMembership)
		must(t, s.Withhold(ctx, acme, []ledger.Withheld{membership, group, member}))
		same(t, "withheld", list(t, s, acme), []ledger.Withheld{group, member, membership})
		same(t, "another tenant's", len(list(t, s, "globex")), 0)
		must(t, s.Lift(ctx, acme, []plan.Removal{member.Removal, {Member: id(9)}}))
		must(t, s.Lift(ctx, acme, nil))
		must(t, s.Lift(ctx, "globex", []plan.Removal{group.Removal}))
		same(t, "left", list(t, s, acme), []ledger.Withheld{group, membership})
	})
	it(t, open, "a later decision replaces an earlier one about the same removal", func(t *testing.T, s *store.Store) {
		first, second := of(1, 0, plan.Deactivate), of(1, 0, plan.Depart)
		second.Plan, second.Outcome, second.Request, second.At = "q", run.Expired, "", noon.Add(time.Hour)
		must(t, s.Withhold(ctx, acme, []ledger.Withheld{first}))
		must(t, s.Withhold(ctx, acme, []ledger.Withheld{second}))
		must(t, s.Withhold(ctx, acme, nil))
		same(t, "withheld", list(t, s, acme), []ledger.Withheld{second})
	})
	it(t, open, "many removals are withheld and lifted", func(t *testing.T, s *store.Store) {
		var all []ledger.Withheld
		var keys []plan.Removal
		for n := range 2500 {
			w := of(n+1, 0, plan.Depart)
			all, keys = append(all, w), append(keys, w.Removal)
		}
		must(t, s.Withhold(ctx, acme, all))
		same(t, "withheld", len(list(t, s, acme)), 2500)
		must(t, s.Lift(ctx, acme, keys[1:]))
		same(t, "left", list(t, s, acme), all[:1])
	})
	it(t, open, "a held run is concluded with another result", func(t *testing.T, s *store.Store) {
		first := begin(t, s, 1)
		held := run.Result{Outcome: run.Held, Held: &run.HeldPlan{Plan: "p", Removals: 1}, Finished: noon}
		if err := s.ConcludeRun(ctx, first, held); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("an open run: %v", err)
		}
		must(t, FinishRun(ctx, s, first, held, nil))
		rejected := held
		rejected.Outcome, rejected.Finished = run.Rejected, noon.Add(time.Hour)
		must(t, s.ConcludeRun(ctx, first, rejected))
		must(t, s.ConcludeRun(ctx, first, rejected))
		must(t, FinishRun(ctx, s, first, held, nil))
		kept := got(s.Run(ctx, acme, first))(t)
		same(t, "result", *kept.Result, rejected)
		same(t, "finished", kept.Finished, rejected.Finished)
		if err := s.ConcludeRun(ctx, uuid.Nil, held); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
	})
	it(t, open, "approved removals don't count as recent ones", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(person(1), person(2))...)
		one, two := person(1), person(2)
		oneGone, twoGone := next(one, away), next(two, away)
		base := claim(t, s, 2, 1, 2)
		approved := ledger.Batch{
			Tenant: acme, Run: runID(2), Base: base, At: noon, Approved: true,
			Changes: []plan.Change{change(plan.Depart, &one, &oneGone)},
		}
		same(t, "departed", got(s.ApplyBatch(ctx, approved))(t).Counts.Departed, 1)
		same(t, "approved", got(s.Recent(ctx, acme, noon))(t), ledger.Recent{Removals: 0})
		got(s.ApplyBatch(ctx, ledger.Batch{
			Tenant: acme, Run: runID(2), Number: 1, Base: base + 1, At: noon,
			Changes: []plan.Change{change(plan.Depart, &two, &twoGone)},
		}))(t)
		same(t, "not approved", got(s.Recent(ctx, acme, noon))(t), ledger.Recent{Removals: 1})
	})
}
