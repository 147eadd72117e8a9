// Package guard decides whether a plan has so many removals, additions or changes that a person must approve them,
// because a broken report must never empty, double or scramble a customer's member list. The package is pure: it knows
// only numbers, and its verdict is data.
package guard

import "math"

// Limits are a tenant's limits on removals, additions and changes. The zero Limits pass no removal.
type Limits struct {
	Removals int     // number of removals
	Percent  float64 // percent of the active members, rounded to a thousandth

	Additions *Limit `json:",omitempty"` // nil: there is none
	Changes   *Limit `json:",omitempty"` // nil: there is none
	HoldFirst bool   `json:",omitempty"` // the additions of a first load are held
}

// Limit is the larger of a number and a share of the active members.
type Limit struct {
	Count   int
	Percent float64 // rounded to a thousandth
}

// DefaultLimits are the limits of a tenant that sets none.
var DefaultLimits = Limits{
	Removals: 10, Percent: 5, Additions: &Limit{Count: 100, Percent: 50}, Changes: &Limit{Count: 50, Percent: 25},
}

// Facts are the numbers that Check compares with the limits. Recent ones were applied without approval in the last 24
// hours.
type Facts struct {
	Active  int // active members of the tenant before the plan
	Recent  int // recent removals
	Planned int // removals in the plan: departures, deactivations, deletions of people not yet departed

	First           bool // the tenant has had no applied sync
	RecentAdditions int
	Additions       int // people whom the plan adds, or who return by it
	RecentChanges   int
	Changes         int // members who would have another email, name, external id or role, or lose a value
}

// Result says whether one part of a plan is held, and by which limit.
type Result struct {
	Held    bool `json:"held"`
	Limit   int  `json:"limit"` // the number that passes, recent ones included
	Planned int  `json:"planned"`
	Recent  int  `json:"recent"`
}

// Verdict says which parts of a plan are held.
type Verdict struct {
	Removals  Result
	Additions Result
	Changes   Result
}

// Check compares a plan with the limits. A part is held if its changes and the recent ones exceed the larger number of
// its limit. A part without changes is never held. The additions of a first load pass, unless the tenant holds them.
func Check(limits Limits, facts Facts) Verdict {
	removals := Limit{Count: limits.Removals, Percent: limits.Percent}
	v := Verdict{Removals: removals.check(facts.Active, facts.Planned, facts.Recent)}
	switch {
	case facts.First:
		v.Additions = Result{Held: limits.HoldFirst && facts.Additions > 0, Planned: facts.Additions}
	case limits.Additions != nil:
		v.Additions = limits.Additions.check(facts.Active, facts.Additions, facts.RecentAdditions)
	}
	if limits.Changes != nil {
		v.Changes = limits.Changes.check(facts.Active, facts.Changes, facts.RecentChanges)
	}
	return v
}

// Exceeded reports whether so many changes are beyond the limit. Without a limit, none are.
func (l *Limit) Exceeded(active, changes int) bool { return l != nil && changes > l.of(active) }

func (l Limit) of(active int) int {
	thousandths := int64(math.Round(l.Percent * 1000))
	return max(l.Count, int(int64(active)*thousandths/100_000))
}

func (l Limit) check(active, planned, recent int) Result {
	limit := l.of(active)
	return Result{Held: planned > 0 && planned+recent > limit, Limit: limit, Planned: planned, Recent: recent}
}

// groupFloor is the number of memberships from which a group has a limit.
const groupFloor = 10

// GroupOverLimit reports whether a group with size memberships would lose too many: more than half, if it has 10 or
// more.
func GroupOverLimit(size, removals int) bool { return size >= groupFloor && removals > size-removals }

// MembershipsOverLimit reports whether a tenant would lose too many of its memberships in one sync: more than 20 %, if
// these are more than 10, or all of 10 or more.
func MembershipsOverLimit(size, removals int) bool {
	return removals > max(groupFloor, size/5) || size >= groupFloor && removals >= size
}
