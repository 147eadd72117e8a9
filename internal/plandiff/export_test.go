package plandiff

// ChangesFew is Changes with at most one unresolved change in memory, so that it reads the earlier plan many times.
func ChangesFew(before, after Plan, tally *Tally) func(func(Difference, error) bool) {
	return compareChanges(before, after, tally, 1)
}
