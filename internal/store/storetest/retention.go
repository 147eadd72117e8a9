package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func retention(t *testing.T, open Opener) {
	ctx := t.Context()
	now := time.Now().UTC().Truncate(time.Second)
	day := 24 * time.Hour
	// kept begins the n-th run, some days ago, with chunks, and ends it when there is an outcome.
	kept := func(t *testing.T, s *store.Store, n, days, chunks int, result *run.Result) uuid.UUID {
		t.Helper()
		r := run.Run{
			ID: runID(n), Tenant: acme, Workflow: "w", Execution: runID(n).String(),
			Started: now.Add(-time.Duration(days) * day),
		}
		got(BeginRun(ctx, s, r))(t)
		got(s.ClaimStage(ctx, r.ID, "issues", 1, false, time.Time{}))(t)
		for i := range chunks {
			must(t, s.PutChunk(ctx, ledger.Chunk{
				Run: r.ID, Stage: "issues", Attempt: 1, Number: i, Data: make([]byte, 1+i%4*5_000),
			}, ledger.Progress{Rows: i}))
		}
		if result != nil {
			must(t, FinishRun(ctx, s, r.ID, *result, nil))
		}
		return r.ID
	}
	// gone requires that no chunk of a run is stored.
	gone := func(t *testing.T, s *store.Store, r uuid.UUID) {
		t.Helper()
		for number := range got(s.Stage(ctx, r, "issues"))(t).Chunks {
			for _, err := range s.Chunks(ctx, r, "issues", number, number+1) {
				if !errors.Is(err, ledger.ErrNotFound) {
					t.Errorf("chunk %d: have %v, want ErrNotFound", number, err)
				}
			}
		}
	}
	held := &run.Result{Outcome: run.Held, Held: &run.HeldPlan{Plan: "p"}}
	ended := func(outcome run.Outcome) *run.Result { return &run.Result{Outcome: outcome} }
	runs := func(t *testing.T, s *store.Store) (with []int) {
		t.Helper()
		seen := map[uuid.UUID]bool{}
		for _, c := range all(t, s.ChunksAfter(ctx, acme, ledger.ChunkKey{})) {
			seen[c.Run] = true
		}
		for n := range 10 {
			if seen[runID(n)] {
				with = append(with, n)
			}
		}
		return with
	}

	it(t, open, "chunks of old runs are dropped, and the runs say when", func(t *testing.T, s *store.Store) {
		kept(t, s, 1, 40, 250, ended(run.Applied))
		kept(t, s, 2, 31, 0, ended(run.Failed))
		kept(t, s, 3, 29, 2, ended(run.Applied))
		same(t, "dropped", got(s.DropChunks(ctx, acme, now.Add(-30*day)))(t), ledger.Dropped{Runs: 2, Chunks: 250})
		same(t, "again", got(s.DropChunks(ctx, acme, now.Add(-30*day)))(t), ledger.Dropped{})
		same(t, "left", runs(t, s), []int{3})
		if at := got(s.DroppedAt(ctx, runID(1)))(t); time.Since(at) > time.Minute {
			t.Errorf("dropped at %v", at)
		}
		same(t, "the young one", got(s.DroppedAt(ctx, runID(3)))(t), time.Time{})
		same(t, "its result", got(s.Run(ctx, acme, runID(1)))(t).Result.Outcome, run.Applied)
	})
	it(t, open, "nothing is written to a run whose chunks were dropped", func(t *testing.T, s *store.Store) {
		r := kept(t, s, 1, 40, 1, nil)
		before := all(t, s.ChunksAfter(ctx, acme, ledger.ChunkKey{}))[0]
		got(s.DropChunks(ctx, acme, now.Add(-30*day)))(t)
		c := ledger.Chunk{Run: r, Stage: "issues", Attempt: 1, Number: 1, Data: []byte("late")}
		if err := s.PutChunk(ctx, c, ledger.Progress{}); !errors.Is(err, ledger.ErrSuperseded) {
			t.Errorf("have %v, want ErrSuperseded", err)
		}
		same(t, "replaced", got(s.ReplaceChunk(ctx, before, []byte("late")))(t), false)
		gone(t, s, r)
	})
	it(t, open, "chunks that are replaced, put or dropped meanwhile are dropped too", func(t *testing.T, s *store.Store) {
		const rounds, chunks = 10, 120
		before := now.Add(-30 * day)
		for n := range rounds {
			r := kept(t, s, n, 40, chunks, nil)
			var beside sync.WaitGroup
			beside.Go(func() { replaceAll(t, s, func() {}) })
			beside.Go(func() {
				for number := range chunks {
					err := s.PutChunk(ctx, ledger.Chunk{
						Run: r, Stage: "issues", Attempt: 1, Number: number, Data: make([]byte, 9_000),
					}, ledger.Progress{})
					if err != nil && !errors.Is(err, ledger.ErrSuperseded) {
						t.Error(err)
					}
				}
			})
			for range 2 {
				beside.Go(func() {
					if _, err := s.DropChunks(ctx, acme, before); err != nil {
						t.Error(err)
					}
				})
			}
			beside.Wait()
			if got(s.DroppedAt(ctx, r))(t).IsZero() {
				t.Error("the run isn't dropped")
			}
			gone(t, s, r)
		}
	})
	it(t, open, "a stage that begins again keeps no chunk that is replaced meanwhile", func(t *testing.T, s *store.Store) {
		r := kept(t, s, 1, 40, 0, nil)
		for attempt := 2; attempt < 12; attempt++ {
			got(s.ClaimStage(ctx, r, "issues", attempt, false, time.Time{}))(t)
			for number := range 10 {
				must(t, s.PutChunk(ctx, ledger.Chunk{
					Run: r, Stage: "issues", Attempt: attempt, Number: number, Data: make([]byte, 90_000),
				}, ledger.Progress{}))
			}
			var beside sync.WaitGroup
			replacing := make(chan struct{})
			beside.Go(func() { replaceAll(t, s, sync.OnceFunc(func() { close(replacing) })) })
			<-replacing
			got(s.ClaimStage(ctx, r, "issues", attempt, false, time.Time{}))(t)
			beside.Wait()
			same(t, "chunks", len(all(t, s.ChunksAfter(ctx, acme, ledger.ChunkKey{}))), 0)
		}
	})
	it(t, open, "an open run keeps its chunks for a limited time", func(t *testing.T, s *store.Store) {
		kept(t, s, 1, 40, 1, nil)
		kept(t, s, 2, 3, 1, nil)
		got(s.DropChunks(ctx, acme, now.Add(-day)))(t)
		same(t, "left", runs(t, s), []int{2})
	})
	it(t, open, "a held plan stays, also while reads fail", func(t *testing.T, s *store.Store) {
		kept(t, s, 1, 6, 1, held)
		kept(t, s, 2, 5, 1, held)
		kept(t, s, 3, 4, 1, &run.Result{Outcome: run.Failed, Held: held.Held})
		got(s.DropChunks(ctx, acme, now.Add(-day)))(t)
		same(t, "left", runs(t, s), []int{2, 3})
		kept(t, s, 4, 3, 1, ended(run.Applied))
		got(s.DropChunks(ctx, acme, now.Add(-day)))(t)
		same(t, "once it is over", runs(t, s), []int(nil))
	})
	it(t, open, "old audit rows lose their values, and keep numbers and names", func(t *testing.T, s *store.Store) {
		const old = 4100
		begin(t, s, 1)
		base := claim(t, s, 1, 0, old+2)
		for number, from := range []int{0, 2000, 4000} {
			got(s.ApplyBatch(ctx, ledger.Batch{
				Tenant: acme, Run: runID(1), Number: number, Base: base + int64(from), At: noon,
				Changes: added(people(from, min(from+2000, old))...),
			}))(t)
		}
		young := ledger.Batch{
			Tenant: acme, Run: runID(1), Number: 3, Base: base + old, At: noon.Add(time.Hour),
			Changes: added(people(old, old+2)...),
		}
		got(s.ApplyBatch(ctx, young))(t)
		same(t, "dropped", got(s.DropValues(ctx, acme, noon.Add(time.Minute)))(t), old)
		same(t, "again", got(s.DropValues(ctx, acme, noon.Add(time.Minute)))(t), 0)
		for _, c := range all(t, s.Changes(ctx, acme, 0, 0)) {
			blank := c.Fields["email"] == [2]any{}
			want := roster.ValueCount + 2 // each of the two custom fields has its name, while it has a value
			if blank {
				want = roster.ValueCount + 1
			}
			same(t, "names", len(c.Fields), want)
			if blank != (c.Seq <= base+old) {
				t.Fatalf("%d: %v", c.Seq, c.Fields["email"])
			}
		}
		same(t, "later", got(s.DropValues(ctx, acme, noon.Add(2*time.Hour)))(t), 2)
		same(t, "members stay", len(all(t, s.Members(ctx, acme))), old+2)
	})
	it(t, open, "an audit row that isn't visible yet loses its values at the end of its retention",
		func(t *testing.T, s *store.Store) {
			apply(t, s, 1, change(plan.Add, nil, new(person(1))))
			same(t, "none is old", got(s.DropValues(ctx, acme, noon))(t), 0)
			same(t, "one is", got(s.DropValues(ctx, acme, noon.Add(1)))(t), 0) // a nanosecond is no time to a database
			same(t, "a moment later", got(s.DropValues(ctx, acme, noon.Add(time.Millisecond)))(t), 1)
		})
	it(t, open, "requests lose person and reason", func(t *testing.T, s *store.Store) {
		must(t, s.PutRequest(ctx, store.Request{
			ID: "a", Tenant: acme, Verb: "resync", By: "jo", Reason: "r",
			At: noon,
		}))
		must(t, s.PutRequest(ctx, store.Request{
			ID: "b", Tenant: acme, Verb: "resync", By: "jo",
			At: noon.Add(time.Hour),
		}))
		must(t, s.PutRequest(ctx, store.Request{ID: "c", Tenant: "globex", Verb: "resync", By: "jo", At: noon}))
		same(t, "dropped", got(s.DropRequests(ctx, acme, noon.Add(time.Minute)))(t), 1)
		same(t, "again", got(s.DropRequests(ctx, acme, noon.Add(time.Minute)))(t), 0)
		same(t, "a", got(s.Request(ctx, "a"))(t), store.Request{ID: "a", Tenant: acme, Verb: "resync", At: noon})
		same(t, "b", got(s.Request(ctx, "b"))(t).By, "jo")
		same(t, "c", got(s.Request(ctx, "c"))(t).By, "jo")
	})
	it(t, open, "an erasure that never began loses its subject, one under way keeps it", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, change(plan.Add, nil, new(person(1))))
		never, begun := uuid.UUID{15: 1}, uuid.UUID{15: 2}
		subject := erasure.Subject{Members: []uuid.UUID{person(1).ID}}
		for _, id := range []uuid.UUID{never, begun} {
			must(t, s.PutErasure(ctx, ledger.Erasure{Tenant: acme, ID: id, Subject: &subject, At: noon}))
		}
		got(s.Erase(ctx, acme, begun, noon.Add(time.Second)))(t)
		got(s.DropRequests(ctx, acme, noon.Add(time.Minute)))(t)
		same(t, "never begun", got(s.Erasure(ctx, acme, never))(t).Subject == nil, true)
		same(t, "under way", got(s.Erasure(ctx, acme, begun))(t).Subject != nil, true)
	})
	it(t, open, "dropped tenants are listed for retention", func(t *testing.T, s *store.Store) {
		for _, id := range []string{"a", "b", "c"} {
			got(s.PutTenant(ctx, store.Tenant{ID: id}))(t)
		}
		must(t, s.DropTenant(ctx, "b"))
		some := got(s.TenantsAfter(ctx, "a", 1))(t)
		same(t, "next", []any{len(some), some[0].ID, some[0].Dropped}, []any{1, "b", true})
		same(t, "end", len(got(s.TenantsAfter(ctx, "c", 5))(t)), 0)
	})
}

// replaceAll replaces all chunks of acme by longer ones, and calls replacing before each.
func replaceAll(t *testing.T, s *store.Store, replacing func()) {
	t.Helper()
	defer replacing()
	for c, err := range s.ChunksAfter(t.Context(), acme, ledger.ChunkKey{}) {
		if replacing(); err == nil {
			_, err = s.ReplaceChunk(t.Context(), c, append(c.Data, 1))
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}
