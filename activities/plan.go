package activities

import (
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Part is one part of a plan: the number of its batches in the store, and what they do.
type Part struct {
	Batches  int              `json:"batches"`
	Changes  int              `json:"changes"`
	Counts   run.ChangeCounts `json:"counts"`
	Barriers []int            `json:"barriers,omitempty"` // batches that wait for all before them
	ID       string           `json:"id"`
}

// Plan describes the changes of a round. The changes themselves are in the store, in batches.
type Plan struct {
	Additions Part `json:"additions"`
	Newcomers Part `json:"newcomers,omitzero"` // people who are added or return, for the guard
	Updates   Part `json:"updates,omitzero"`   // changes for the guard
	Released  Part `json:"released,omitzero"`  // removals that need no decision
	Removals  Part `json:"removals"`           // of members
	Withheld  Part `json:"withheld"`           // removals of memberships beyond the group's limit
	Leaving   int  `json:"leaving"`            // removals of members, which the guard counts
	Joining   int  `json:"joining,omitempty"`
	Changing  int  `json:"changing,omitempty"` // changes in Updates that the guard counts

	Approved       int           `json:"approved,omitempty"`       // removals that somebody approved
	Others         plan.Approved `json:"approved_others,omitzero"` // additions and changes that somebody approved
	LeftOut        int           `json:"left,omitempty"`           // approved removals that this read doesn't call for
	WithheldBefore int           `json:"kept,omitempty"`           // removals left out: rejected or expired before
	HeldWhole      string        `json:"held_whole,omitempty"`     // the plan id of Removals and Withheld together
	HeldIDs        []string      `json:"held_ids,omitempty"`       // the plan ids by what is held: see heldID
}

// heldID returns the plan id of what is held: the withheld memberships, and the parts of these kinds.
func (p Plan) heldID(of plan.Kinds) string {
	if n := number(of); n < len(p.HeldIDs) {
		return p.HeldIDs[n]
	}
	return p.HeldWhole // the plan is not split, and removals are held
}

// number numbers kinds from 0 to 7.
func number(of plan.Kinds) (n int) {
	for i, held := range []bool{of.Removals, of.Additions, of.Changes} {
		if held {
			n |= 1 << i
		}
	}
	return n
}

// planOf returns the plan that a summary describes.
func planOf(s plan.Summary) Plan {
	part := func(p plan.PartSummary) Part {
		return Part{Batches: p.Batches, Changes: p.Changes, Counts: p.Counts, Barriers: p.Barriers, ID: p.ID}
	}
	var ids []string
	for n := range 8 {
		ids = append(ids, s.HeldID(plan.Kinds{Removals: n&1 != 0, Additions: n&2 != 0, Changes: n&4 != 0}))
	}
	return Plan{
		Additions: part(s.Additions), Newcomers: part(s.Newcomers), Updates: part(s.Updates), Released: part(s.Released), Removals: part(s.Removals),
		Withheld: part(s.Withheld),
		Leaving:  s.Planned, Joining: s.Joining, Changing: s.Changing,
		Approved: s.Approved, Others: s.Others, LeftOut: s.Left, WithheldBefore: s.Kept,
		HeldWhole: s.HeldID(plan.Kinds{Removals: true}), HeldIDs: ids,
	}
}

// Counts returns the counts of all changes that would be applied.
func (p Plan) Counts() run.ChangeCounts {
	return p.Additions.Counts.Plus(p.Newcomers.Counts).Plus(p.Updates.Counts).Plus(p.Released.Counts).
		Plus(p.Removals.Counts)
}

// Held returns what is held of the plan: the withheld memberships, and the parts of these kinds. It returns nil if there
// is nothing. The same changes have the same plan id.
func (p Plan) Held(of plan.Kinds) *run.HeldPlan {
	held := &run.HeldPlan{Plan: p.heldID(of), Removals: p.Withheld.Changes}
	if of.Removals {
		held.Removals += p.Leaving + p.Removals.Counts.GroupsRemoved
	}
	if of.Additions {
		held.Additions = p.Joining
	}
	if of.Changes {
		held.Changes = p.Changing
	}
	if held.Removals+held.Additions+held.Changes == 0 {
		return nil
	}
	return held
}
