// Package activities holds the steps of a round. Each step reads what the step before left in the store, does one
// thing, and returns references, counts and digests. Rows, names and addresses stay in the store.
//
//	Begin ─▶ FetchUsers ∥ FetchGroups ─▶ Validate ─▶ Diff ─▶ Guard ─▶ Apply… ─▶ Finish (─▶ Conclude)
//
// An undo is Begin ─▶ Reverse ─▶ Finish. Once somebody has approved it, it is Begin ─▶ Reverse ─▶ Apply… ─▶ Finish.
//
// Every step may run again, after a failure or beside an older attempt of itself. Stages are fenced by attempt, plans
// by generation, and batches by the ledger. The interfaces that the steps need are in ports.go; package worker
// implements them.
package activities

import (
	"context"
	"time"

	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Activities are the steps. Zero durations and numbers mean the defaults.
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
	Erasures    Erasures // nil: nobody is erased
	Retention   Retention

	Now               func() time.Time // nil: time.Now
	HeartbeatInterval time.Duration    // 0: 5 s
	StopAfter         time.Duration    // how long a step may continue after its worker begins to stop; 0: 10 s
	Rows              int              // users in a chunk and members read at once; 0: 4000 and 1000
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

// attempt returns this attempt of a step of a run.
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

// repeat calls f at each interval until ctx ends.
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
