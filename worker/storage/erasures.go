package storage

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

var (
	_ activities.Erasures  = Storage{}
	_ activities.Retention = Storage{}
)

// KeptOut is of the port Erasures.
func (s Storage) KeptOut(ctx context.Context, tenant string) (*erasure.List, error) {
	return translated(s.store.KeptOut(ctx, tenant))
}

// Learn is of the port Erasures.
func (s Storage) Learn(ctx context.Context, tenant string, marks []erasure.Mark) error {
	return Translate(s.store.LearnMarks(ctx, tenant, marks))
}

// Subject is of the port Erasures.
func (s Storage) Subject(ctx context.Context, tenant string, id uuid.UUID) (*erasure.Subject, error) {
	e, err := s.store.Erasure(ctx, tenant, id)
	return e.Subject, Translate(err)
}

// RoundUnderWay is of the port Erasures.
func (s Storage) RoundUnderWay(ctx context.Context, tenant string) (bool, error) {
	return translated(s.store.RoundUnderWay(ctx, tenant))
}

// KeepOut is of the port Erasures.
func (s Storage) KeepOut(ctx context.Context, tenant string, id uuid.UUID) error {
	e, err := s.store.Erasure(ctx, tenant, id)
	if err != nil || e.Subject == nil {
		return Translate(err)
	}
	return Translate(s.store.KeepOut(ctx, e))
}

// Erase is of the port Erasures.
func (s Storage) Erase(ctx context.Context, tenant string, id uuid.UUID, at time.Time) (ledger.Erased, error) {
	erased, err := s.store.Erase(ctx, store.Erase{Tenant: tenant, ID: id, At: at, Stages: activities.RunStages(), Quotes: activities.ReplayStage})
	return ledger.Erased(erased), Translate(err)
}

// EraseValues is of the port Erasures.
func (s Storage) EraseValues(ctx context.Context, tenant string, who erasure.Subject, after int64, limit int) (int64, error) {
	return translated(s.store.EraseValues(ctx, tenant, who, after, limit))
}

// KeptChunks is of the port Erasures.
func (s Storage) KeptChunks(ctx context.Context, tenant string, after ledger.Place) iter.Seq2[ledger.Chunk, error] {
	return func(yield func(ledger.Chunk, error) bool) {
		for c, err := range translatedSeq(s.store.KeptChunks(ctx, tenant, store.Place(after))) {
			if !yield(ledger.Chunk(c), err) {
				return
			}
		}
	}
}

// ReplaceChunk is of the port Erasures.
func (s Storage) ReplaceChunk(ctx context.Context, was ledger.Chunk, data []byte) (bool, error) {
	return translated(s.store.ReplaceChunk(ctx, store.Chunk(was), data))
}

// FinishErasure is of the port Erasures.
func (s Storage) FinishErasure(ctx context.Context, tenant string, id uuid.UUID, at time.Time) error {
	return Translate(s.store.FinishErasure(ctx, tenant, id, at))
}

// retention is that of tenants whose settings are gone: the default of tenants.yaml.
const retention = 720 * time.Hour

// Retained is of the port Retention.
func (s Storage) Retained(ctx context.Context, after string, limit int) ([]ledger.Retained, error) {
	rows, err := s.store.TenantsAfter(ctx, after, limit)
	if err != nil {
		return nil, Translate(err)
	}
	retained := make([]ledger.Retained, 0, len(rows))
	for _, row := range rows {
		of := ledger.Retained{Tenant: row.ID, Retention: retention}
		if len(row.Settings) > 0 {
			settings, err := tenant.FromSettings(row.Settings)
			if err != nil {
				return nil, fmt.Errorf("retention of %s: %w", row.ID, err)
			}
			if settings.Retention.Duration > 0 {
				of.Retention = settings.Retention.Duration
			}
		}
		retained = append(retained, of)
	}
	return retained, nil
}

// Tidy is of the port Retention.
func (s Storage) Tidy(ctx context.Context, tenant string) error {
	return Translate(s.store.TidyIndex(ctx, tenant))
}

// Drop is of the port Retention.
func (s Storage) Drop(ctx context.Context, tenant string, before time.Time) (dropped ledger.Dropped, err error) {
	chunks, err := s.store.DropChunks(ctx, tenant, before)
	dropped = ledger.Dropped{Runs: chunks.Runs, Chunks: chunks.Chunks}
	if err == nil {
		dropped.Values, err = s.store.DropValues(ctx, tenant, before)
	}
	if err == nil {
		dropped.Requests, err = s.store.DropRequests(ctx, tenant, before)
	}
	return dropped, Translate(err)
}
