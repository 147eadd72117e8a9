package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func runs(t *testing.T, open Opener) {
	ctx := t.Context()
	first := run.Run{
		ID: runID(1), Tenant: acme, Origin: run.Scheduled, Request: "r", Workflow: "sync-acme", Execution: "x",
		Preview: true,
		Started: noon.Add(1500 * time.Microsecond),
	}
	it(t, open, "an execution that begins a run twice gets the first run", func(t *testing.T, s *store.Store) {
		same(t, "first", got(BeginRun(ctx, s, first))(t), first)
		again := first
		again.ID, again.Started = runID(2), noon.Add(time.Hour)
		same(t, "again", got(BeginRun(ctx, s, again))(t), first)
		again.Execution = "y"
		same(t, "another execution", got(BeginRun(ctx, s, again))(t), again)
	})
	it(t, open, "a finished run keeps its first result and state", func(t *testing.T, s *store.Store) {
		got(BeginRun(ctx, s, first))(t)
		result := run.Result{
			Tenant: acme, Run: first.ID.String(), Outcome: run.Held, Changes: run.ChangeCounts{Added: 3}, Failed: 1,
			Held: &run.HeldPlan{Plan: "p", Removals: 9}, Started: noon, Finished: noon.Add(time.Minute),
		}
		state := ledger.State{
			Digest: "d", Rules: "r", Bindings: "b", Columns: []byte{1}, ComparedAt: noon, Complete: true,
		}
		must(t, FinishRun(ctx, s, first.ID, result, &state))
		must(t, FinishRun(ctx, s, first.ID, run.Result{Outcome: run.Failed}, &ledger.State{Digest: "other"}))
		want := first
		want.Finished, want.Result = result.Finished, &result
		same(t, "run", got(s.Run(ctx, acme, first.ID))(t), want)
		state.LastRun = first.ID
		same(t, "state", got(s.State(ctx, acme))(t), state)
	})
	it(t, open, "a run without a state leaves the tenant's state unchanged", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(person(1))...)
		before := got(s.State(ctx, acme))(t)
		must(t, FinishRun(ctx, s, begin(t, s, 2), run.Result{Outcome: run.Unchanged}, nil))
		same(t, "state", got(s.State(ctx, acme))(t), before)
	})
	it(t, open, "runs are listed latest first", func(t *testing.T, s *store.Store) {
		for n, started := range []time.Time{noon, noon.Add(2 * time.Hour), noon.Add(time.Hour)} {
			got(BeginRun(ctx, s, run.Run{
				ID: runID(n), Tenant: acme, Workflow: "w", Execution: string(rune('a' + n)),
				Started: started,
			}))(t)
		}
		var order []uuid.UUID
		for _, r := range got(s.Runs(ctx, acme, 2))(t) {
			order = append(order, r.ID)
		}
		same(t, "order", order, []uuid.UUID{runID(1), runID(2)})
		same(t, "all", len(got(s.Runs(ctx, acme, 0))(t)), 3)
		same(t, "another tenant's", len(got(s.Runs(ctx, "globex", 0))(t)), 0)
	})
	it(t, open, "previews are listed separately, latest first", func(t *testing.T, s *store.Store) {
		for n := range 5 {
			got(BeginRun(ctx, s, run.Run{
				ID: runID(n), Tenant: acme, Execution: string(rune('a' + n)),
				Started: noon.Add(time.Duration(n) * time.Hour), Preview: n%2 == 0,
			}))(t)
		}
		var order []uuid.UUID
		for _, r := range got(s.Previews(ctx, acme, 2))(t) {
			order = append(order, r.ID)
		}
		same(t, "order", order, []uuid.UUID{runID(4), runID(2)})
		same(t, "all", len(got(s.Previews(ctx, acme, 0))(t)), 3)
		same(t, "another tenant's", len(got(s.Previews(ctx, "globex", 0))(t)), 0)
	})
	it(t, open, "an unknown run is not found", func(t *testing.T, s *store.Store) {
		got(BeginRun(ctx, s, first))(t)
		for _, err := range []error{
			second(s.Run(ctx, acme, runID(9))), second(s.Run(ctx, "globex", first.ID)),
			FinishRun(ctx, s, runID(9), run.Result{}, nil),
		} {
			if !errors.Is(err, ledger.ErrNotFound) {
				t.Error(err)
			}
		}
	})
}

// second is a call's error.
func second[T any](_ T, err error) error { return err }
