// Package run defines the types of a run, which is one round of a sync, a preview or an undo: its origin, its settings,
// its outcome and its counts.
//
// The JSON names are part of Temporal histories and of the output of `starter`. They must not change.
package run

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Origin is what started a run.
type Origin string

// The origins.
const (
	Manual    Origin = "manual"
	Scheduled Origin = "scheduled"
	Undo      Origin = "undo" // not a sync: a person undoes what a run did
)

// Outcome is how a run ended.
type Outcome string

// The outcomes. Only a ScheduledSync ends as Joined or Quarantined.
const (
	Applied     Outcome = "applied"
	Unchanged   Outcome = "unchanged"
	Held        Outcome = "held"
	Rejected    Outcome = "rejected"
	Expired     Outcome = "expired"
	Previewed   Outcome = "preview"
	Failed      Outcome = "failed"
	Joined      Outcome = "joined"
	Quarantined Outcome = "quarantined"
)

// Result is what a sync returns, and what `resync --wait -o json` prints. It holds counts and ids only.
type Result struct {
	Tenant   string         `json:"tenant"`
	Run      string         `json:"run"`
	Outcome  Outcome        `json:"outcome"`
	Snapshot SnapshotCounts `json:"snapshot"`
	Rows     RowCounts      `json:"rows"`
	Changes  ChangeCounts   `json:"changes"`
	Failed   int            `json:"failed"`
	Held     *HeldPlan      `json:"held"`
	Approved *ApprovedPlan  `json:"approved"` // the approved plan that this run applied; null: none
	Undoes   *Undoing       `json:"undoes"`   // the run that this one undoes; null: it is a sync
	Withheld int            `json:"withheld"` // removals not applied because they were rejected or expired before
	Error    *ResultError   `json:"error"`
	Rejected string         `json:"rejected_by,omitempty"` // id of the request that rejected the held plan
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished"`
}

