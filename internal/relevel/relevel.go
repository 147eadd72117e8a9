// Package relevel replays what members themselves have, their own source management levels, through another map of levels
// than the tenant's: whose role would be another, and which levels a role of their own.
package relevel

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// Replay takes members one by one. It is for one goroutine.
type Replay struct {
	now, tried func(level string) (role string, mapped bool)
	levels     map[string]*LevelShift // met so far, those that don't shift too
	roles      map[rolePair]int
	summary    Summary
}

type rolePair struct{ before, after string }

// Summary says what came of a replay.
type Summary struct {
	Members  int `json:"members"`  // replayed: active and inactive ones who have a level
	Departed int `json:"departed"` // passed over: a departed member's role changes when he returns
	Unknown  int `json:"unknown"`  // passed over: no level of theirs is kept
	Changed  int `json:"changed"`  // of Members, whose role would be another

	Roles  []RoleShift  `json:"roles"`  // most members first
	Levels []LevelShift `json:"levels"` // that read otherwise; most members first
	More   int          `json:"more"`   // members whose levels aren't listed: there are too many, so the column has something else in it

	Unmapped []string `json:"-"` // levels that the map tried leaves without a role of their own, sorted
}

// RoleShift is how many members would go from one role to another.
type RoleShift struct {
	Before  string `json:"before"` // as they have it
	After   string `json:"after"`
	Members int    `json:"members"`
}

// LevelShift is one level that the map tried reads otherwise than the tenant's own.
type LevelShift struct {
	Level   string  `json:"level"`
	Members int     `json:"members"`
	Before  Reading `json:"before"` // by the tenant's own map
	After   Reading `json:"after"`
}

// Reading is a role, and whether it is the level's own: else it is the level word for word.
type Reading struct {
	Role   string `json:"role"`
	Mapped bool   `json:"mapped"`
}

// Became says in a word how the level shifts.
func (l LevelShift) Became() string {
	switch {
	case l.After.Mapped && !l.Before.Mapped:
		return "mapped"
	case l.Before.Mapped && !l.After.Mapped:
		return "unmapped"
	default:
		return "mapped otherwise"
	}
}

// most is how many distinct levels and pairs of roles are listed.
const most = 500

// New begins a replay through the map tried, of a tenant whose own map is now.
func New(now, tried roster.Levels) *Replay {
	return &Replay{now: now.Reader(), tried: tried.Reader(), levels: map[string]*LevelShift{}, roles: map[rolePair]int{}}
}

// Member replays one member: the change that a sync under the map tried would make of him, were his row the same. The laws:
// the change sets the role and nothing else; under the map by which a member's role was read there is none.
func (r *Replay) Member(m roster.Member) (change plan.Change, changes bool) {
	level := m.Values[roster.ManagementLevel]
	switch {
	case m.Values[roster.Status] == roster.Departed:
		r.summary.Departed++
		return plan.Change{}, false
	case level == "":
		r.summary.Unknown++
		return plan.Change{}, false
	}
	r.summary.Members++
	after := m
	after.Values[roster.Role] = r.read(level)
	if after.Values == m.Values {
		return plan.Change{}, false
	}
	r.summary.Changed++
	if pair := (rolePair{m.Values[roster.Role], after.Values[roster.Role]}); r.roles[pair] > 0 || len(r.roles) < most {
		r.roles[pair]++
	}
	after.Version++
	return plan.Change{Verb: plan.Update, Member: m.ID, Before: &m, After: &after, Why: plan.RowChanged}, true
}

// read is the level's role by the map tried.
func (r *Replay) read(level string) string {
	if shift := r.levels[level]; shift != nil {
		shift.Members++
		return shift.After.Role
	}
	shift := LevelShift{Level: level, Members: 1}
	shift.After.Role, shift.After.Mapped = r.tried(level)
	if len(r.levels) == most {
		r.summary.More++
		return shift.After.Role
	}
	shift.Before.Role, shift.Before.Mapped = r.now(level)
	r.levels[level] = &shift
	return shift.After.Role
}

// Summary is what came of it so far.
func (r *Replay) Summary() Summary {
	s := r.summary
	s.Roles, s.Levels = []RoleShift{}, []LevelShift{}
	for pair, members := range r.roles {
		s.Roles = append(s.Roles, RoleShift{Before: pair.before, After: pair.after, Members: members})
	}
	slices.SortFunc(s.Roles, func(a, b RoleShift) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
	})
	for _, level := range slices.Sorted(maps.Keys(r.levels)) {
		shift := r.levels[level]
		if shift.Before != shift.After {
			s.Levels = append(s.Levels, *shift)
		}
		if !shift.After.Mapped {
			s.Unmapped = append(s.Unmapped, level)
		}
	}
	slices.SortStableFunc(s.Levels, func(a, b LevelShift) int { return cmp.Compare(b.Members, a.Members) })
	return s
}
