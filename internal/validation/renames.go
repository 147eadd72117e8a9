package validation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// noteNewGroups notes which groups were removed and which are new. A group can only have been renamed if there are
// both.
func (v *validation) noteNewGroups(existing []roster.Group, there []roster.SourceGroup) {
	removed, added := plan.UnmatchedGroups(existing, there)
	if len(removed) == 0 || len(added) == 0 {
		return
	}
	v.removedGroups, v.newGroupMembers = removed, map[string][]uuid.UUID{}
	for _, key := range added {
		v.newGroupMembers[key] = nil
	}
}

// addToNewGroup notes the members of a new group.
func (v *validation) addToNewGroup(key string, members ...uuid.UUID) {
	if of, isNew := v.newGroupMembers[key]; isNew {
		v.newGroupMembers[key] = append(of, members...)
	}
}

// findRenames adds a warning for each group that was probably renamed. Such a group keeps its id.
func (v *validation) findRenames(ctx context.Context) error {
	if v.newGroupMembers == nil {
		return nil
	}
	gone := map[uuid.UUID][]uuid.UUID{}
	for _, group := range v.removedGroups {
		for membership, err := range v.Members.Memberships(ctx, v.Round.Tenant, group.ID) {
			if err != nil {
				return fmt.Errorf("read memberships: %w", err)
			}
			gone[group.ID] = append(gone[group.ID], membership.Member)
		}
	}
	v.renamed = plan.DetectRenames(gone, v.newGroupMembers)
	for _, key := range slices.Sorted(maps.Keys(v.renamed)) {
		if err := v.issues.add(ctx, roster.GroupRenamedIssue(key)); err != nil {
			return err
		}
	}
	return nil
}
