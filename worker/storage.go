package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	rounds "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// storage is the store in the activities' words.
type storage struct{ store *store.Store }

var (
	_ activities.Runs    = storage{}
	_ activities.Stages  = storage{}
	_ activities.Members = storage{}
	_ activities.Ledger  = storage{}
)

// translate turns the store's errors into those that activities tell apart. What is the database's own may pass.
func translate(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("%w: %w", activities.ErrNotFound, err)
	case errors.Is(err, store.ErrSuperseded):
		return fmt.Errorf("%w: %w", activities.ErrSuperseded, err)
	default:
		return fault.StoreUnavailable(err)
	}
}

func translated[T any](value T, err error) (T, error) { return value, translate(err) }

// translatedSeq translates the error that ends a sequence.
func translatedSeq[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for value, err := range seq {
			if !yield(value, translate(err)) {
				return
			}
		}
	}
}

func (s storage) BeginRun(ctx context.Context, r rounds.Run) (rounds.Run, error) {
	return translated(s.store.BeginRun(ctx, r))
}

func (s storage) FinishRun(ctx context.Context, id uuid.UUID, result rounds.Result, state *activities.State) error {
	if state == nil {
		return translate(s.store.FinishRun(ctx, id, result, nil))
	}
	return translate(s.store.FinishRun(ctx, id, result, &store.State{
		Generation: state.Generation, Digest: state.Digest, Rules: state.Rules, Bindings: state.Bindings,
		Columns: state.Columns, ComparedAt: state.ComparedAt, Settled: state.Settled,
	}))
}

func (s storage) Run(ctx context.Context, tenant string, id uuid.UUID) (rounds.Run, error) {
	return translated(s.store.Run(ctx, tenant, id))
}

func (s storage) State(ctx context.Context, tenant string) (activities.State, error) {
	state, err := s.store.State(ctx, tenant)
	return activities.State{
		Generation: state.Generation, Digest: state.Digest, Rules: state.Rules, Bindings: state.Bindings,
		Columns: state.Columns, ComparedAt: state.ComparedAt, Settled: state.Settled, ClaimedBy: state.ClaimedBy,
	}, translate(err)
}

func (s storage) DropChunks(ctx context.Context, tenant string, before time.Time) error {
	_, err := s.store.DropChunks(ctx, tenant, before)
	return translate(err)
}

func (s storage) ClaimStage(ctx context.Context, run uuid.UUID, name string, attempt int, resume bool) (activities.Stage, error) {
	stage, err := s.store.ClaimStage(ctx, run, name, attempt, resume)
	return activities.Stage(stage), translate(err)
}

func (s storage) PutChunk(ctx context.Context, chunk activities.Chunk, progress activities.Progress) error {
	return translate(s.store.PutChunk(ctx, store.Chunk(chunk), store.Progress(progress)))
}

func (s storage) SealStage(ctx context.Context, run uuid.UUID, name string, attempt int, summary []byte) error {
	return translate(s.store.SealStage(ctx, run, name, attempt, summary))
}

func (s storage) Stage(ctx context.Context, run uuid.UUID, name string) (activities.Stage, error) {
	stage, err := s.store.Stage(ctx, run, name)
	return activities.Stage(stage), translate(err)
}

func (s storage) Chunks(ctx context.Context, run uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error] {
	return translatedSeq(s.store.Chunks(ctx, run, name, from, to))
}

func (s storage) Index(ctx context.Context, tenant string, gone time.Time) iter.Seq2[roster.Entry, error] {
	return translatedSeq(s.store.Index(ctx, tenant, gone))
}

func (s storage) MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error) {
	return translated(s.store.MembersByID(ctx, tenant, ids))
}

func (s storage) Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error] {
	return translatedSeq(s.store.Departed(ctx, tenant, before))
}

func (s storage) Groups(ctx context.Context, tenant string) ([]roster.Group, error) {
	return translated(s.store.Groups(ctx, tenant))
}

func (s storage) GroupSizes(ctx context.Context, tenant string) (map[uuid.UUID]int, error) {
	return translated(s.store.GroupSizes(ctx, tenant))
}

func (s storage) Memberships(ctx context.Context, tenant string, groups ...uuid.UUID) iter.Seq2[roster.Membership, error] {
	return translatedSeq(s.store.Memberships(ctx, tenant, groups...))
}

func (s storage) MembershipsOf(ctx context.Context, tenant string, members []uuid.UUID) ([]roster.Membership, error) {
	return translated(s.store.MembershipsOf(ctx, tenant, members))
}

func (s storage) Tally(ctx context.Context, tenant string, since time.Time) (activities.Tally, error) {
	tally, err := s.store.Tally(ctx, tenant, since)
	return activities.Tally(tally), translate(err)
}

func (s storage) Claim(ctx context.Context, claim activities.Claim) (int64, error) {
	return translated(s.store.Claim(ctx, store.Claim(claim)))
}

func (s storage) ApplyBatch(ctx context.Context, batch activities.Batch) (activities.Applied, error) {
	applied, err := s.store.ApplyBatch(ctx, store.Batch(batch))
	return activities.Applied{Counts: applied.Counts, Failed: len(applied.Failed)}, translate(err)
}
