package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

// namedAtOnce is how many changes are named together.
const namedAtOnce = 500

// named gives changes the emails and group names that people know them by, as far as we still keep them.
func named(ctx context.Context, kept *store.Store, tenant string, changes iter.Seq2[report.Change, error]) iter.Seq2[report.Change, error] {
	return func(yield func(report.Change, error) bool) {
		n := newNamer(kept, tenant)
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
			n.note(c)
			if batch = append(batch, c); len(batch) == namedAtOnce && !hand() {
				return
			}
		}
		hand()
	}
}

// namer knows the groups of a tenant once it has had to, and whom and what a plan adds: nobody has these yet.
type namer struct {
	kept   *store.Store
	tenant string
	groups map[uuid.UUID]string

	people map[uuid.UUID]string // added: emails
	added  map[uuid.UUID]string // groups
}

func newNamer(kept *store.Store, tenant string) *namer {
	return &namer{kept: kept, tenant: tenant, people: map[uuid.UUID]string{}, added: map[uuid.UUID]string{}}
}

// notedPeople is how many people that a plan adds are known by name at most, in a few megabytes.
const notedPeople = 100_000

// note remembers the name of what a change adds.
func (n *namer) note(c report.Change) {
	switch {
	case c.Op == plan.Add.Op() && len(n.people) < notedPeople:
		n.people[c.Member] = strings.Clone(c.Email)
	case c.Op == plan.AddGroup.Op():
		n.added[c.Group] = strings.Clone(c.GroupName)
	}
}

func (n *namer) name(ctx context.Context, changes []report.Change) error {
	var ids []uuid.UUID
	for _, c := range changes {
		if c.Member != uuid.Nil && c.Email == "" && n.people[c.Member] == "" {
			ids = append(ids, c.Member)
		}
		if c.Group != uuid.Nil && c.GroupName == "" && n.added[c.Group] == "" && n.groups == nil {
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
			c.Email = cmp.Or(n.people[c.Member], emails[c.Member])
		}
		if c.GroupName == "" {
			c.GroupName = cmp.Or(n.added[c.Group], n.groups[c.Group])
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
