package contrast

// PlansFew is Plans, with so few changed changes waiting at once that the earlier plan is read many times.
func PlansFew(before, after Plan, tally *Tally) func(func(Difference, error) bool) {
	return plans(before, after, tally, 1)
}
