package plan

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Strangers are the groups that no unit continues, by key or by a move, and the keys of units that continue no group.
func UnmatchedGroups(groups []roster.Group, listed []roster.SourceGroup) (gone []roster.Group, added []string) {
	goal := TargetGroups(uuid.Nil, groups, listed, nil)
	staying := map[uuid.UUID]bool{}
	known := map[uuid.UUID]bool{}
	for _, group := range groups {
		known[group.ID] = true
	}
	for _, group := range goal.Groups {
		staying[group.ID] = true
		if !known[group.ID] {
			added = append(added, group.Key)
		}
	}
	for _, group := range groups {
		if !staying[group.ID] {
			gone = append(gone, group)
		}
	}
	slices.Sort(added)
	return gone, added
}

// Renames tells which of the groups that are gone were probably renamed, by the key that each has now: those of whose
// people a new group has 80 %. A group has one new name at most, and a new group was one group at most: the one that
// shares the most people with it. gone and fresh are who is in each; in any order, nobody twice.
func DetectRenames(gone map[uuid.UUID][]uuid.UUID, added map[string][]uuid.UUID) map[string]uuid.UUID {
	var pairs []likeness
	for key, people := range added {
		in := map[uuid.UUID]bool{}
		fill(in, slices.Values(people))
		for group, before := range gone {
			shared := 0
			for _, member := range before {
				if in[member] {
					shared++
				}
			}
			if shared > 0 && 5*shared >= 4*len(before) {
				pairs = append(pairs, likeness{key, group, shared})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b likeness) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), strings.Compare(a.key, b.key), bytes.Compare(a.group[:], b.group[:]))
	})
	renamed, used := map[string]uuid.UUID{}, map[uuid.UUID]bool{}
	for _, pair := range pairs {
		if renamed[pair.key] == uuid.Nil && !used[pair.group] {
			renamed[pair.key], used[pair.group] = pair.group, true
		}
	}
	return renamed
}

// likeness is how many people of a group that is gone a new one has.
type likeness struct {
	key    string
	group  uuid.UUID
	shared int
}
