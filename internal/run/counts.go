package run

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
