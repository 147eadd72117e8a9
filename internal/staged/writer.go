package staged

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// WriteStore keeps the stages of runs.
type WriteStore interface {
	ClaimStage(
		ctx context.Context, run uuid.UUID, name string, attempt int, resume bool, began time.Time,
	) (ledger.Stage, error)
	PutChunk(ctx context.Context, c ledger.Chunk, p ledger.Progress) error
	SealStage(ctx context.Context, run uuid.UUID, name string, attempt int, summary []byte) error
}

// Writer writes the stages of one run that no worker plays, in a single attempt.
type Writer struct {
	Store WriteStore
	Run   uuid.UUID
}

// Plan returns a builder that writes each batch of the plan. Seal the plan after its last batch.
func (w Writer) Plan(ctx context.Context) *plan.Builder {
	return plan.NewBuilder(func(batch *plan.Sheet) error { return w.put(ctx, string(batch.Part), batch.Number, batch) })
}

// Issues writes the issues of the run, all at once.
func (w Writer) Issues(ctx context.Context, issues []roster.Issue) error {
	if len(issues) == 0 {
		return nil
	}
	return w.put(ctx, ledger.StageIssues, 0, issues)
}

// SealSimulation writes the result of a level simulation.
func (w Writer) SealSimulation(ctx context.Context, result any) error {
	return w.seal(ctx, ledger.StageReplay, result)
}

// SealPlan seals the plan.
func (w Writer) SealPlan(ctx context.Context, summary plan.Summary) error {
	return w.seal(ctx, ledger.StagePlan, summary)
}

// attempt is the number of the only attempt.
const attempt = 1

// put writes one chunk, and claims the stage for the first.
func (w Writer) put(ctx context.Context, stage string, number int, content any) error {
	if number == 0 {
		if _, err := w.Store.ClaimStage(ctx, w.Run, stage, attempt, false, time.Time{}); err != nil {
			return err
		}
	}
	data, err := wire.Encode(content)
	if err != nil {
		return err
	}
	c := ledger.Chunk{Run: w.Run, Stage: stage, Attempt: attempt, Number: number, Data: data}
	return w.Store.PutChunk(ctx, c, ledger.Progress{})
}

// seal seals a stage without chunks.
func (w Writer) seal(ctx context.Context, stage string, summary any) error {
	if _, err := w.Store.ClaimStage(ctx, w.Run, stage, attempt, false, time.Time{}); err != nil {
		return err
	}
	text, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("encode the summary of %s: %w", stage, err)
	}
	return w.Store.SealStage(ctx, w.Run, stage, attempt, text)
}
