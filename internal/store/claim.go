package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Claim makes the plan the tenant's current one, from which on none made before it can be applied, and reserves the
// audit numbers base+1 to base+Changes for it. Claimed again, it returns the same base. ErrSuperseded: another run has
// claimed the tenant since the plan's generation, somebody was erased since, or the run is finished.
func (s *Store) Claim(ctx context.Context, c ledger.Claim) (base int64, err error) {
	err = s.db.Transact(ctx, "claim", func(tx *database.Tx) error {
		// Each wait may have been for somebody who made the claim. Nobody waits for batches under way but who makes it.
		for _, wait := range []func(context.Context, *database.Tx, ledger.Claim) error{nil, lockRun, lockTenant} {
			if wait != nil {
				if err := wait(ctx, tx, c); err != nil {
					return err
				}
			}
			if base, err = existingClaim(ctx, tx, c); !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		base, err = claimNew(ctx, tx, c)
		return err
	})
	return base, err
}

// queueInRun makes those who claim a tenant for one run come one after the other, and who finishes the run wait for
// them.
func lockRun(ctx context.Context, tx *database.Tx, c ledger.Claim) error {
	var found any
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM runs WHERE id = $1`+tx.Dialect.Lock(database.ForUpdate), c.Run[:]).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// queueInTenant makes those who claim a tenant come one after the other, and after the batches that are under way. Only
// batches of a finished run can keep them waiting for long.
func lockTenant(ctx context.Context, tx *database.Tx, c ledger.Claim) error {
	if err := tables.EnsureState(ctx, tx, c.Tenant); err != nil {
		return err
	}
	var found any
	return tx.QueryRowContext(ctx, `SELECT 1 FROM states WHERE tenant = $1`+tx.Dialect.Lock(database.ForUpdate), c.Tenant).Scan(&found)
}

// claimed is the base of a plan that has its claim; sql.ErrNoRows when it has none.
func existingClaim(ctx context.Context, tx *database.Tx, c ledger.Claim) (base int64, err error) {
	var closed bool
	err = tx.QueryRowContext(ctx, `SELECT base, closed FROM claims WHERE tenant = $1 AND run = $2 AND plan = $3`,
		c.Tenant, c.Run[:], c.Plan).Scan(&base, &closed)
	if err == nil && closed {
		err = ledger.ErrSuperseded
	}
	return base, err
}

func claimNew(ctx context.Context, tx *database.Tx, c ledger.Claim) (base int64, err error) {
	var last int64
	err = tx.QueryRowContext(ctx, `UPDATE states SET generation = generation + 1, claim_run = $2, complete = false,
		last_seq = last_seq + $4 WHERE tenant = $1 AND `+ownGeneration+`
		AND NOT EXISTS (SELECT 1 FROM runs WHERE id = $2 AND finished_at <> 0) RETURNING last_seq`,
		c.Tenant, c.Run[:], c.Generation, c.Changes).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ledger.ErrSuperseded
	}
	if err != nil {
		return 0, err
	}
	// What another run left unfinished stays so: none of its batches can be applied any more.
	if _, err := tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1 AND NOT closed AND run <> $2`,
		c.Tenant, c.Run[:]); err != nil {
		return 0, err
	}
	base = last - int64(c.Changes)
	_, err = tx.ExecContext(ctx, `INSERT INTO claims (tenant, run, plan, generation, base, changes, batches, closed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, false)`, c.Tenant, c.Run[:], c.Plan, c.Generation, base, c.Changes, c.Batches)
	return base, err
}
