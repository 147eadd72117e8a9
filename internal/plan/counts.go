package plan

import "github.com/rollcall/rollcall/internal/run"

// Count adds c to counts, as if it were applied.
func (c Change) Count(counts *run.ChangeCounts) {
	if of := countOf(counts, c.Verb); of != nil {
		*of++
		if c.Drift {
			counts.Drift++
		}
	}
}

// countOf returns the count of changes with verb, or nil if they aren't counted.
func countOf(counts *run.ChangeCounts, verb Verb) *int {
	switch verb {
	case Add:
		return &counts.Added
	case Update:
		return &counts.Updated
	case Deactivate:
		return &counts.Deactivated
	case Reactivate:
		return &counts.Reactivated
	case Depart:
		return &counts.Departed
	case Return:
		return &counts.Returned
	case Delete:
		return &counts.Deleted
	case AddGroup:
		return &counts.GroupsAdded
	case UpdateGroup:
		return &counts.GroupsUpdated
	case RemoveGroup:
		return &counts.GroupsRemoved
	case AddMembership:
		return &counts.MembershipsAdded
	case RemoveMembership:
		return &counts.MembershipsRemoved
	default:
		return nil
	}
}
