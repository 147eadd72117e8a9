package plan

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// TargetGroups says what groups should be: those of the directory. A group is the same by its key; a new one gets
// an id that follows from run and key, so that another attempt at the same run makes the same plan.
func TargetGroups(run uuid.UUID, groups []roster.Group, units []roster.Unit) Goal {
	ids := GroupIDs(groups)
	var goal Goal
	for _, unit := range unitsByKey(units) {
		id, ok := ids[unit.Key]
		if !ok {
			id = uuid.NewSHA1(run, []byte(unit.Key))
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

// unitsByKey is sorted, with one unit for each key: the one whose name comes first, should there be two.
func unitsByKey(units []roster.Unit) []roster.Unit {
	sorted := slices.SortedFunc(slices.Values(units), func(a, b roster.Unit) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(sorted, func(a, b roster.Unit) bool { return a.Key == b.Key })
}
