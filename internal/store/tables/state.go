package tables

import (
	"context"

	"github.com/rollcall/rollcall/internal/store/database"
)

// EnsureState creates the tenant's row in states if there is none. The index of a tenant without members counts as
// stored.
func EnsureState(ctx context.Context, tx *database.Tx, tenant string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO states (tenant, generation, last_seq, digest, rules, bindings,
		compared_at,
		complete, indexed) VALUES ($1, 0, 0, '', '', '', 0, false, NOT EXISTS (SELECT 1 FROM members WHERE tenant = $1))
		ON CONFLICT (tenant) DO NOTHING`, tenant)
	return err
}
