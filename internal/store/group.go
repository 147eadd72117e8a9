package store

import (
	"context"
	"database/sql"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

func groupRows() insertion {
	return insertion{
		table: "groups", columns: []string{"tenant", "id", "key", "name"}, key: []string{"tenant", "id"},
		replace: []string{"key", "name"},
	}
}

// membershipRows merged leave those that are there as they are.
func membershipRows() insertion {
	columns := []string{"tenant", "group_id", "member_id"}
	return insertion{table: "memberships", columns: columns, key: columns}
}

// newMembershipRows are those that aren't there.
func newMembershipRows() insertion {
	in := membershipRows()
	in.key = nil
	return in
}

// Groups are the tenant's groups, by key.
func (s *Store) Groups(ctx context.Context, tenant string) ([]roster.Group, error) {
	all := query{what: "groups", args: []any{tenant}, text: `SELECT id, key, name FROM groups WHERE tenant = $1 ORDER BY key, id`}
	return collect(stream(ctx, s.read, all, func(rows *sql.Rows) (g roster.Group, err error) {
		return g, rows.Scan(&g.ID, &g.Key, &g.Name)
	}))
}

// GroupSizes is how many memberships each group has that has any.
func (s *Store) GroupSizes(ctx context.Context, tenant string) (map[uuid.UUID]int, error) {
	sizes := map[uuid.UUID]int{}
	all := query{what: "group sizes", args: []any{tenant}, text: `SELECT group_id, count(*) FROM memberships
		WHERE tenant = $1 GROUP BY group_id`}
	var size int
	for id, err := range stream(ctx, s.read, all, func(rows *sql.Rows) (id uuid.UUID, err error) {
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

// Memberships are those of the groups, or of all groups if none are given, by group and member.
func (s *Store) Memberships(ctx context.Context, tenant string, groups ...uuid.UUID) iter.Seq2[roster.Membership, error] {
	f := form[roster.Membership]{scanMembership, decodeMembership}
	q := query{what: "memberships", args: []any{tenant}, text: `SELECT group_id, member_id FROM memberships WHERE tenant = $1`}
	if len(groups) > 0 {
		q.text += ` AND `
		return streamAmong(ctx, s, among{query: q, column: "group_id", order: "group_id, member_id", ids: groups}, f)
	}
	q.text += ` ORDER BY group_id, member_id`
	return streamBinary(ctx, s, q, f)
}

// MembershipsOf are those of the members, by member and group.
func (s *Store) MembershipsOf(ctx context.Context, tenant string, members []uuid.UUID) ([]roster.Membership, error) {
	f := form[roster.Membership]{scanMembership, decodeMembership}
	q := query{what: "memberships of members", args: []any{tenant}, text: `SELECT group_id, member_id FROM memberships
		WHERE tenant = $1 AND `}
	return collect(streamAmong(ctx, s, among{query: q, column: "member_id", order: "member_id, group_id", ids: members}, f))
}
