package workflows

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// undoing reports whether the round undoes a run.
func (in Input) undoing() bool { return in.Undoes != uuid.Nil }

// approved returns the approved plan that this round applies; nil: none.
func (in Input) approved() *run.Approved {
	if in.Hold == nil || !in.Hold.Approved {
		return nil
	}
	return &run.Approved{Plan: in.Hold.Plan, Run: in.Hold.Run, Only: in.Hold.Only}
}

// byHand reports whether a person requested this round. Such a round plans removals again that were rejected or expired
// before. An approval isn't such a request.
func (in Input) byHand() bool {
	return in.Origin == run.Manual && (in.Hold == nil || in.Hold.Request != in.Request)
}

// heldBefore returns the plan that was held when the round began; nil: none, or an undo's.
func (in Input) heldBefore() *run.HeldPlan {
	if in.Hold == nil || in.Hold.Undoes != uuid.Nil {
		return nil
	}
	held := in.Hold.Held()
	return &held
}
