package control

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// CustomStore removes values of custom fields.
type CustomStore interface {
	// DropCustom removes the values of all custom fields but those to keep. The audit names id as the run.
	DropCustom(
		ctx context.Context, tenant string, keep roster.CustomFields, id uuid.UUID, at time.Time,
	) (ledger.CustomDropped, error)
	// RunOpen reports whether a sync or a preview of the tenant is open.
	RunOpen(ctx context.Context, tenant string) (bool, error)
}

// DropCustom removes the values of all custom fields but those to keep. It waits up to ten minutes for an open sync, which
// could apply nothing after it. The error is that of the store.
func DropCustom(
	ctx context.Context, s CustomStore, tenant string, keep roster.CustomFields,
) (ledger.CustomDropped, error) {
	if err := waitForSync(ctx, s, tenant); err != nil {
		return ledger.CustomDropped{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return ledger.CustomDropped{}, fmt.Errorf("make an id: %w", err)
	}
	return s.DropCustom(ctx, tenant, keep, id, time.Now()) //nolint:wrapcheck // the store names the operation
}
