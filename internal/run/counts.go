package run

import (
	"fmt"
	"strings"
)

// Plus adds two counts.
func (c ChangeCounts) Plus(d ChangeCounts) ChangeCounts {
	return ChangeCounts{
		Added:              c.Added + d.Added,
		Updated:            c.Updated + d.Updated,
		Deactivated:        c.Deactivated + d.Deactivated,
		Reactivated:        c.Reactivated + d.Reactivated,
		Departed:           c.Departed + d.Departed,
		Returned:           c.Returned + d.Returned,
		Deleted:            c.Deleted + d.Deleted,
		GroupsAdded:        c.GroupsAdded + d.GroupsAdded,
		GroupsUpdated:      c.GroupsUpdated + d.GroupsUpdated,
		GroupsRemoved:      c.GroupsRemoved + d.GroupsRemoved,
		MembershipsAdded:   c.MembershipsAdded + d.MembershipsAdded,
		MembershipsRemoved: c.MembershipsRemoved + d.MembershipsRemoved,
		Drift:              c.Drift + d.Drift,
	}
}

// Total is how many changes were counted; Drift is among them already.
func (c ChangeCounts) Total() int {
	return c.Added + c.Updated + c.Deactivated + c.Reactivated + c.Departed + c.Returned + c.Deleted +
		c.GroupsAdded + c.GroupsUpdated + c.GroupsRemoved + c.MembershipsAdded + c.MembershipsRemoved
}

// Summary says in words what changed, zeros left out; "nothing" when nothing did.
func (c ChangeCounts) Summary() string {
	var parts []string
	for _, part := range []struct {
		count int
		name  string
	}{
		{c.Added, "added"},
		{c.Updated, "updated"},
		{c.Deactivated, "deactivated"},
		{c.Reactivated, "reactivated"},
		{c.Departed, "departed"},
		{c.Returned, "returned"},
		{c.Deleted, "deleted"},
		{c.GroupsAdded, "groups added"},
		{c.GroupsUpdated, "groups updated"},
		{c.GroupsRemoved, "groups removed"},
		{c.MembershipsAdded, "memberships added"},
		{c.MembershipsRemoved, "memberships removed"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.name))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
