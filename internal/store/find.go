package store

import (
	"context"
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// FindMembers returns the members who have that email or that external id, by id. Both must be normalised. It reads all
// members of the tenant: an index for this rare query would make every sync slower.
func (s *Store) FindMembers(ctx context.Context, tenant, email, external string) ([]roster.Member, error) {
	return database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "members by email or external id", Args: []any{tenant, email, external},
		Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM members WHERE tenant = $1
			AND (email = $2 AND email <> '' OR external_id = $3 AND external_id <> '') ORDER BY id`,
	}, new(tables.MemberScan).Scan))
}

// FindPastMembers returns the sorted ids of members who have, or once had, that email or external id according to the
// audit. It reads the tenant's whole audit. It doesn't find deleted members, because their values are gone.
func (s *Store) FindPastMembers(ctx context.Context, tenant, email, external string) ([]uuid.UUID, error) {
	var found []uuid.UUID
	for field, value := range map[string]string{
		roster.Email.String(): email, roster.ExternalID.String(): external, plan.LinkedID: external,
	} {
		if value == "" {
			continue
		}
		pattern, err := tables.Containing(value)
		if err != nil {
			return nil, err
		}
		// The value may be that of another field, and some databases ignore case here. So the loop compares.
		for c, err := range database.Stream(ctx, s.db.Read, database.Query{
			What: "changes by value", Args: []any{tenant, pattern},
			Text: `SELECT ` + tables.AuditColumns + ` FROM changes WHERE tenant = $1 AND vals LIKE $2 ESCAPE '!'
				ORDER BY seq`,
		}, tables.ScanAudit) {
			if err != nil {
				return nil, err
			}
			if pair := c.Fields[field]; pair[0] == value || pair[1] == value {
				found = append(found, c.Member)
			}
		}
	}
	return database.SortedIDs(found), nil
}

// MemberChanges yields the changes of one member and of its memberships, in order.
func (s *Store) MemberChanges(ctx context.Context, tenant string, member uuid.UUID) iter.Seq2[ledger.AuditRow, error] {
	return database.Stream(ctx, s.db.Read, database.Query{
		What: "changes of a member", Args: []any{tenant, member[:]},
		Text: `SELECT ` + tables.AuditColumns + ` FROM changes WHERE tenant = $1 AND member = $2 ORDER BY seq`,
	}, tables.ScanAudit)
}
