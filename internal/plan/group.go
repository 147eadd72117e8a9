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
func TargetGroups(run uuid.UUID, groups []roster.Group, units []roster.Unit, renamed map[string]uuid.UUID) Goal {
	units = unitsByKey(units)
	ids, moved := GroupIDs(groups), movedGroups(groups, units)
	var goal Goal
	for place, unit := range units {
		id, ok := ids[unit.Key]
		if !ok {
			id, ok = moved[unit.Key]
		}
		if !ok {
			id, ok = renamed[unit.Key]
		}
		if !ok {
			id = roster.NewGroupID(run, place, unit.Key)
		}
		goal.Groups = append(goal.Groups, roster.Group{ID: id, Key: unit.Key, Name: unit.Name})
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
func movedGroups(groups []roster.Group, units []roster.Unit) map[string]uuid.UUID {
	ids, keys := GroupIDs(groups), map[string]bool{}
	arrived, left := map[string][]roster.Unit{}, map[string][]roster.Group{}
	for _, unit := range units {
		if keys[unit.Key] = true; ids[unit.Key] == uuid.Nil {
			arrived[unit.Name] = append(arrived[unit.Name], unit)
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
func unitsByKey(units []roster.Unit) []roster.Unit {
	sorted := slices.SortedFunc(slices.Values(units), func(a, b roster.Unit) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(sorted, func(a, b roster.Unit) bool { return a.Key == b.Key })
}
