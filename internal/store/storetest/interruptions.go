package storetest

import (
	"context"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// countdown is a context that is cancelled when it has been asked often enough, which is at the same place of a call
// each time: between two statements, or as one begins.
type countdown struct {
	context.Context //nolint:containedctx // it is one
	mu              sync.Mutex
	left            int
	done            chan struct{}
}

func newCountdown(ctx context.Context, left int) *countdown {
	return &countdown{Context: ctx, left: left, done: make(chan struct{})}
}

func (c *countdown) ask() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == 0 {
		close(c.done)
	}
}

// Done counts, and so does Err.
func (c *countdown) Done() <-chan struct{} {
	c.ask()
	return c.done
}

// Err is context.Canceled once the count is down.
func (c *countdown) Err() error {
	c.ask()
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

// script is a sync as the store sees it: calls in order, each of which may be cut short, and made again.
func script() (calls []func(context.Context, *store.Store) error) {
	call := func(do func(context.Context, *store.Store) error) { calls = append(calls, do) }
	before, changes, _ := everyVerb()
	for n, phase := range [][]plan.Change{before, changes} {
		r := runID(n + 1)
		call(func(ctx context.Context, s *store.Store) error {
			return second(BeginRun(ctx, s, run.Run{
				ID: r, Tenant: acme, Workflow: "w", Execution: r.String(),
				Started: noon,
			}))
		})
		for number := range 3 {
			call(func(ctx context.Context, s *store.Store) error {
				if err := second(s.ClaimStage(ctx, r, "users", 1, true, time.Time{})); err != nil {
					return err
				}
				c := ledger.Chunk{Run: r, Stage: "users", Attempt: 1, Number: number, Data: []byte{byte(number)}}
				return s.PutChunk(ctx, c, ledger.Progress{Cursor: strconv.Itoa(number), Rows: number})
			})
		}
		call(func(ctx context.Context, s *store.Store) error { return s.SealStage(ctx, r, "users", 1, []byte("sum")) })
		for number, b := range cut(phase, int64(n*len(before)), n+1) {
			call(func(ctx context.Context, s *store.Store) error {
				if err := second(s.Claim(ctx, ledger.Claim{
					Tenant: acme, Run: r, Generation: int64(n),
					Changes: len(phase),
				})); err != nil {
					return err
				}
				b.Number = number
				return second(s.ApplyBatch(ctx, b))
			})
		}
		call(func(ctx context.Context, s *store.Store) error {
			state := ledger.State{Generation: int64(n), Digest: r.String(), Complete: true}
			return FinishRun(ctx, s, r, run.Result{Tenant: acme, Outcome: run.Applied, Finished: noon}, &state)
		})
	}
	return calls
}

// remains is all that a script leaves, times of the store's own clock aside.
type remains struct {
	Picture picture
	State   ledger.State
	Runs    []run.Run
	Chunks  []string
}

func left(t *testing.T, s *store.Store) remains {
	t.Helper()
	r := remains{
		Picture: pictured(t, s), State: got(s.State(t.Context(), acme))(t), Runs: got(s.Runs(t.Context(), acme, 0))(t),
	}
	for _, begun := range r.Runs {
		st, err := s.Stage(t.Context(), begun.ID, "users")
		if err == nil {
			r.Chunks = append(r.Chunks, chunkTexts(t, s, begun.ID, 0, st.Chunks)...)
		}
	}
	return r
}

func interruptions(t *testing.T, open Opener) {
	it(t, open, "worker killed at any moment, at any step", func(t *testing.T, s *store.Store) {
		// What is there after each call of an uninterrupted run, in a database of its own.
		var after []remains
		t.Run("uninterrupted", func(t *testing.T) {
			s := open(t)
			after = append(after, left(t, s))
			for _, call := range script() {
				must(t, call(t.Context(), s))
				after = append(after, left(t, s))
			}
		})
		cuts := 0
		for step, call := range script() {
			for asked := 1; ; asked += 1 + asked/25 { // where a call asks often, every few times
				err := call(newCountdown(t.Context(), asked), s)
				have := left(t, s)
				if reflect.DeepEqual(have, after[step+1]) && err == nil {
					break
				}
				if err == nil {
					t.Fatalf("call %d succeeded, but left\n%+v\nwant\n%+v", step, have, after[step+1])
				}
				// A call that makes two transactions may leave the first one's, which shows in nothing but the state.
				have.State = after[step].State
				if !reflect.DeepEqual(have, after[step]) && !reflect.DeepEqual(left(t, s), after[step+1]) {
					t.Fatalf("call %d, cut short when asked %d times, left\n%+v\nwant\n%+v", step, asked, have,
						after[step])
				}
				if cuts++; cuts%5 == 0 { // and now and then the process dies, too
					must(t, s.Close())
					s = open(t)
				}
			}
		}
		if cuts < 5*len(after) {
			t.Errorf("only %d interruptions", cuts)
		}
		same(t, "in the end", left(t, s), after[len(after)-1])
	})
	it(t, open, "a repeated sync changes nothing", func(t *testing.T, s *store.Store) {
		for _, call := range script() {
			must(t, call(t.Context(), s))
		}
		want := left(t, s)
		for _, call := range script() {
			_ = call(t.Context(), s) // what the second run superseded is refused
		}
		same(t, "in the end", left(t, s), want)
	})
}
