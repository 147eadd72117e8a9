package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/scrub"
	"github.com/rollcall/rollcall/internal/stage"
)

// EraseInput identifies an erasure by its request's id. The person's data are in the store.
type EraseInput struct {
	Tenant  string    `json:"tenant"`
	Request uuid.UUID `json:"request"`
	Force   bool      `json:"anyhow,omitempty"` // don't wait for a round under way, which then fails
}

// EraseResult counts what was deleted.
type EraseResult struct {
	Busy   bool          `json:"busy,omitempty"` // a round is under way: nothing was done
	Erased ledger.Erased `json:"erased"`
}

// EraseMember keeps a person out of everything that is read from now on. Then it deletes the person's members. In this
// order, each run either keeps the person out or is fenced. It may be repeated.
func (a *Activities) EraseMember(ctx context.Context, in EraseInput) (EraseResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (EraseResult, error) {
		who, err := a.Erasures.Erasure(ctx, in.Tenant, in.Request)
		if err != nil {
			return EraseResult{}, fmt.Errorf("read erasure: %w", err)
		}
		if who.Subject != nil {
			busy := false
			if !in.Force {
				if busy, err = a.Erasures.RunOpen(ctx, in.Tenant); err != nil {
					return EraseResult{}, fmt.Errorf("look for a round under way: %w", err)
				}
			}
			if busy {
				return EraseResult{Busy: true}, nil
			}
			if err := a.Erasures.KeepOut(ctx, who); err != nil {
				return EraseResult{}, fmt.Errorf("keep out: %w", err)
			}
		}
		erased, err := a.Erasures.Erase(ctx, in.Tenant, in.Request, a.now())
		if err != nil {
			return EraseResult{}, fmt.Errorf("erase: %w", err)
		}
		return EraseResult{Erased: erased}, nil
	})
}

// EraseKeptInput continues an erasure.
type EraseKeptInput struct {
	Tenant  string          `json:"tenant"`
	Request uuid.UUID       `json:"request"`
	Values  int64           `json:"values,omitempty"` // the audit number up to which values were erased
	Chunks  ledger.ChunkKey `json:"chunks,omitzero"`  // the last chunk that was rewritten
}

// EraseKeptResult says how far the erasure has come.
type EraseKeptResult struct {
	Done      bool            `json:"done"`
	Values    int64           `json:"values,omitempty"`
	Chunks    ledger.ChunkKey `json:"chunks,omitzero"`
	Rewritten int             `json:"rewritten,omitempty"` // chunks
}

const (
	eraseFor    = time.Minute // how long one activity works
	eraseValues = 20_000      // audit rows looked at by one statement
)

// EraseValues erases a person's emails from the audit rows of other members. It works for about eraseFor, and says
// where to continue.
func (a *Activities) EraseValues(ctx context.Context, in EraseKeptInput) (EraseKeptResult, error) {
	return a.eraseKept(ctx, in, func(ctx context.Context, who erasure.Subject, p *progress) (EraseKeptResult, error) {
		done := EraseKeptResult{Values: in.Values}
		for began := a.now(); a.now().Sub(began) < eraseFor; p.Add(eraseValues) {
			next, err := a.Erasures.EraseValues(ctx, in.Tenant, who, done.Values, eraseValues)
			if err != nil {
				return EraseKeptResult{}, fmt.Errorf("erase values: %w", err)
			}
			if next == 0 {
				done.Done = true
				break
			}
			done.Values = next
		}
		return done, nil
	})
}

// EraseChunks erases a person from the stored chunks of runs, chunk by chunk. It works for about eraseFor, and says
// where to continue.
func (a *Activities) EraseChunks(ctx context.Context, in EraseKeptInput) (EraseKeptResult, error) {
	return a.eraseKept(ctx, in, func(ctx context.Context, who erasure.Subject, p *progress) (EraseKeptResult, error) {
		erased, err := a.erasedPeople(ctx, in.Tenant)
		if err != nil {
			return EraseKeptResult{}, err
		}
		scrubber := scrub.New(runStages{a.Stages, a.Runs}, who, erased)
		done := EraseKeptResult{Done: true, Chunks: in.Chunks}
		began := a.now()
		for c, err := range a.Erasures.ChunksAfter(ctx, in.Tenant, in.Chunks) {
			if err != nil {
				return EraseKeptResult{}, fmt.Errorf("read chunks: %w", err)
			}
			data, differs, err := scrubber.Chunk(ctx, c)
			if err != nil {
				return EraseKeptResult{}, err
			}
			if differs {
				replaced, err := a.Erasures.ReplaceChunk(ctx, c, data)
				if err != nil {
					return EraseKeptResult{}, fmt.Errorf("replace chunk of %s: %w", c.Stage, err)
				}
				if !replaced { // the chunk has changed, so the next activity reads it again
					done.Done = false
					break
				}
				done.Rewritten++
			}
			done.Chunks = ledger.ChunkKey{Run: c.Run, Stage: c.Stage, Number: c.Number}
			if p.Add(1); a.now().Sub(began) >= eraseFor {
				done.Done = false
				break
			}
		}
		return done, nil
	})
}

// eraseKept reads the erasure and calls work. If the erasure is finished, there is nothing to do.
func (a *Activities) eraseKept(
	ctx context.Context, in EraseKeptInput, work func(context.Context, erasure.Subject,
		*progress) (EraseKeptResult, error),
) (EraseKeptResult, error) {
	return step(ctx, a, run.Round{Tenant: in.Tenant}, nil,
		func(ctx context.Context, p *progress) (EraseKeptResult, error) {
			who, err := a.Erasures.Erasure(ctx, in.Tenant, in.Request)
			if err != nil {
				return EraseKeptResult{}, fmt.Errorf("read erasure: %w", err)
			}
			if who.Subject == nil {
				return EraseKeptResult{Done: true}, nil
			}
			return work(ctx, *who.Subject, p)
		})
}

// FinishErasure deletes the subject of the erasure.
func (a *Activities) FinishErasure(ctx context.Context, in EraseInput) error {
	_, err := step(ctx, a, run.Round{Tenant: in.Tenant}, nil, func(ctx context.Context, _ *progress) (struct{}, error) {
		if err := a.Erasures.FinishErasure(ctx, in.Tenant, in.Request, a.now()); err != nil {
			return struct{}{}, fmt.Errorf("finish erasure: %w", err)
		}
		return struct{}{}, nil
	})
	return err
}

// runStages has the stages of runs, and their openings.
type runStages struct {
	stage.Store
	Runs
}

// erasedPeople returns the people who are kept out of a tenant; nil if there are none.
func (a *Activities) erasedPeople(ctx context.Context, tenant string) (*erasure.List, error) {
	if a.Erasures == nil {
		return nil, nil //nolint:nilnil // the nil List keeps nobody out
	}
	list, err := a.Erasures.KeptOut(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("read erased people: %w", err)
	}
	return list, nil
}
