package activities

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
)

// Erasures stores erasures and removes people. Each method may be repeated with the same effect.
type Erasures interface {
	// KeptOut returns the list of people who are kept out of a tenant; nil if there are none.
	KeptOut(ctx context.Context, tenant string) (*erasure.List, error)
	// AddMarks adds marks of erased people. It ignores a mark whose erasure was lifted.
	AddMarks(ctx context.Context, tenant string, marks []erasure.Mark) error
	// Erasure returns an erasure, or ledger.ErrNotFound.
	Erasure(ctx context.Context, tenant string, id uuid.UUID) (ledger.Erasure, error)
	// RunOpen reports whether a sync or a preview of the tenant is open.
	RunOpen(ctx context.Context, tenant string) (bool, error)
	// KeepOut keeps the person out of everything that is read from now on.
	KeepOut(ctx context.Context, e ledger.Erasure) error
	// Erase deletes the person's members, and fences every run that began before.
	Erase(ctx context.Context, tenant string, id uuid.UUID, at time.Time) (ledger.Erased, error)
	// EraseValues clears the person's emails where audit rows name them as a manager. It looks at up to limit audit
	// rows after a number. next is the last row's number, or 0 if there are no more.
	EraseValues(ctx context.Context, tenant string, who erasure.Subject, after int64, limit int) (next int64, err error)
	// ChunksAfter yields the tenant's chunks after a key, in order. The caller may replace chunks in the loop.
	ChunksAfter(ctx context.Context, tenant string, after ledger.ChunkKey) iter.Seq2[ledger.Chunk, error]
	// ReplaceChunk replaces a chunk's data, or deletes the chunk if data is empty. It returns false if the stored data
	// aren't those of was.
	ReplaceChunk(ctx context.Context, was ledger.Chunk, data []byte) (bool, error)
	// FinishErasure deletes the subject of the erasure.
	FinishErasure(ctx context.Context, tenant string, id uuid.UUID, at time.Time) error
}

// Retention deletes old data.
type Retention interface {
	// Drop deletes a tenant's data from before a time, a little at a time. When it returns an error, the result counts
	// what was deleted before it.
	Drop(ctx context.Context, tenant string, before time.Time) (ledger.Dropped, error)
}
