package store

import (
	"context"
	"database/sql"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Changes yields the changes applied to a tenant whose number is above after, in order. It yields at most limit of
// them; 0 means all. It stops below the lowest batch that is still to be applied. So a caller that continues from the
// last number misses none.
func (s *Store) Changes(ctx context.Context, tenant string, after int64, limit int) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) {
		last, err := s.finalSeq(ctx, tenant)
		if err != nil {
			yield(ledger.AuditRow{}, err)
			return
		}
		for c, err := range s.audit(ctx, block{tenant: tenant, after: after, last: last, limit: limit}) {
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// RunChanges yields the changes that a run has applied so far, in order.
func (s *Store) RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) {
		claims := database.Query{What: "claims of run", Args: []any{tenant, run[:]}, Text: `SELECT base, base + changes
			FROM claims
			WHERE tenant = $1 AND run = $2 ORDER BY base`}
		blocks, err := database.Collect(database.Stream(ctx, s.db.Read, claims, func(rows *sql.Rows) (block, error) {
			b := block{tenant: tenant}
			return b, rows.Scan(&b.after, &b.last)
		}))
		if err != nil {
			yield(ledger.AuditRow{}, err)
			return
		}
		for _, b := range blocks {
			for c, err := range s.audit(ctx, b) {
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}

// block is a range of a tenant's audit numbers: above after, up to and including last.
type block struct {
	tenant      string
	after, last int64
	limit       int
}

func (s *Store) audit(ctx context.Context, b block) iter.Seq2[ledger.AuditRow, error] {
	return database.Stream(ctx, s.db.Read, database.Query{
		What: "changes", Args: []any{b.tenant, b.after, b.last, database.Limit(b.limit)},
		Text: `SELECT ` + tables.AuditColumns + ` FROM changes WHERE tenant = $1 AND seq > $2 AND seq <= $3 ORDER BY seq
			LIMIT $4`,
	}, tables.ScanAudit)
}

// finalSeq returns the highest audit number up to which no change will be added. One statement reads it all, so that it
// is consistent. Within each open claim it follows the batches up to the first gap.
func (s *Store) finalSeq(ctx context.Context, tenant string) (int64, error) {
	type part struct {
		last          int64         // reserved in all
		from, to      sql.NullInt64 // an open claim
		base, changes sql.NullInt64 // a batch of it, applied
	}
	open := database.Query{What: "open claims", Args: []any{tenant}, Text: `SELECT s.last_seq, c.base, c.base +
		c.changes, b.base, b.changes
		FROM states s
		LEFT JOIN claims c ON c.tenant = s.tenant AND NOT c.closed
		LEFT JOIN batches b ON b.tenant = c.tenant AND b.run = c.run AND b.base >= c.base
			AND b.base < c.base + c.changes
		WHERE s.tenant = $1 ORDER BY c.base, b.base`}
	var last, reached, end int64
	for p, err := range database.Stream(ctx, s.db.Read, open, func(rows *sql.Rows) (p part, err error) {
		return p, rows.Scan(&p.last, &p.from, &p.to, &p.base, &p.changes)
	}) {
		if err != nil {
			return 0, err
		}
		last = p.last
		if p.from.Valid && p.from.Int64 >= end { // the next claim
			if reached < end {
				return reached, nil
			}
			reached, end = p.from.Int64, p.to.Int64
		}
		if p.base.Valid && p.base.Int64 <= reached {
			reached = max(reached, p.base.Int64+p.changes.Int64)
		}
	}
	if reached < end {
		return reached, nil
	}
	return last, nil
}
