package store

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Active counts the tenant's active members.
func (s *Store) Active(ctx context.Context, tenant string) (count int, err error) {
	err = s.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM members WHERE tenant = $1 AND status = $2`, tenant,
		roster.Active).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("active members: %w", err)
	}
	return count, nil
}

// Recent counts what was applied since a time without a person's approval, and the guard counts.
func (s *Store) Recent(ctx context.Context, tenant string, since time.Time) (recent ledger.Recent, err error) {
	err = s.db.Read.QueryRowContext(ctx, `SELECT coalesce(sum(removals), 0), coalesce(sum(joined), 0),
		coalesce(sum(guarded), 0) FROM batches WHERE tenant = $1 AND at >= $2`,
		tenant, database.Micros(since)).Scan(&recent.Removals, &recent.Additions, &recent.Changes)
	if err != nil {
		return recent, fmt.Errorf("recent changes: %w", err)
	}
	return recent, nil
}
