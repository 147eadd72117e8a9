package store

import (
	"context"
	"database/sql"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

func groupRows() database.Insertion {
	return database.Insertion{
		Table: "groups", Columns: []string{"tenant", "id", "key", "name"}, Key: []string{"tenant", "id"},
		Replace: []string{"key", "name"},
	}
}

// membershipRows is the insertion of memberships that may exist already; those stay unchanged.
func membershipRows() database.Insertion {
	columns := []string{"tenant", "group_id", "member_id"}
	return database.Insertion{Table: "memberships", Columns: columns, Key: columns}
}

// newMembershipRows is the insertion of memberships that don't exist yet.
func newMembershipRows() database.Insertion {
	in := membershipRows()
	in.Key = nil
	return in
}

// Groups returns the tenant's groups, by key.
func (s *Store) Groups(ctx context.Context, tenant string) ([]roster.Group, error) {
	all := database.Query{What: "groups", Args: []any{tenant}, Text: `SELECT id, key, name FROM groups WHERE tenant = $1
		ORDER BY key, id`}
	return database.Collect(database.Stream(ctx, s.db.Read, all, func(rows *sql.Rows) (g roster.Group, err error) {
		return g, rows.Scan(&g.ID, &g.Key, &g.Name)
	}))
}

// GroupSizes returns the number of memberships of each group that has any.
func (s *Store) GroupSizes(ctx context.Context, tenant string) (map[uuid.UUID]int, error) {
	sizes := map[uuid.UUID]int{}
	all := database.Query{What: "group sizes", Args: []any{tenant}, Text: `SELECT group_id, count(*) FROM memberships
		WHERE tenant = $1 GROUP BY group_id`}
	var size int
	for id, err := range database.Stream(ctx, s.db.Read, all, func(rows *sql.Rows) (id uuid.UUID, err error) {
		return id, rows.Scan(&id, &size)
	}) {
		if err != nil {
			return nil, err
		}
		sizes[id] = size
	}
	return sizes, nil
}

func scanMembership(rows *sql.Rows) (m roster.Membership, err error) {
	return m, rows.Scan(&m.Group, &m.Member)
}

func decodeMembership(values [][]byte) (m roster.Membership) {
	copy(m.Group[:], values[0])
	copy(m.Member[:], values[1])
	return m
}

// Memberships yields the memberships of the groups, or of all groups if none are given. It yields them by group and
// member.
func (s *Store) Memberships(
	ctx context.Context, tenant string, groups ...uuid.UUID,
) iter.Seq2[roster.Membership, error] {
	f := database.RowDecoder[roster.Membership]{Scan: scanMembership, Decode: decodeMembership}
	q := database.Query{What: "memberships", Args: []any{tenant}, Text: `SELECT group_id, member_id FROM memberships
		WHERE tenant = $1`}
	if len(groups) > 0 {
		q.Text += ` AND `
		return database.StreamAmong(ctx, s.db, database.Among{
			Query: q, Column: "group_id",
			Order: "group_id, member_id", IDs: groups,
		}, f)
	}
	q.Text += ` ORDER BY group_id, member_id`
	return database.StreamBinary(ctx, s.db, q, f)
}

// MembershipsOf returns the memberships of the members, by member and group.
func (s *Store) MembershipsOf(ctx context.Context, tenant string, members []uuid.UUID) ([]roster.Membership, error) {
	f := database.RowDecoder[roster.Membership]{Scan: scanMembership, Decode: decodeMembership}
	q := database.Query{What: "memberships of members", Args: []any{tenant}, Text: `SELECT group_id, member_id
		FROM memberships
		WHERE tenant = $1 AND `}
	return database.Collect(database.StreamAmong(ctx, s.db, database.Among{
		Query: q, Column: "member_id",
		Order: "member_id, group_id", IDs: members,
	}, f))
}
