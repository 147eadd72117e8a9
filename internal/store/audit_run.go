package store

import (
	"context"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
)

// RunChangesOf are the changes that a run has applied to these members and their memberships, by member and in order.
func (s *Store) RunChangesOf(ctx context.Context, tenant string, run uuid.UUID, members []uuid.UUID) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) {
		for ids := range slices.Chunk(sortedIDs(members), most) {
			condition, keys := s.dialect.within("member", 2, idKeys(ids))
			for c, err := range stream(ctx, s.read, query{
				what: "changes of a run", args: slices.Concat([]any{tenant, run[:]}, keys),
				text: `SELECT ` + auditColumns + ` FROM changes WHERE tenant = $1 AND run = $2 AND ` + condition + ` ORDER BY member, seq`,
			}, scanAudit) {
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}
