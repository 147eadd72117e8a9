package plan

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// TargetGroups returns the groups as they should be: those of the directory. A group keeps its id if its key is the
// same. If the source changes between reports, which know groups by name, and WorkOS, it keeps its id by name and
// gets the new key. renamed holds the ids of groups that DetectRenames found, by their new keys. The id of any
// other group follows from run and key, so that a retry makes the same plan.
func TargetGroups(
	run uuid.UUID,
	groups []roster.Group,
	listed []roster.SourceGroup,
	renamed map[string]uuid.UUID,
) Goal {
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
	goal.Current = goal.sorted()
	return goal
}

// GroupIDs returns the ids of groups by key.
func GroupIDs(groups []roster.Group) map[string]uuid.UUID {
	ids := make(map[string]uuid.UUID, len(groups))
	for _, group := range groups {
		ids[group.Key] = group.ID
	}
	return ids
}

// movedGroups returns the ids, by new key, of groups that were known by name and now have a key, or the other way
// round. A name that several groups share is ignored.
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

// groupsByKey returns the groups sorted by key. Of several with one key, the one with the first name stays.
func groupsByKey(listed []roster.SourceGroup) []roster.SourceGroup {
	sorted := slices.SortedFunc(slices.Values(listed), func(a, b roster.SourceGroup) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(sorted, func(a, b roster.SourceGroup) bool { return a.Key == b.Key })
}
