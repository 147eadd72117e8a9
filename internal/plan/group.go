package plan

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// TargetGroups says what groups should be: those of the directory. A group is the same by its key; where reports, which
// know groups by name, gave way to WorkOS or the other way round, by its name, and the new key is learned. A new one gets an
// id that follows from run and keys, so that another attempt at the same run makes the same plan. renamed are the ids of groups
// that are known by their people only, by their new keys: see Renames.
func TargetGroups(run uuid.UUID, groups []roster.Group, listed []roster.SourceGroup, renamed map[string]uuid.UUID) Goal {
	listed = groupsByKey(listed)
	ids, moved := GroupIDs(groups), movedGroups(groups, listed)
	var goal Goal
	for place, source := range listed {
		id, ok := ids[source.Key]
		if !ok {
			id, ok = moved[source.Key]
		}
		if !ok {
			id, ok = renamed[source.Key]
		}
		if !ok {
			id = roster.NewGroupID(run, place, source.Key)
		}
		goal.Groups = append(goal.Groups, roster.Group{ID: id, Key: source.Key, Name: source.Name})
	}
	goal.State = goal.sorted()
	return goal
}

// GroupIDs are the groups' ids by key.
func GroupIDs(groups []roster.Group) map[string]uuid.UUID {
	ids := make(map[string]uuid.UUID, len(groups))
	for _, group := range groups {
		ids[group.Key] = group.ID
	}
	return ids
}

// movedGroups are the ids, by their new keys, of groups that were known by name and are by a key now, or the other way
// round. A name that several groups have says nothing.
func movedGroups(groups []roster.Group, listed []roster.SourceGroup) map[string]uuid.UUID {
	ids, keys := GroupIDs(groups), map[string]bool{}
	arrived, left := map[string][]roster.SourceGroup{}, map[string][]roster.Group{}
	for _, source := range listed {
		if keys[source.Key] = true; ids[source.Key] == uuid.Nil {
			arrived[source.Name] = append(arrived[source.Name], source)
		}
	}
	for _, group := range groups {
		if !keys[group.Key] {
			left[group.Name] = append(left[group.Name], group)
		}
	}
	moved := map[string]uuid.UUID{}
	for name, to := range arrived {
		from := left[name]
		if len(from) == 1 && len(to) == 1 && (from[0].Key == name) != (to[0].Key == name) {
			moved[to[0].Key] = from[0].ID
		}
	}
	return moved
}

// unitsByKey is sorted, with one unit for each key: the one whose name comes first, should there be two.
func groupsByKey(listed []roster.SourceGroup) []roster.SourceGroup {
	sorted := slices.SortedFunc(slices.Values(listed), func(a, b roster.SourceGroup) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(sorted, func(a, b roster.SourceGroup) bool { return a.Key == b.Key })
}
