package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Claim makes the plan the tenant's current one. From then on no plan made before it can be applied. It reserves the
// audit numbers base+1 to base+Changes for the plan. A second Claim of the same plan returns the same base.
//
// The error is ledger.ErrSuperseded if another run has claimed the tenant since the plan's generation, if someone was
// erased since, or if the run is finished.
func (s *Store) Claim(ctx context.Context, c ledger.Claim) (base int64, err error) {
	err = s.db.Transact(ctx, "claim", func(tx *database.Tx) error {
		// After each wait the claim may exist, made by another attempt. Only the attempt that makes the claim waits for
		// batches.
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

// lockRun serializes the claims of one run. A transaction that finishes the run waits for them.
func lockRun(ctx context.Context, tx *database.Tx, c ledger.Claim) error {
	_, err := tables.LockRun(ctx, tx, c.Run, database.ForUpdate)
	return err
}

// lockTenant serializes the claims of one tenant. It waits for the batches under way. Only batches of a finished run
// can make it wait long.
func lockTenant(ctx context.Context, tx *database.Tx, c ledger.Claim) error {
	return tables.LockState(ctx, tx, c.Tenant)
}

// existingClaim returns the base of a claimed plan, or sql.ErrNoRows if the plan has no claim.
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
	// From here on, no batch of another run's unfinished plan can be applied.
	if _, err := tx.ExecContext(ctx, `UPDATE claims SET closed = true WHERE tenant = $1 AND NOT closed AND run <> $2`,
		c.Tenant, c.Run[:]); err != nil {
		return 0, err
	}
	base = last - int64(c.Changes)
	_, err = tx.ExecContext(ctx, `INSERT INTO claims (tenant, run, plan, generation, base, changes, batches, closed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, false)`, c.Tenant, c.Run[:], c.Plan, c.Generation, base, c.Changes,
		c.Batches)
	return base, err
}
