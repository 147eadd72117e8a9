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

// LockState creates the tenant's row in states if there is none, and locks it. It waits for the batches under way.
func LockState(ctx context.Context, tx *database.Tx, tenant string) error {
	if err := EnsureState(ctx, tx, tenant); err != nil {
		return err
	}
	var found any
	return tx.QueryRowContext(ctx, `SELECT 1 FROM states WHERE tenant = $1`+tx.Dialect.Lock(database.ForUpdate),
		tenant).Scan(&found)
}

// ForgetRows makes members' rows unknown, so that the next sync reads them again. It lacks its condition.
const ForgetRows = `UPDATE members SET row_hash = NULL, row_columns = 0, row_custom = 0, row_issues = 0, row_content = 0`

// ClosePlans refuses claims of plans made until now, and batches of claimed ones. The tenant's next sync plans
// everything again. The caller has locked the tenant's state.
func ClosePlans(ctx context.Context, tx *database.Tx, tenant string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1
		AND NOT closed`, tenant); err != nil {
		return err
	}
	return InvalidatePlans(ctx, tx, tenant)
}

// InvalidatePlans refuses claims of plans made until now, and makes the tenant's next sync plan everything again. It
// drops the stored index, because the caller changes members without updating it.
func InvalidatePlans(ctx context.Context, tx *database.Tx, tenant string) error {
	_, err := tx.ExecContext(ctx, `UPDATE states SET generation = generation + 1, digest = '', indexed = false
		WHERE tenant = $1`, tenant)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM index_parts WHERE tenant = $1`, tenant)
	return err
}
