package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func processes(t *testing.T, open Opener) {
	ctx := t.Context()

	it(t, open, "two processes write alternately and see each other's writes", func(t *testing.T, s *store.Store) {
		other := open(t)
		for n := range 10 {
			writer, reader := s, other
			if n%2 == 1 {
				writer, reader = other, s
			}
			apply(t, writer, n+1, added(person(n))...)
			same(t, "members", len(all(t, reader.Members(ctx, acme))), n+1)
		}
	})
	it(t, open, "concurrent writes of two processes wait for each other", func(t *testing.T, s *store.Store) {
		var errs [4]error
		var writers sync.WaitGroup
		for w, handle := range []*store.Store{s, open(t), s, open(t)} {
			writers.Go(func() {
				for n := range 25 {
					if _, err := handle.PutTenant(ctx, store.Tenant{ID: fmt.Sprintf("t%d-%d", w, n)}); err != nil {
						errs[w] = err
						return
					}
					for _, err := range handle.Members(ctx, acme) {
						errs[w] = errors.Join(errs[w], err)
					}
				}
			})
		}
		writers.Wait()
		must(t, errors.Join(errs[:]...))
		same(t, "tenants", len(got(s.Tenants(ctx))(t)), 100)
	})
	it(t, open, "one of two concurrent claims is refused", func(t *testing.T, s *store.Store) {
		handles := []*store.Store{s, open(t)}
		var errs [8]error
		var claims sync.WaitGroup
		for n := range errs {
			claims.Go(func() {
				errs[n] = second(handles[n%2].Claim(ctx, ledger.Claim{
					Tenant: acme, Run: runID(n), Plan: "plan",
					Changes: 1,
				}))
			})
		}
		claims.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, ledger.ErrSuperseded) {
				t.Error(err)
			}
		}
		same(t, "claims", won, 1)
	})
	it(t, open, "two processes that begin a run of one execution begin one", func(t *testing.T, s *store.Store) {
		handles := []*store.Store{s, open(t)}
		var begun [6]run.Run
		var errs [6]error
		var all sync.WaitGroup
		for n := range begun {
			all.Go(func() {
				begun[n], errs[n] = BeginRun(ctx, handles[n%2], run.Run{
					ID: runID(n), Tenant: acme, Workflow: "w",
					Execution: "x", Started: noon,
				})
			})
		}
		all.Wait()
		must(t, errors.Join(errs[:]...))
		for _, r := range begun {
			same(t, "run", r, begun[0])
		}
	})
	it(t, open, "writes survive a restart of the process", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(person(1))...)
		before := pictured(t, s)
		must(t, s.Close())
		same(t, "picture", pictured(t, open(t)), before)
	})
}
