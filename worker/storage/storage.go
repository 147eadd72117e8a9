// Package storage is the store in the activities' words: their ports, their types, and errors that they tell apart.
package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// Storage serves the ports Runs, Stages, Members, Ledger, Decisions and Audit.
type Storage struct{ store *store.Store }

// New serves them from an open store.
func New(s *store.Store) Storage { return Storage{store: s} }

var (
	_ activities.Runs    = Storage{}
	_ activities.Stages  = Storage{}
	_ activities.Members = Storage{}
	_ activities.Ledger  = Storage{}

	_ activities.Decisions = Storage{}
	_ activities.Audit     = Storage{}
)

// Translate turns the store's errors into those that activities tell apart. What is the database's own may pass.
func Translate(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("%w: %w", ledger.ErrNotFound, err)
	case errors.Is(err, store.ErrSuperseded):
		return fmt.Errorf("%w: %w", ledger.ErrSuperseded, err)
	default:
		return fault.StoreUnavailable(err)
	}
}

func translated[T any](value T, err error) (T, error) { return value, Translate(err) }

// translatedSeq translates the error that ends a sequence.
func translatedSeq[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for value, err := range seq {
			if !yield(value, Translate(err)) {
				return
			}
		}
	}
}

// BeginRun is of the port Runs.
func (s Storage) BeginRun(
	ctx context.Context, r run.Run, asked *health.Event, opening func(run.Run, ledger.State) ([]byte, error),
) ([]byte, error) {
	_, kept, err := s.store.OpenRun(ctx, r, asked, func(r run.Run, state store.State) ([]byte, error) {
		return opening(r, ledger.State(state))
	})
	return kept, Translate(err)
}

// Opening is of the port Runs.
func (s Storage) Opening(ctx context.Context, id uuid.UUID) ([]byte, error) {
	return translated(s.store.Opening(ctx, id))
}

// FinishRun is of the port Runs.
func (s Storage) FinishRun(ctx context.Context, id uuid.UUID, end ledger.Ending) (run.Run, []health.Alert, error) {
	kept := store.Ending{Result: end.Result, Same: end.Same, Event: end.Event}
	if end.State != nil {
		state := store.State(*end.State)
		kept.State = &state
	}
	ended, told, err := s.store.EndRun(ctx, id, kept)
	return ended, told, Translate(err)
}

// ConcludeRun is of the port Runs.
func (s Storage) ConcludeRun(ctx context.Context, id uuid.UUID, result run.Result) error {
	return Translate(s.store.ConcludeRun(ctx, id, result))
}

// Run is of the port Runs.
func (s Storage) Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error) {
	return translated(s.store.Run(ctx, tenant, id))
}

// State is of the port Runs.
func (s Storage) State(ctx context.Context, tenant string) (ledger.State, error) {
	state, err := s.store.State(ctx, tenant)
	return ledger.State(state), Translate(err)
}

// ClaimStage is of the port Stages.
func (s Storage) ClaimStage(ctx context.Context, round uuid.UUID, name string, attempt int, resume bool, began time.Time) (ledger.Stage, error) {
	stage, err := s.store.ClaimStage(ctx, round, name, attempt, resume, began)
	return ledger.Stage(stage), Translate(err)
}

// PutChunk is of the port Stages.
func (s Storage) PutChunk(ctx context.Context, chunk ledger.Chunk, progress ledger.Progress) error {
	return Translate(s.store.PutChunk(ctx, store.Chunk(chunk), store.Progress(progress)))
}

// SealStage is of the port Stages.
func (s Storage) SealStage(ctx context.Context, round uuid.UUID, name string, attempt int, summary []byte) error {
	return Translate(s.store.SealStage(ctx, round, name, attempt, summary))
}

// Stage is of the port Stages.
func (s Storage) Stage(ctx context.Context, round uuid.UUID, name string) (ledger.Stage, error) {
	stage, err := s.store.Stage(ctx, round, name)
	return ledger.Stage(stage), Translate(err)
}

// Chunks is of the port Stages.
func (s Storage) Chunks(ctx context.Context, round uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error] {
	return translatedSeq(s.store.Chunks(ctx, round, name, from, to))
}

