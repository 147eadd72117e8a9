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

// noteNewGroups notes which groups are gone and which are new. Their members matter only if there are both.
func (v *validation) noteNewGroups(existing []roster.Group, there []roster.SourceGroup) {
	gone, fresh := plan.UnmatchedGroups(existing, there)
	if len(gone) == 0 || len(fresh) == 0 {
		return
	}
	v.gone, v.fresh = gone, map[string][]uuid.UUID{}
	for _, key := range fresh {
		v.fresh[key] = nil
	}
}

// join notes who is in a group that is new.
func (v *validation) join(key string, members ...uuid.UUID) {
	if of, fresh := v.fresh[key]; fresh {
		v.fresh[key] = append(of, members...)
	}
}

// findRenames warns of groups that were probably renamed. They keep their identity.
func (v *validation) findRenames(ctx context.Context) error {
	if v.fresh == nil {
		return nil
	}
	gone := map[uuid.UUID][]uuid.UUID{}
	for _, group := range v.gone {
		for membership, err := range v.Members.Memberships(ctx, v.Round.Tenant, group.ID) {
			if err != nil {
				return fmt.Errorf("read memberships: %w", err)
			}
			gone[group.ID] = append(gone[group.ID], membership.Member)
		}
	}
	v.renamed = plan.DetectRenames(gone, v.fresh)
	for _, key := range slices.Sorted(maps.Keys(v.renamed)) {
		if err := v.issues.add(ctx, roster.GroupRenamedIssue(key)); err != nil {
			return err
		}
	}
	return nil
}
