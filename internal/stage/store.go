package stage

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
)

// Store stores stages. Each write returns ledger.ErrSuperseded to an attempt older than the one that claimed the
// stage.
type Store interface {
	ReadStore
	// ClaimStage claims a stage for an attempt, which began at the given time. With resume it keeps earlier chunks and
	// the cursor, else it drops them. It doesn't change a sealed stage.
	ClaimStage(
		ctx context.Context, run uuid.UUID, name string, attempt int, resume bool, began time.Time,
	) (ledger.Stage, error)
	// PutChunk writes a chunk and the progress so far. It doesn't keep the chunk's Data.
	PutChunk(ctx context.Context, chunk ledger.Chunk, progress ledger.Progress) error
	// SealStage completes a stage.
	SealStage(ctx context.Context, run uuid.UUID, name string, attempt int, summary []byte) error
}

// ReadStore reads the stages of runs.
type ReadStore interface {
	// Stage returns one stage, or ledger.ErrNotFound if no attempt has claimed it.
	Stage(ctx context.Context, run uuid.UUID, name string) (ledger.Stage, error)
	// Chunks yields a stage's chunks from number from up to, but not including, to; to < 0 means all. Each chunk is
	// valid until the next one. A missing stage or chunk ends the iteration with ledger.ErrNotFound.
	Chunks(ctx context.Context, run uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error]
}
