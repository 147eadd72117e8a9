// Package guard decides whether a plan has so many removals that a person must approve them, because a broken
// report must never empty a customer's member list. The package is pure: it knows only numbers, and its verdict is
// data.
package guard

import "math"

// Limits are a tenant's limits on removals. The larger one counts. The zero Limits pass no removal.
type Limits struct {
	Removals int     // number of removals
	Percent  float64 // percent of the active members, rounded to a thousandth
}

// DefaultLimits are the limits of a tenant that sets none.
var DefaultLimits = Limits{Removals: 10, Percent: 5}

// Facts are the numbers that Check compares with the limits.
type Facts struct {
	Active  int // active members of the tenant before the plan
	Recent  int // removals applied without approval in the last 24 hours
	Planned int // removals in the plan: departures, deactivations, deletions of people not yet departed
}

// Result says whether a plan's removals are held, and by which limit.
type Result struct {
	Held     bool `json:"held"`
	Limit    int  `json:"limit"`    // the number of removals that pass, recent ones included
	Removals int  `json:"removals"` // planned removals
	Recent   int  `json:"recent"`
}

// Check holds a plan's removals if they and the recent ones exceed the larger of the two limits. A plan without
// removals is never held.
func Check(limits Limits, facts Facts) Result {
	thousandths := int64(math.Round(limits.Percent * 1000))
	share := int64(facts.Active) * thousandths / 100_000
	limit := max(limits.Removals, int(share))
	return Result{
		Held:     facts.Planned > 0 && facts.Planned+facts.Recent > limit,
		Limit:    limit,
		Removals: facts.Planned,
		Recent:   facts.Recent,
	}
}

// groupFloor is the number of memberships from which a group has a limit.
const groupFloor = 10

// GroupOverLimit reports whether a group with size memberships would lose too many: more than half, if it has 10 or
// more.
func GroupOverLimit(size, removals int) bool { return size >= groupFloor && removals > size-removals }
