package run

import (
	"fmt"
	"slices"
	"strings"
)

// Plus returns the sum of both counts.
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

// Total returns the number of changes. It doesn't add Drift, whose changes are counted elsewhere too.
func (c ChangeCounts) Total() int {
	return c.Added + c.Updated + c.Deactivated + c.Reactivated + c.Departed + c.Returned + c.Deleted +
		c.GroupsAdded + c.GroupsUpdated + c.GroupsRemoved + c.MembershipsAdded + c.MembershipsRemoved
}

// NamedCount is a count with its name in singular and plural, such as "group added" and "groups added".
type NamedCount struct {
	Count     int
	One, Many string
}

// NamedCounts returns the counts that aren't zero, those of members first. Drift isn't among them.
func (c ChangeCounts) NamedCounts() []NamedCount {
	return slices.DeleteFunc([]NamedCount{
		{c.Added, "added", "added"},
		{c.Updated, "updated", "updated"},
		{c.Deactivated, "deactivated", "deactivated"},
		{c.Reactivated, "reactivated", "reactivated"},
		{c.Departed, "departed", "departed"},
		{c.Returned, "returned", "returned"},
		{c.Deleted, "deleted", "deleted"},
		{c.GroupsAdded, "group added", "groups added"},
		{c.GroupsUpdated, "group updated", "groups updated"},
		{c.GroupsRemoved, "group removed", "groups removed"},
		{c.MembershipsAdded, "membership added", "memberships added"},
		{c.MembershipsRemoved, "membership removed", "memberships removed"},
	}, func(n NamedCount) bool { return n.Count == 0 })
}

// Summary says what changed, as "3 added, 1 departed"; "nothing" if nothing did.
func (c ChangeCounts) Summary() string {
	var parts []string
	for _, n := range c.NamedCounts() {
		parts = append(parts, fmt.Sprintf("%d %s", n.Count, n.Many))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// Read returns the number of rows that were read.
func (c RowCounts) Read() int {
	return c.Accepted + c.Rejected + c.Departed + c.Merged + c.NotStarted + c.OutOfScope
}

// Summary says what became of the rows, as "9 accepted, 1 rejected, 2 with warnings".
func (c RowCounts) Summary() string {
	text := fmt.Sprintf("%d accepted, %d rejected, %d with warnings", c.Accepted, c.Rejected, c.Warnings)
	if c.Departed > 0 {
		text += fmt.Sprintf(", %d departed", c.Departed)
	}
	if c.Merged > 0 {
		text += fmt.Sprintf(", %d merged", c.Merged)
	}
	if c.NotStarted > 0 {
		text += fmt.Sprintf(", %d not started", c.NotStarted)
	}
	if c.OutOfScope > 0 {
		text += fmt.Sprintf(", %d out of scope", c.OutOfScope)
	}
	return text
}
