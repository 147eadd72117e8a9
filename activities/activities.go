// Package activities holds the steps of a round: each reads what the step before left in the store, does one thing and
// answers with references, counts and digests. Rows, names and addresses stay in the store.
//
//	Begin ─▶ FetchUsers ∥ FetchGroups ─▶ Validate ─▶ Diff ─▶ Guard ─▶ Apply… ─▶ Finish (─▶ Conclude)
//
// An undo goes Begin ─▶ Reverse ─▶ Finish and, once somebody has approved it, Begin ─▶ Reverse ─▶ Apply… ─▶ Finish.
//
// Every step may run again, after a failure or beside a forgotten attempt of itself: stages are fenced by attempt,
// plans by generation, batches by the ledger. What a step needs of the world it declares in ports.go; worker wires it.
package activities

import (
	"context"
	"time"

	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Activities are the steps. The zero times take the defaults.
type Activities struct {
	Tenants     Tenants
	Directories Directories
	Runs        Runs
	Stages      stage.Store
	Members     Members
	Ledger      Ledger
	Decisions   Decisions
	Audit       planning.Audit
	Conditions  Conditions
	Schedules   Schedules
	Hooks       Hooks
	Erasures    Erasures // nil: nobody is kept out
	Retention   Retention

	Now               func() time.Time // nil: time.Now
	HeartbeatInterval time.Duration    // between two heartbeats; 0: 5 s
	StopAfter         time.Duration    // how long a step may go on once its worker stops; 0: 10 s
	Rows              int              // of a chunk, and changes of a batch; 0: 4000 and 1000
}

const (
	defaultBeat      = 5 * time.Second
	defaultStopAfter = 10 * time.Second
	defaultBatchRows = 1000
	defaultChunkRows = 4000
)

func (a *Activities) now() time.Time {
	if a.Now == nil {
		return time.Now().UTC()
	}
	return a.Now().UTC()
}

func (a *Activities) heartbeatInterval() time.Duration {
	return orDefault(a.HeartbeatInterval, defaultBeat)
}
func (a *Activities) stopAfter() time.Duration { return orDefault(a.StopAfter, defaultStopAfter) }
func (a *Activities) batchRows() int           { return orDefault(a.Rows, defaultBatchRows) }
func (a *Activities) chunkRows() int           { return orDefault(a.Rows, defaultChunkRows) }

// attempt is this attempt of a step of a run.
func (a *Activities) attempt(ctx context.Context, round run.Round) stage.Attempt {
	return stage.Attempt{Store: a.Stages, Run: round.Run, Number: attemptOf(ctx), Began: a.now(), Now: a.now}
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// every calls f until ctx ends.
func repeat(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}
