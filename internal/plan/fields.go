package plan

import "github.com/rollcall/rollcall/internal/roster"

// GroupName is the audit's name for the one field of a group.
const GroupName = "group_name"

// Fields are the fields that c changes, for the audit: name -> [before, after]. Empty values are nil, people_manager
// is a bool. A deletion has the names of what it takes away and no values: they go with the member. Memberships have
// no fields. A new external id of another kind that reads the same is listed too.
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
		if field := roster.Field(i); before.Values[i] != after.Values[i] {
			put(field, field.JSONValue(before.Values[i]), field.JSONValue(after.Values[i]))
		}
	}
	if before.ExternalID != after.ExternalID || before.ExternalKind != after.ExternalKind {
		put(roster.ExternalID, roster.ExternalID.JSONValue(before.ExternalID), roster.ExternalID.JSONValue(after.ExternalID))
	}
}

func groupName(group *roster.Group) any {
	if group == nil || group.Name == "" {
		return nil
	}
	return group.Name
}
