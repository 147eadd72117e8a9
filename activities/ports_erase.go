package activities

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
)

// Erasures keeps who is to be erased, and takes them out. All of it does the same again.
type Erasures interface {
	// KeptOut is who is kept out of a tenant; nil for nobody.
	KeptOut(ctx context.Context, tenant string) (*erasure.List, error)
	// Learn keeps marks that were learned of people who are kept out; not of those for whom that was lifted meanwhile.
	AddMarks(ctx context.Context, tenant string, marks []erasure.Mark) error
	// Erasure answers ErrNotFound when there is no such erasure.
	Erasure(ctx context.Context, tenant string, id uuid.UUID) (ledger.Erasure, error)
	// RoundUnderWay tells whether a sync or preview of the tenant hasn't ended.
	RunOpen(ctx context.Context, tenant string) (bool, error)
	// KeepOut keeps them out from now on, in whatever is read from now on.
	KeepOut(ctx context.Context, e ledger.Erasure) error
	// Erase takes them out of the members, and fences every run that began before.
	Erase(ctx context.Context, tenant string, id uuid.UUID, at time.Time) (ledger.Erased, error)
	// EraseValues clears their emails where they are a manager's, in at most limit audit rows after a number. next is 0 after the
	// last.
	EraseValues(ctx context.Context, tenant string, who erasure.Subject, after int64, limit int) (next int64, err error)
	// KeptChunks are the tenant's chunks after a place, in order; they may be replaced on the way.
	ChunksAfter(ctx context.Context, tenant string, after ledger.ChunkKey) iter.Seq2[ledger.Chunk, error]
	// ReplaceChunk replaces a chunk's data, or drops the chunk when there are none; false: it is no longer as was is.
	ReplaceChunk(ctx context.Context, was ledger.Chunk, data []byte) (bool, error)
	// FinishErasure forgets who it was about.
	FinishErasure(ctx context.Context, tenant string, id uuid.UUID, at time.Time) error
}

// Retention drops what is old.
type Retention interface {
	// Drop drops what the tenant has from before then, a little at a time. What was dropped before an error is counted.
	Drop(ctx context.Context, tenant string, before time.Time) (ledger.Dropped, error)
}
