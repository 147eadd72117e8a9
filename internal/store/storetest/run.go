package storetest

import (
	"context"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// BeginRun begins a run that nothing is kept with and nobody asked for.
func BeginRun(ctx context.Context, s *store.Store, r run.Run) (run.Run, error) {
	begun, _, err := s.BeginRun(ctx, r, nil, nil)
	return begun, err
}

// FinishRun ends a run that says nothing of its tenant's condition.
func FinishRun(ctx context.Context, s *store.Store, id uuid.UUID, result run.Result, state *ledger.State) error {
	_, _, err := s.FinishRun(ctx, id, ledger.Ending{Result: result, State: state})
	return err
}
