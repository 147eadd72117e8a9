package main

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

// namedAtOnce is how many changes are named together.
const namedAtOnce = 500

// named gives changes the emails and group names that people know them by, as far as we still keep them.
func named(ctx context.Context, kept *store.Store, tenant string, changes iter.Seq2[report.Change, error]) iter.Seq2[report.Change, error] {
	return func(yield func(report.Change, error) bool) {
		n := namer{kept: kept, tenant: tenant}
		var batch []report.Change
		hand := func() bool {
			if err := n.name(ctx, batch); err != nil {
				yield(report.Change{}, err)
				return false
			}
			for _, c := range batch {
				if !yield(c, nil) {
					return false
				}
			}
			batch = batch[:0]
			return true
		}
		for c, err := range changes {
			if err != nil {
				yield(c, err)
				return
			}
			if batch = append(batch, c); len(batch) == namedAtOnce && !hand() {
				return
			}
		}
		hand()
	}
}

// namer knows the groups of a tenant once it has had to.
type namer struct {
	kept   *store.Store
	tenant string
	groups map[uuid.UUID]string
}

func (n *namer) name(ctx context.Context, changes []report.Change) error {
	var ids []uuid.UUID
	for _, c := range changes {
		if c.Member != uuid.Nil && c.Email == "" {
			ids = append(ids, c.Member)
		}
		if c.Group != uuid.Nil && n.groups == nil {
			if err := n.readGroups(ctx); err != nil {
				return err
			}
		}
	}
	members, err := n.kept.MembersByID(ctx, n.tenant, ids)
	if err != nil {
		return fmt.Errorf("members of %s: %w", n.tenant, err)
	}
	emails := make(map[uuid.UUID]string, len(members))
	for _, member := range members {
		emails[member.ID] = member.Values[roster.Email]
	}
	for i := range changes {
		c := &changes[i]
		if c.Email == "" {
			c.Email = emails[c.Member]
		}
		if c.GroupName == "" {
			c.GroupName = n.groups[c.Group]
		}
	}
	return nil
}

func (n *namer) readGroups(ctx context.Context) error {
	groups, err := n.kept.Groups(ctx, n.tenant)
	if err != nil {
		return fmt.Errorf("groups of %s: %w", n.tenant, err)
	}
	n.groups = make(map[uuid.UUID]string, len(groups))
	for _, group := range groups {
		n.groups[group.ID] = group.Name
	}
	return nil
}