// Decision is what a person decided about a held plan. It has personal data, so it is kept out of results.
type Decision struct {
	Decision string    `json:"decision"` // approve or reject
	By       string    `json:"by"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

// Text describes the decision, as "approved by jo at 2026-11-30 12:00 UTC: confirmed by HR".
func (d Decision) Text() string {
	text := map[string]string{"approve": "approved", "reject": "rejected"}[d.Decision] + " by " + d.By + " at " +
		d.At.UTC().Format("2006-01-02 15:04 UTC")
	if d.Note != "" {
		text += ": " + d.Note
	}
	return text
}

// SnapshotCounts counts what was read.
type SnapshotCounts struct {
	Users       int `json:"users"`
	Groups      int `json:"groups"`
	Memberships int `json:"memberships"`
}

// RowCounts counts the verdicts on rows. A row is accepted, rejected, departed or merged. An accepted row with several warnings
// counts once among the warnings.
type RowCounts struct {
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	Warnings int `json:"warnings"`
	Departed int `json:"departed"` // rows that say that the person has left
	Merged   int `json:"merged"`   // rows that give way to another row of the same person
	// NotStarted are rows of people who aren't members and whose start date has not come.
	NotStarted int `json:"not_started"`
	OutOfScope int `json:"out_of_scope"` // rows that the tenant's scope leaves out
}

// ChangeCounts counts changes by what was done. For a preview it counts what would be done.
type ChangeCounts struct {
	Added              int `json:"added"`
	Updated            int `json:"updated"`
	Deactivated        int `json:"deactivated"`
	Reactivated        int `json:"reactivated"`
	Departed           int `json:"departed"`
	Returned           int `json:"returned"`
	Deleted            int `json:"deleted"`
	GroupsAdded        int `json:"groups_added"`
	GroupsUpdated      int `json:"groups_updated"`
	GroupsRemoved      int `json:"groups_removed"`
	MembershipsAdded   int `json:"memberships_added"`
	MembershipsRemoved int `json:"memberships_removed"`
	Drift              int `json:"drift"` // of all these, how many revert a change made by hand
}

// HeldPlan says which plan is held, and how many changes of each kind it has.
type HeldPlan struct {
	Plan      string `json:"plan"`
	Removals  int    `json:"removals"`
	Additions int    `json:"additions"`
	Changes   int    `json:"changes"` // of an undo, which is held as a whole: all of them
	Undo      bool   `json:"undo,omitempty"`
}

// Total returns the number of held changes.
func (h HeldPlan) Total() int {
	if h.Undo {
		return h.Changes
	}
	return h.Removals + h.Additions + h.Changes
}

// Of returns the number of held changes of one kind. An undo is held as a whole and has none of a kind.
func (h HeldPlan) Of(kind Kind) int {
	switch {
	case h.Undo:
		return 0
	case kind == Removals:
		return h.Removals
	case kind == Additions:
		return h.Additions
	case kind == Updates:
		return h.Changes
	}
	return 0
}

// Without returns the plan without the changes of one kind.
func (h HeldPlan) Without(kind Kind) HeldPlan {
	switch kind {
	case Removals:
		h.Removals = 0
	case Additions:
		h.Additions = 0
	case Updates:
		h.Changes = 0
	}
	return h
}

// Text says what is held, as "12 removals and 130 additions" or "7 changes of an undo".
func (h HeldPlan) Text() string {
	if h.Undo {
		return named(h.Changes, "change") + " of an undo"
	}
	return kindsText(h.Removals, h.Additions, h.Changes)
}

// Undoing says which run an undo takes back, and how many of its changes it leaves alone.
type Undoing struct {
	Run      string `json:"run"`
	Skipped  int    `json:"left"`               // changes that can't be taken back, or have changed since
	Replaced bool   `json:"replaced,omitempty"` // it was dropped in favour of a resync
}

// ApprovedPlan says what became of a held plan that somebody approved.
type ApprovedPlan struct {
	Plan      string `json:"plan"`
	Removals  int    `json:"removals"` // released; of an undo, all changes
	Additions int    `json:"additions,omitempty"`
	Changes   int    `json:"changes,omitempty"`
	LeftOut   int    `json:"left_out"` // not applied: this read doesn't call for them, or they have changed since
}

// Text says what was approved, as "12 removals".
func (a ApprovedPlan) Text() string { return kindsText(a.Removals, a.Additions, a.Changes) }

// kindsText joins the counts that aren't zero. It names removals if all are.
func kindsText(removals, additions, changes int) string {
	var parts []string
	for _, part := range []struct {
		count int
		name  string
	}{{removals, "removal"}, {additions, "addition"}, {changes, "change"}} {
		if part.count > 0 {
			parts = append(parts, named(part.count, part.name))
		}
	}
	switch last := len(parts) - 1; {
	case last < 0:
		return named(0, "removal")
	case last == 0:
		return parts[0]
	default:
		return strings.Join(parts[:last], ", ") + " and " + parts[last]
	}
}

func named(count int, name string) string {
	if count == 1 {
		return "1 " + name
	}
	return fmt.Sprintf("%d %ss", count, name)
}

// ResultError says why a sync failed.
type ResultError struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
}

// Run is one round as the store holds it.
type Run struct {
	ID        uuid.UUID // UUIDv7
	Tenant    string
	Origin    Origin
	Request   string // id of the operator's request; "" for a scheduled one
	Workflow  string // workflow id and execution, for the address in the Web UI
	Execution string
	Preview   bool
	Started   time.Time
	Finished  time.Time // zero while open
	Result    *Result   // nil while open
	SameAs    uuid.UUID // the run whose verdict this one repeats, because nothing had changed; Nil: it has its own
}

// OutcomeText returns the outcome of a run, or "open" for one that hasn't ended.
func (r Run) OutcomeText() string {
	if r.Result == nil {
		return "open"
	}
	return string(r.Result.Outcome)
}

// Simulated reports whether the run is a preview by level simulation. Such a run has no workflow.
func (r Run) Simulated() bool { return r.Preview && r.Workflow == "" }