// Recall is of the port Members.
func (s Storage) Recall(ctx context.Context, tenant string, afresh bool) iter.Seq2[roster.Recalled, error] {
	return translatedSeq(s.store.Recall(ctx, tenant, afresh))
}

// Index is of the port Members.
func (s Storage) Index(ctx context.Context, tenant string, gone time.Time, afresh bool) iter.Seq2[roster.Entry, error] {
	return translatedSeq(s.store.Index(ctx, tenant, gone, afresh))
}

// MembersByID is of the port Members.
func (s Storage) MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error) {
	return translated(s.store.MembersByID(ctx, tenant, ids))
}

// MembersIn is of the port Members.
func (s Storage) MembersIn(ctx context.Context, room *roster.MemberRoom, tenant string, ids []uuid.UUID) ([]roster.Member, error) {
	return translated(s.store.MembersIn(ctx, room, tenant, ids))
}

// Departed is of the port Members.
func (s Storage) Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error] {
	return translatedSeq(s.store.Departed(ctx, tenant, before))
}

// Groups is of the port Members.
func (s Storage) Groups(ctx context.Context, tenant string) ([]roster.Group, error) {
	return translated(s.store.Groups(ctx, tenant))
}

// GroupSizes is of the port Members.
func (s Storage) GroupSizes(ctx context.Context, tenant string) (map[uuid.UUID]int, error) {
	return translated(s.store.GroupSizes(ctx, tenant))
}

// Memberships is of the port Members.
func (s Storage) Memberships(ctx context.Context, tenant string, groups ...uuid.UUID) iter.Seq2[roster.Membership, error] {
	return translatedSeq(s.store.Memberships(ctx, tenant, groups...))
}

// MembershipsOf is of the port Members.
func (s Storage) MembershipsOf(ctx context.Context, tenant string, members []uuid.UUID) ([]roster.Membership, error) {
	return translated(s.store.MembershipsOf(ctx, tenant, members))
}

// Active is of the port Members.
func (s Storage) Active(ctx context.Context, tenant string) (int, error) {
	return translated(s.store.Active(ctx, tenant))
}

// Removed is of the port Members.
func (s Storage) Removed(ctx context.Context, tenant string, since time.Time) (int, error) {
	return translated(s.store.Removed(ctx, tenant, since))
}

// Claim is of the port Ledger.
func (s Storage) Claim(ctx context.Context, claim ledger.Claim) (int64, error) {
	return translated(s.store.Claim(ctx, store.Claim(claim)))
}

// ApplyBatch is of the port Ledger.
func (s Storage) ApplyBatch(ctx context.Context, batch ledger.Batch) (ledger.Applied, error) {
	applied, err := s.store.ApplyBatch(ctx, store.Batch(batch))
	return ledger.Applied{Counts: applied.Counts, Failed: len(applied.Failed)}, Translate(err)
}

// TendIndex is of the port Ledger.
func (s Storage) TendIndex(ctx context.Context, tenant string, round uuid.UUID, afresh bool) error {
	return Translate(s.store.TendIndex(ctx, tenant, round, afresh))
}

// Withheld is of the port Decisions.
func (s Storage) Withheld(ctx context.Context, tenant string) iter.Seq2[ledger.Withheld, error] {
	return func(yield func(ledger.Withheld, error) bool) {
		for w, err := range translatedSeq(s.store.Withheld(ctx, tenant)) {
			if !yield(ledger.Withheld(w), err) {
				return
			}
		}
	}
}

// Withhold is of the port Decisions.
func (s Storage) Withhold(ctx context.Context, tenant string, list []ledger.Withheld) error {
	kept := make([]store.Withheld, len(list))
	for i, w := range list {
		kept[i] = store.Withheld(w)
	}
	return Translate(s.store.Withhold(ctx, tenant, kept))
}

// Lift is of the port Decisions.
func (s Storage) Lift(ctx context.Context, tenant string, list []plan.Withheld) error {
	return Translate(s.store.Lift(ctx, tenant, list))
}
