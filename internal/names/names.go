// Package names looks up the emails of members and the names of groups, for output that people read.
package names

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// GroupStore has the groups of tenants.
type GroupStore interface {
	// Groups returns all groups of a tenant.
	Groups(ctx context.Context, tenant string) ([]roster.Group, error)
}

// Groups returns the names of all groups of a tenant, by id. The error is that of the store.
func Groups(ctx context.Context, s GroupStore, tenant string) (map[uuid.UUID]string, error) {
	groups, err := s.Groups(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("groups of %s: %w", tenant, err)
	}
	names := make(map[uuid.UUID]string, len(groups))
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	return names, nil
}

// MemberStore has the members of tenants.
type MemberStore interface {
	// MembersByID returns the members with these ids. Deleted members are missing.
	MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error)
}

// Emails returns the emails of a tenant's members, by id. Deleted members are missing. The error is that of the store.
func Emails(ctx context.Context, s MemberStore, tenant string, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	members, err := s.MembersByID(ctx, tenant, ids)
	if err != nil {
		return nil, fmt.Errorf("members of %s: %w", tenant, err)
	}
	emails := make(map[uuid.UUID]string, len(members))
	for _, m := range members {
		emails[m.ID] = m.Values[roster.Email]
	}
	return emails, nil
}
