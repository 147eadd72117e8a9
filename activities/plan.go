package activities

import (
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Part is one part of a plan: how many batches of it wait in the store, and what they will do.
type Part struct {
	Batches  int              `json:"batches"`
	Changes  int              `json:"changes"`
	Counts   run.ChangeCounts `json:"counts"`
	Barriers []int            `json:"barriers,omitempty"` // batches that wait until all before them are applied, but for the first
	ID       string           `json:"id"`
}

// Plan says what a round would change. The changes wait in the store, batch by batch.
type Plan struct {
	Additions Part `json:"additions"`
	Released  Part `json:"released,omitzero"` // removals that wait for nobody: approved, or of memberships within a group's limit
	Removals  Part `json:"removals"`          // of members
	Withheld  Part `json:"withheld"`          // memberships beyond what may be taken from one group at once
	Leaving   int  `json:"leaving"`           // removals of members, which the guard counts

	Approved       int    `json:"approved,omitempty"`   // removals in Released that somebody approved
	LeftOut        int    `json:"left,omitempty"`       // removals that were approved, but that this read doesn't call for
	WithheldBefore int    `json:"kept,omitempty"`       // removals called for that were rejected or expired before
	HeldWhole      string `json:"held_whole,omitempty"` // id of Removals and Withheld together
}

// planOf is the plan of a summary.
func planOf(s plan.Summary) Plan {
	part := func(p plan.PartSummary) Part {
		return Part{Batches: p.Batches, Changes: p.Changes, Counts: p.Counts, Barriers: p.Barriers, ID: p.ID}
	}
	return Plan{
		Additions: part(s.Additions), Released: part(s.Released), Removals: part(s.Removals), Withheld: part(s.Withheld),
		Leaving: s.Planned, Approved: s.Approved, LeftOut: s.Left, WithheldBefore: s.Kept, HeldWhole: s.HeldID(true),
	}
}

// Counts are those of all that would be applied.
func (p Plan) Counts() run.ChangeCounts {
	return p.Additions.Counts.Plus(p.Released.Counts).Plus(p.Removals.Counts)
}

// Held is what is held of the plan: what is withheld, and with removals those of members too; nil for nothing. Its id is the
// same for the same removals.
func (p Plan) Held(removals bool) *run.HeldPlan {
	switch {
	case removals:
		return &run.HeldPlan{Plan: p.HeldWhole, Removals: p.Leaving + p.Removals.Counts.GroupsRemoved + p.Withheld.Changes}
	case p.Withheld.Changes > 0:
		return &run.HeldPlan{Plan: p.Withheld.ID, Removals: p.Withheld.Changes}
	default:
		return nil
	}
}
