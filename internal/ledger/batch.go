package ledger

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Batch is a part of a claimed plan that is applied in one transaction. It has about 1,000 changes at most.
type Batch struct {
	Tenant  string
	Run     uuid.UUID
	Number  int   // unique in the run
	Base    int64 // the audit number before that of the first change
	At      time.Time
	Changes []plan.Change

	Approved bool // somebody approved the removals, so they don't count as recent ones
	// Counts says what counts as recent besides removals: plan.PartNewcomers or plan.PartUpdates, else nothing.
	Counts plan.Part
}

// Recent counts what was applied without approval, and what the guard therefore adds to what it lets pass.
type Recent struct{ Removals, Additions, Changes int }

// Applied is the result of applying a batch.
type Applied struct {
	Counts run.ChangeCounts `json:"counts"`
	Failed []Failure        `json:"failed,omitempty"` // by Seq; all other changes were applied
}

// Failure is a change that could not be applied.
type Failure struct {
	Seq    int64       `json:"seq"` // the audit number reserved for the change
	Verb   plan.Verb   `json:"verb"`
	Member uuid.UUID   `json:"member"`
	Group  uuid.UUID   `json:"group"`
	Code   FailureCode `json:"code"`
}

// FailureCode says why a change could not be applied.
type FailureCode string

// The failure codes.
const (
	Conflict FailureCode = "moved"    // the member isn't at the version before the change
	Refused  FailureCode = "refused"  // the database refuses the record
	BadText  FailureCode = "bad_text" // a text isn't UTF-8, or holds a NUL
)
