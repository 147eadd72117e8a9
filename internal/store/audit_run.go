package store

import (
	"context"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// RunChangesOf yields the changes that a run has applied to these members and their memberships, by member and in
// order.
func (s *Store) RunChangesOf(
	ctx context.Context, tenant string, run uuid.UUID, members []uuid.UUID,
) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) {
		for ids := range slices.Chunk(database.SortedIDs(members), database.MaxKeys) {
			condition, keys := s.db.Dialect.Within("member", 2, database.IDKeys(ids))
			for c, err := range database.Stream(ctx, s.db.Read, database.Query{
				What: "changes of a run", Args: slices.Concat([]any{tenant, run[:]}, keys),
				Text: `SELECT ` + tables.AuditColumns + ` FROM changes WHERE tenant = $1 AND run = $2
					AND ` + condition + ` ORDER BY member, seq`,
			}, tables.ScanAudit) {
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}
