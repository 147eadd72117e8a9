package activities

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

// ApplyInput is a span of a plan's batches.
type ApplyInput struct {
	Round   run.Round `json:"round"`
	Part    plan.Part `json:"part"`
	From    int       `json:"from"`    // number of the first batch within its part
	To      int       `json:"to"`      // number after the last
	Number  int       `json:"number"`  // of the part's first batch within the run
	Offset  int       `json:"offset"`  // changes of the run before the part's first
	Changes int       `json:"changes"` // of the run, over all its parts
	Batches int       `json:"batches"` // of the run, over all its parts
}

// counts returns the part if the guard counts its changes.
func (in ApplyInput) counts() plan.Part {
	if in.Part == plan.PartUpdates || in.Part == plan.PartNewcomers {
		return in.Part
	}
	return ""
}

// ApplyResult counts what the span's batches did, in this attempt or an earlier one.
type ApplyResult struct {
	Counts run.ChangeCounts `json:"counts"`
	Failed int              `json:"failed"`
}

// batchBuffer is the memory into which batches are decoded, one after the other.
type batchBuffer struct {
	plan.BatchBuffer
	texts wire.Buffer
}

var batchBuffers reuse.Pool[batchBuffer] //nolint:gochecknoglobals // memory only

// Apply applies a span of batches, each in one transaction with its audit and its mark in the ledger. A marked batch is
// only counted. The first Apply of a round claims the tenant.
func (a *Activities) Apply(ctx context.Context, in ApplyInput) (ApplyResult, error) {
	return step(ctx, a, in.Round, nil, func(ctx context.Context, p *progress) (ApplyResult, error) {
		base, err := a.Ledger.Claim(ctx, ledger.Claim{
			Tenant: in.Round.Tenant, Run: in.Round.Run, Plan: in.Round.Run.String(), Generation: in.Round.Generation,
			Changes: in.Changes, Batches: in.Batches,
		})
		if err != nil {
			return ApplyResult{}, fmt.Errorf("claim tenant: %w", err)
		}
		p.Of(in.To - in.From)
		var result ApplyResult
		// Batches are applied one after the other. Spans are applied concurrently, which keeps the cores busy.
		batches := stage.Span{Store: a.Stages, Run: in.Round.Run, Stage: string(in.Part), From: in.From, To: in.To}
		batch := batchBuffers.Take()
		for data, err := range batches.Data(ctx) {
			if err == nil {
				err = batches.Decode(&batch.texts, data, &batch.BatchBuffer)
			}
			if err != nil {
				return ApplyResult{}, err
			}
			applied, err := a.Ledger.ApplyBatch(ctx, ledger.Batch{
				Tenant: in.Round.Tenant, Run: in.Round.Run, Number: in.Number + batch.Number,
				Base: base + int64(in.Offset+batch.First), At: a.now(), Changes: batch.Changes,
				Approved: in.Part == plan.PartReleased || in.Round.Undoes != uuid.Nil, // an undo is approved as a whole
				Counts:   in.counts(),
			})
			if err != nil {
				return ApplyResult{}, fmt.Errorf("apply batch %d: %w", batch.Number, err)
			}
			result.Counts = result.Counts.Plus(applied.Counts)
			result.Failed += len(applied.Failed)
			p.Add(1)
		}
		batchBuffers.Put(batch)
		return result, nil
	})
}
