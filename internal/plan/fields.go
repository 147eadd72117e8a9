package plan

import "github.com/rollcall/rollcall/internal/roster"

// LinkedID is what the audit calls an external id that a person decided about. It isn't a member's field: the member's own
// external id changes in the sync that uses the row, or not at all.
const LinkedID = "linked_id"

// GroupName is the name of a group's only field in the audit.
const GroupName = "group_name"

// Fields returns the fields that c changes, as the audit stores them: name -> [before, after]. An empty value is
// nil, and people_manager is a bool. Each custom field has its own name, as in custom.cost_center; only a deletion names
// them together, as custom. For a deletion the values are nil, because they are deleted with the member.
// Memberships have no fields. A new kind of external id counts as a change of the external id.
func (c Change) Fields() map[string][2]any {
	fields := map[string][2]any{}
	switch c.Verb {
	case AddGroup, UpdateGroup, RemoveGroup:
		if before, after := groupName(c.BeforeGroup), groupName(c.AfterGroup); before != after {
			fields[GroupName] = [2]any{before, after}
		}
	case AddMembership, RemoveMembership:
	default:
		c.profileFields(fields)
	}
	return fields
}

func (c Change) profileFields(fields map[string][2]any) {
	var before, after roster.Member
	if c.Before != nil {
		before = *c.Before
	}
	if c.After != nil {
		after = *c.After
	}
	put := func(field roster.Field, b, a any) {
		if c.Verb == Delete {
			b, a = nil, nil
		}
		fields[field.String()] = [2]any{b, a}
	}
	for i := range before.Values {
		field := roster.Field(i) //nolint:gosec // a small constant
		if field == roster.Custom && c.Verb != Delete {
			for _, d := range roster.CustomDifferences(before.Values[i], after.Values[i]) {
				fields[roster.CustomPrefix+d.Name] = [2]any{field.JSONValue(d.Before), field.JSONValue(d.After)}
			}
			continue
		}
		if before.Values[i] != after.Values[i] {
			put(field, field.JSONValue(before.Values[i]), field.JSONValue(after.Values[i]))
		}
	}
	if before.ExternalID != after.ExternalID || before.ExternalKind != after.ExternalKind {
		put(
			roster.ExternalID,
			roster.ExternalID.JSONValue(before.ExternalID),
			roster.ExternalID.JSONValue(after.ExternalID),
		)
	}
}

func groupName(group *roster.Group) any {
	if group == nil || group.Name == "" {
		return nil
	}
	return group.Name
}
