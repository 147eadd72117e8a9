// Package levelsim simulates another levels map. It maps the current management levels of members through a map on
// trial and says whose role changes. It reads no directory and needs no worker.
package levelsim

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// Simulation takes the members of one tenant one by one. It is for one goroutine.
type Simulation struct {
	own, trial func(level string) (role string, mapped bool)
	levels     map[string]*LevelShift // levels seen so far, also those with the same role
	roles      map[rolePair]int
	summary    Summary
}

type rolePair struct{ before, after string }

// Summary is the result of a simulation.
type Summary struct {
	Members  int `json:"members"`  // simulated: active and inactive members with a level
	Departed int `json:"departed"` // skipped: the role of a departed member changes with the return
	Unknown  int `json:"unknown"`  // skipped: no known level
	Changed  int `json:"changed"`  // of Members: those who get another role

	Roles  []RoleShift  `json:"roles"`  // most members first
	Levels []LevelShift `json:"levels"` // levels that the map on trial maps differently; most members first
	More   int          `json:"more"`   // members with levels beyond the first 500: that many are no levels

	Unmapped []string `json:"-"` // levels without a role in the map on trial, sorted
}

// RoleShift counts the members whose role changes from one to another.
type RoleShift struct {
	Before  string `json:"before"` // the current role
	After   string `json:"after"`
	Members int    `json:"members"`
}

// LevelShift is a level that the map on trial and the tenant's own map treat differently.
type LevelShift struct {
	Level   string  `json:"level"`
	Members int     `json:"members"`
	Before  Reading `json:"before"` // by the tenant's own map
	After   Reading `json:"after"`
}

// Reading is the role of a level. A level that the map doesn't know is its own role.
type Reading struct {
	Role   string `json:"role"`
	Mapped bool   `json:"mapped"`
}

// Effect says in a word how the mapping of the level changes.
func (l LevelShift) Effect() string {
	switch {
	case l.After.Mapped && !l.Before.Mapped:
		return "mapped"
	case l.Before.Mapped && !l.After.Mapped:
		return "unmapped"
	default:
		return "mapped differently"
	}
}

// most bounds the distinct levels and pairs of roles in a Summary.
const most = 500

// New begins a simulation of the map trial for a tenant whose own map is own.
func New(own, trial roster.Levels) *Simulation {
	return &Simulation{
		own: own.Mapper(), trial: trial.Mapper(), levels: map[string]*LevelShift{}, roles: map[rolePair]int{},
	}
}

// Member simulates one member. It returns the change that a sync with the map on trial makes if the member's row is
// the same. Laws: the change sets the role and nothing else; under the map that determined the role there is no
// change.
func (s *Simulation) Member(m roster.Member) (change plan.Change, changes bool) {
	level := m.Values[roster.ManagementLevel]
	switch {
	case m.Values[roster.Status] == roster.Departed:
		s.summary.Departed++
		return plan.Change{}, false
	case level == "":
		s.summary.Unknown++
		return plan.Change{}, false
	}
	s.summary.Members++
	after := m
	after.Values[roster.Role] = s.read(level)
	if after.Values == m.Values {
		return plan.Change{}, false
	}
	s.summary.Changed++
	if pair := (rolePair{m.Values[roster.Role], after.Values[roster.Role]}); s.roles[pair] > 0 || len(s.roles) < most {
		s.roles[pair]++
	}
	after.Version++
	return plan.Change{Verb: plan.Update, Member: m.ID, Before: &m, After: &after, Why: plan.RowChanged}, true
}

// read returns the level's role in the map on trial, and counts it.
func (s *Simulation) read(level string) string {
	if shift := s.levels[level]; shift != nil {
		shift.Members++
		return shift.After.Role
	}
	shift := LevelShift{Level: level, Members: 1}
	shift.After.Role, shift.After.Mapped = s.trial(level)
	if len(s.levels) == most {
		s.summary.More++
		return shift.After.Role
	}
	shift.Before.Role, shift.Before.Mapped = s.own(level)
	s.levels[level] = &shift
	return shift.After.Role
}

// Summary returns the result so far.
func (s *Simulation) Summary() Summary {
	sum := s.summary
	sum.Roles, sum.Levels = []RoleShift{}, []LevelShift{}
	for pair, members := range s.roles {
		sum.Roles = append(sum.Roles, RoleShift{Before: pair.before, After: pair.after, Members: members})
	}
	slices.SortFunc(sum.Roles, func(a, b RoleShift) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
	})
	for _, level := range slices.Sorted(maps.Keys(s.levels)) {
		shift := s.levels[level]
		if shift.Before != shift.After {
			sum.Levels = append(sum.Levels, *shift)
		}
		if !shift.After.Mapped {
			sum.Unmapped = append(sum.Unmapped, level)
		}
	}
	slices.SortStableFunc(sum.Levels, func(a, b LevelShift) int { return cmp.Compare(b.Members, a.Members) })
	return sum
}
