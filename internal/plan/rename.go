package plan

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// UnmatchedGroups returns the tenant's groups that the directory doesn't list, neither by key nor under a changed
// kind of key, and the sorted keys of the listed groups that match no group of the tenant.
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

// DetectRenames returns the groups that were probably renamed, by their new keys. A missing group counts as renamed
// if an added group has at least 80 % of its people. Each missing and each added group is used at most once: the
// pair with the most shared people wins. gone and added hold the members of each group, in any order, without
// duplicates.
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
		return cmp.Or(
			cmp.Compare(b.shared, a.shared),
			strings.Compare(a.key, b.key),
			bytes.Compare(a.group[:], b.group[:]),
		)
	})
	renamed, used := map[string]uuid.UUID{}, map[uuid.UUID]bool{}
	for _, pair := range pairs {
		if renamed[pair.key] == uuid.Nil && !used[pair.group] {
			renamed[pair.key], used[pair.group] = pair.group, true
		}
	}
	return renamed
}

// likeness is the number of people that a missing and an added group share.
type likeness struct {
	key    string
	group  uuid.UUID
	shared int
}
