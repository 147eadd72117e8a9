package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func conditions(t *testing.T, open Opener) {
	ctx := t.Context()
	ended := func(n int, outcome run.Outcome) health.Event {
		e := health.Event{
			Tenant: acme, Key: fmt.Sprint("ended ", n), Kind: health.Ended,
			At: noon.Add(time.Duration(n) * time.Minute), Origin: run.Scheduled,
			Result: run.Result{Tenant: acme, Run: runID(n).String(), Outcome: outcome},
		}
		if outcome == run.Failed {
			e.Result.Error = &run.ResultError{Kind: "not_found", Detail: "there is no such report", Hint: "look"}
		}
		return e
	}
	words := func(alerts []health.Alert) (words []health.Condition) {
		for _, a := range alerts {
			words = append(words, a.Condition)
		}
		return words
	}
	daily := func(after time.Time) time.Time { return after.Truncate(24 * time.Hour).Add(24 * time.Hour) }

	it(t, open, "an unknown tenant has the zero condition", func(t *testing.T, s *store.Store) {
		same(t, "condition", got(s.Condition(ctx, acme))(t), health.Status{})
		same(t, "admitted", got(s.Admit(ctx, acme, "tick", noon, daily))(t), true)
	})
	it(t, open, "an event counts once and returns the same alerts each time",
		func(t *testing.T, s *store.Store) {
			first := got(s.AddEvent(ctx, ended(1, run.Failed)))(t)
			same(t, "told", words(first), []health.Condition{health.Failed})
			same(t, "error", first[0].Error.Kind, "not_found")
			same(t, "again", got(s.AddEvent(ctx, ended(1, run.Failed)))(t), first)
			same(t, "the second", len(got(s.AddEvent(ctx, ended(2, run.Failed)))(t)), 0)
			same(t, "the third", words(got(s.AddEvent(ctx, ended(3, run.Failed)))(t)),
				[]health.Condition{health.Quarantined})
			same(t, "late", got(s.AddEvent(ctx, ended(1, run.Failed)))(t), first)
			state := got(open(t).Condition(ctx, acme))(t)
			same(t, "failures", state.Failures, 3)
			same(t, "since", state.Quarantine.Since, noon.Add(3*time.Minute))
			same(t, "another tenant's", got(s.Condition(ctx, "globex"))(t), health.Status{})
			same(t, "kept", len(got(s.Alerts(ctx, acme, 0))(t)), 2)
		})
	it(t, open, "a quarantined tenant is admitted once a day", func(t *testing.T, s *store.Store) {
		for n := range 3 {
			got(s.AddEvent(ctx, ended(n, run.Failed)))(t)
		}
		other := open(t)
		hourly := func(after time.Time) time.Time { return after.Truncate(time.Hour).Add(time.Hour) }
		admitted := 0
		var mutex sync.Mutex
		var ticks sync.WaitGroup
		for n := range 8 {
			ticks.Go(func() {
				from := s
				if n%2 == 0 {
					from = other
				}
				may, err := from.Admit(ctx, acme, fmt.Sprint("tick ", n), noon.Add(25*time.Hour), hourly)
				mutex.Lock()
				defer mutex.Unlock()
				if err != nil {
					t.Error(err)
				}
				if may {
					admitted++
				}
			})
		}
		ticks.Wait()
		same(t, "admitted", admitted, 1)
		tried := got(s.Condition(ctx, acme))(t).Quarantine
		same(t, "tried", tried.Tried, noon.Add(25*time.Hour))
		same(t, "again", got(s.Admit(ctx, acme, tried.Admitted, noon.Add(26*time.Hour), hourly))(t), true)
	})
	it(t, open, "concurrent events of two processes all count", func(t *testing.T, s *store.Store) {
		var all sync.WaitGroup
		for w, handle := range []*store.Store{s, open(t)} {
			all.Go(func() {
				for n := range 10 {
					if _, err := handle.AddEvent(ctx, ended(100*w+n, run.Failed)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		same(t, "failures", got(s.Condition(ctx, acme))(t).Failures, 20)
		same(t, "told", len(got(s.Alerts(ctx, acme, 0))(t)), 2)
	})
	it(t, open, "an alert is pending until it is taken, and dropped when it is old",
		func(t *testing.T, s *store.Store) {
			a := got(s.AddEvent(ctx, ended(1, run.Failed)))(t)[0]
			b := got(s.AddEvent(ctx, ended(5, run.Unchanged)))(t)[0]
			same(t, "untaken", got(s.PendingAlerts(ctx, noon, noon.Add(time.Hour), 0))(t), []health.Alert{a, b})
			same(t, "the first", got(s.PendingAlerts(ctx, noon, noon.Add(time.Hour), 1))(t), []health.Alert{a})
			same(t, "older", len(got(s.PendingAlerts(ctx, noon, noon.Add(2*time.Minute), 0))(t)), 1)
			same(t, "younger", len(got(s.PendingAlerts(ctx, noon.Add(2*time.Minute), noon.Add(time.Hour), 0))(t)), 1)
			must(t, s.TakeAlert(ctx, a.ID, noon.Add(time.Minute)))
			must(t, s.TakeAlert(ctx, a.ID, noon.Add(time.Hour)))
			must(t, s.TakeAlert(ctx, uuid.Nil, noon))
			same(t, "left", got(s.PendingAlerts(ctx, noon, noon.Add(time.Hour), 0))(t), []health.Alert{b})
			same(t, "one", got(s.Alert(ctx, acme, a.ID))(t), a)
			if _, err := s.Alert(ctx, "globex", a.ID); !errors.Is(err, ledger.ErrNotFound) {
				t.Error(err)
			}
			same(t, "kept", got(s.Alerts(ctx, acme, 0))(t), []store.StoredAlert{
				{Alert: b},
				{Alert: a, TakenAt: noon.Add(time.Minute)},
			})
			must(t, s.DropAlerts(ctx, noon.Add(3*time.Minute)))
			same(t, "dropped", got(s.Alerts(ctx, acme, 0))(t), []store.StoredAlert{{Alert: b}})
		})
	it(t, open, "watched tenants", func(t *testing.T, s *store.Store) {
		for _, id := range []string{acme, "globex", "gone"} {
			got(s.PutTenant(ctx, store.Tenant{ID: id, Settings: []byte(`{"id":"` + id + `"}`)}))(t)
		}
		begin(t, s, 1)
		later := run.Run{
			ID: runID(2), Tenant: acme, Preview: true, Workflow: "preview-acme", Execution: "p",
			Started: noon.Add(time.Hour),
		}
		got(BeginRun(ctx, s, later))(t)
		got(s.AddEvent(ctx, ended(2, run.Failed)))(t)
		must(t, s.DropTenant(ctx, "gone"))
		watched := all(t, s.Watched(ctx))
		same(t, "tenants", len(watched), 2)
		same(t, "settings", string(watched[0].Settings), `{"id":"acme"}`)
		same(t, "began, previews aside", watched[0].Last, noon)
		same(t, "not yet succeeded", watched[0].Succeeded, time.Time{})
		same(t, "failures", watched[0].State.Failures, 1)
		same(t, "never synced", watched[1].Last, time.Time{})
		same(t, "never succeeded", watched[1].Succeeded, time.Time{})
		end := func(n int, outcome run.Outcome) {
			event := ended(n, outcome)
			event.Result.Finished = event.At
			if _, _, err := s.FinishRun(ctx, runID(n), ledger.Ending{Result: event.Result, Event: &event}); err != nil {
				t.Error(err)
			}
		}
		end(1, run.Unchanged)
		watched = all(t, s.Watched(ctx))
		same(t, "ended", watched[0].Last, noon.Add(time.Minute))
		same(t, "succeeded", watched[0].Succeeded, noon.Add(time.Minute))
		must(t, FinishRun(ctx, s, runID(2), run.Result{Outcome: run.Previewed, Finished: noon.Add(2 * time.Hour)}, nil))
		got(BeginRun(ctx, s, run.Run{
			ID: runID(3), Tenant: acme, Workflow: "w", Execution: "z",
			Started: noon.Add(2 * time.Minute),
		}))(t)
		end(3, run.Failed)
		same(t, "a failure and a preview say nothing of it", all(t, s.Watched(ctx))[0].Succeeded, noon.Add(time.Minute))
	})
	it(t, open, "a restored tenant has the zero condition", func(t *testing.T, s *store.Store) {
		got(s.PutTenant(ctx, store.Tenant{ID: acme}))(t)
		got(s.AddEvent(ctx, ended(1, run.Failed)))(t)
		must(t, s.DropTenant(ctx, acme))
		same(t, "condition", got(s.Condition(ctx, acme))(t), health.Status{})
	})
}
