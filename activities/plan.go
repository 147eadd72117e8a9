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
	Released  Part `json:"released,omitzero"` // removals that need no decision
	Removals  Part `json:"removals"`          // of members
	Withheld  Part `json:"withheld"`          // removals of memberships beyond the group's limit
	Leaving   int  `json:"leaving"`           // removals of members, which the guard counts

	Approved       int    `json:"approved,omitempty"`   // removals in Released that somebody approved
	LeftOut        int    `json:"left,omitempty"`       // approved removals that this read doesn't call for
	WithheldBefore int    `json:"kept,omitempty"`       // removals left out: rejected or expired before
	HeldWhole      string `json:"held_whole,omitempty"` // the plan id of Removals and Withheld together
}

// planOf returns the plan that a summary describes.
func planOf(s plan.Summary) Plan {
	part := func(p plan.PartSummary) Part {
		return Part{Batches: p.Batches, Changes: p.Changes, Counts: p.Counts, Barriers: p.Barriers, ID: p.ID}
	}
	return Plan{
		Additions: part(s.Additions), Released: part(s.Released), Removals: part(s.Removals),
		Withheld: part(s.Withheld),
		Leaving:  s.Planned, Approved: s.Approved, LeftOut: s.Left, WithheldBefore: s.Kept, HeldWhole: s.HeldID(true),
	}
}

// Counts returns the counts of all changes that would be applied.
func (p Plan) Counts() run.ChangeCounts {
	return p.Additions.Counts.Plus(p.Released.Counts).Plus(p.Removals.Counts)
}

// Held returns the held part of the plan: Withheld and, with removals, all removals of members too. It returns nil if
// there is none. The same removals have the same plan id.
func (p Plan) Held(removals bool) *run.HeldPlan {
	switch {
	case removals:
		return &run.HeldPlan{Plan: p.HeldWhole, Removals: p.Leaving + p.Removals.Counts.GroupsRemoved +
			p.Withheld.Changes}
	case p.Withheld.Changes > 0:
		return &run.HeldPlan{Plan: p.Withheld.ID, Removals: p.Withheld.Changes}
	default:
		return nil
	}
}
