// Package story explains what happened to one person, run by run: whether a run had a row of theirs, which member the
// row matched and by which key, what was decided by which rule, and what changed.
//
// It answers the question behind most support tickets: "why did this member change, or why not?" Nothing is recorded
// for it. The answer is worked out from what runs leave behind, in three layers:
//
//   - The audit has every change that was applied. It stays, also when rows and plans are gone; of deleted members it
//     keeps no values.
//   - The stages of each run have its rows, issues and plan. They stay for the tenant's retention. A run keeps no row
//     that it knew before: a member who is neither in the roster nor absent was there, with the same row.
//   - The tenant's settings name people who are protected, or who must be in every snapshot.
//
// Values are masked unless they are asked for, since a story is read aloud in calls and pasted into tickets.
//
// Of collects a Story; WriteText writes it for people. As JSON, a Story is what `starter why -o json` prints.
package story

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Story is what happened to one person.
type Story struct {
	Tenant   string     `json:"tenant"`
	Person   string     `json:"person"` // as asked for
	Revealed bool       `json:"revealed"`
	Members  []Member   `json:"members"`  // several, if several had that email or id
	Mentions []Mention  `json:"mentions"` // entries of tenants.yaml that name the person
	Before   []Decision `json:"before"`   // changes of runs before those in Runs
	Runs     []Run      `json:"runs"`     // oldest first
}

// Member is one member who is meant.
type Member struct {
	ID           uuid.UUID         `json:"id"`
	Status       string            `json:"status"` // or deleted: only the audit is left, without values
	ExternalKind *string           `json:"external_kind"`
	Fields       map[string]string `json:"fields"` // those with a value
	CreatedAt    *time.Time        `json:"created_at"`
	UpdatedAt    *time.Time        `json:"updated_at"`
	DepartedAt   *time.Time        `json:"departed_at"`
}

// deleted is the status of a member who is in the audit alone.
const deleted = "deleted"

// Mention is an entry of the tenant's settings that names the person.
type Mention struct {
	Entry  string  `json:"entry"`  // such as protected[2] or sentinels[0]
	Until  *string `json:"until"`  // the last day of a protection
	Reason *string `json:"reason"` // of a protection; null unless revealed
}

// Run is what one run did about the person.
type Run struct {
	Run       uuid.UUID  `json:"run"`
	Started   time.Time  `json:"started"`
	Origin    run.Origin `json:"origin"`
	Preview   bool       `json:"preview"`
	By        *string    `json:"by"`
	Reason    *string    `json:"reason"`
	Outcome   string     `json:"outcome"`
	Error     *string    `json:"error"`  // its kind
	Undoes    *string    `json:"undoes"` // the run that this one takes back
	State     Presence   `json:"state"`
	Dropped   *time.Time `json:"dropped"` // when the retention dropped rows, plan and the values of changes
	Rows      []Row      `json:"rows"`
	Decisions []Decision `json:"decisions"`
}

// quiet tells whether the run only saw the person: nothing was decided, refused or doubted, and nobody new or absent.
func (r Run) quiet() bool {
	return len(r.Decisions) == 0 && r.State != Absent && !slices.ContainsFunc(r.Rows, func(row Row) bool {
		return row.Match == nil || row.Match.By == byNone || len(row.Issues) > 0
	})
}

// Row is one row of the person's.
type Row struct {
	Row     int        `json:"row"`
	Verdict string     `json:"verdict"` // accepted, rejected
	Member  *uuid.UUID `json:"member"`
	Match   *Match     `json:"match"` // of an accepted row
	Cells   []Cell     `json:"cells"` // empty: the row was the same as before, so the run didn't keep it
	Issues  []Issue    `json:"issues"`
}

// The verdicts on a row.
const (
	accepted = "accepted"
	rejected = "rejected"
)

// Match says how a row found its member.
type Match struct {
	By  string  `json:"by"`  // external_id, email; new: it matched no member
	Key *string `json:"key"` // the value
}

// The keys of a match.
const (
	byExternalID = "external_id"
	byEmail      = "email"
	byNone    = "new"
)

// Cell is one value of a row, as the directory sent it.
type Cell struct {
	Column string   `json:"column"`
	Fields []string `json:"fields"` // that are read from the column
	Value  string   `json:"value"`
}

// Issue is what was refused or doubted in a row.
type Issue struct {
	Severity roster.Severity `json:"severity"`
	Code     roster.Code     `json:"code"`
	Field    *string         `json:"field"`
	Detail   string          `json:"detail"`
	Hint     string          `json:"hint"`
}

// Decision is a change, applied or not.
type Decision struct {
	// State is applied, planned, withheld, not_applied or left_alone, or what became of the plan: held, rejected, expired.
	State  string            `json:"state"`
	Seq    *int64            `json:"seq"` // in the tenant's audit; null: not applied
	At     *time.Time        `json:"at"`
	Member uuid.UUID         `json:"member"`
	Op     string            `json:"op"`
	Why    string            `json:"why"`
	Rule   string            `json:"rule"` // Why in words
	Group  *string           `json:"group"`
	Fields map[string][2]any `json:"fields"` // before and after
}

// The states of a decision that aren't outcomes of a run.
const (
	applied    = "applied"
	planned    = "planned"
	withheld   = "withheld"
	notApplied = "not_applied"
	leftAlone  = "left_alone"
)
