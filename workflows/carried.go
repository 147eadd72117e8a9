package workflows

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// undoing reports whether a run is to be taken back.
func (in Input) undoing() bool { return in.Undoes != uuid.Nil }

// approved is the plan that this round is to apply; nil: none.
func (in Input) approved() *run.Approved {
	if in.Hold == nil || !in.Hold.Approved {
		return nil
	}
	return &run.Approved{Plan: in.Hold.Plan, Run: in.Hold.Run}
}

// byHand reports whether a person asked for this round. It then plans again what was rejected or expired before.
// An approval asks for no more than what was approved.
func (in Input) byHand() bool {
	return in.Origin == run.Manual && (in.Hold == nil || in.Hold.Request != in.Request)
}

// heldBefore is the plan that was held when the round began; nil: none. What an undo leaves is planned by another undo.
func (in Input) heldBefore() *run.HeldPlan {
	if in.Hold == nil || in.Hold.Undoes != uuid.Nil {
		return nil
	}
	return &run.HeldPlan{Plan: in.Hold.Plan, Removals: in.Hold.Removals}
}
