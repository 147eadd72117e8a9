// Package guard says whether the removals of a plan are so many that a person must look at them first. It is pure: it
// knows numbers only, and its verdict is data. Why so: a broken report must never empty a customer's member list.
package guard

import "math"

// Limits are a tenant's. The zero Limits let no removal pass.
type Limits struct {
	Removals int     // so many pass in any case
	Percent  float64 // so many percent of the active members pass, to a thousandth
}

// DefaultLimits are those of a tenant that sets none.
var DefaultLimits = Limits{Removals: 10, Percent: 5}

// Facts are what a plan's removals are measured by.
type Facts struct {
	Active  int // the tenant's active members before the plan
	Recent  int // removals applied without approval in the last 24 hours
	Planned int // removals in the plan: departures, deactivations, deletions of people not yet departed
}

// Verdict is whether a plan's removals are held, and by which limit.
type Verdict struct {
	Held     bool `json:"held"`
	Limit    int  `json:"limit"`    // the most that pass, recent ones included
	Removals int  `json:"removals"` // planned
	Recent   int  `json:"recent"`
}

// Check holds a plan's removals when they and the recent ones are more than the larger of the two limits. Exactly at
// the limit they pass. A plan without removals is never held.
func Check(limits Limits, facts Facts) Verdict {
	thousandths := int64(math.Round(limits.Percent * 1000))
	share := int64(facts.Active) * thousandths / 100_000
	limit := max(limits.Removals, int(share))
	return Verdict{
		Held:     facts.Planned > 0 && facts.Planned+facts.Recent > limit,
		Limit:    limit,
		Removals: facts.Planned,
		Recent:   facts.Recent,
	}
}

// groupFloor is the size from which a group has a limit of its own.
const groupFloor = 10

// Group tells whether a group of that many memberships would lose more than its own limit allows: more than half, of a
// group of 10 or more.
func GroupOverLimit(size, removals int) bool { return size >= groupFloor && removals > size-removals }
