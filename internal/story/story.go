// Package story explains what each run did about one person: whether the directory had a row, which member the row
// matched and by which key, which rule decided, and what changed.
//
// It answers the question behind most support tickets: "why did this member change, or why not?" Nothing is recorded
// for this purpose. The answer comes from three sources that exist anyway:
//
//   - The audit has every applied change. It outlives rows and plans, but has no values of deleted members.
//   - The stages of each run have its rows, issues and plan, for the tenant's retention. A run does not store known
//     rows. So a member who is neither in the roster nor absent had the same row as before.
//   - The tenant's settings name people who are protected, and people who must be in every snapshot.
//
// Values are masked by default, since people read stories aloud in calls and paste them into tickets.
//
// Collect returns a Story, and WriteText writes it for people. The JSON of a Story is the output of
// `starter why -o json`.
package story

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Story says what happened to one person.
type Story struct {
	Tenant   string     `json:"tenant"`
	Person   string     `json:"person"` // as in the Question
	Revealed bool       `json:"revealed"`
	Members  []Member   `json:"members"`  // more than one if the email or id was reused
	Mentions []Mention  `json:"mentions"` // entries of tenants.yaml that name the person
	Before   []Decision `json:"before"`   // changes that none of Runs made: of older runs, and decided by a person
	Runs     []Run      `json:"runs"`     // oldest first
}

// Member is one member who matches the question.
type Member struct {
	ID           uuid.UUID         `json:"id"`
	Status       string            `json:"status"` // "deleted" if only the audit has the member
	ExternalKind *string           `json:"external_kind"`
	Fields       map[string]string `json:"fields"` // only those with a value
	CreatedAt    *time.Time        `json:"created_at"`
	UpdatedAt    *time.Time        `json:"updated_at"`
	DepartedAt   *time.Time        `json:"departed_at"`
}

// deleted is the status of a member who exists only in the audit.
const deleted = "deleted"

// Mention is an entry of the tenant's settings that names the person.
type Mention struct {
	Entry  string  `json:"entry"`  // such as protected[2] or sentinels[0]
	Until  *string `json:"until"`  // the last day of a protection
	Reason *string `json:"reason"` // of a protection; null unless revealed
}

// Run says what one run did about the person.
type Run struct {
	Run     uuid.UUID  `json:"run"`
	Started time.Time  `json:"started"`
	Origin  run.Origin `json:"origin"`
	Preview bool       `json:"preview"`
	By      *string    `json:"by"`
	Reason  *string    `json:"reason"`
	Outcome string     `json:"outcome"`

	Decided *run.Decision `json:"decided"` // about the plan that the run held or applied; null: none

	Error     *string    `json:"error"`  // the kind
	Undoes    *string    `json:"undoes"` // the run that this run undoes
	State     Presence   `json:"state"`
	Dropped   *time.Time `json:"dropped"` // when the retention dropped rows, plan and the values of changes
	Rows      []Row      `json:"rows"`
	Decisions []Decision `json:"decisions"`
}

// quiet reports whether nothing happened to the person: no decision and no issue, and the person is neither new nor
// absent.
func (r Run) quiet() bool {
	return len(r.Decisions) == 0 && r.State != Absent && !slices.ContainsFunc(r.Rows, func(row Row) bool {
		return row.Match == nil || row.Match.By == byNone || len(row.Issues) > 0
	})
}

// Row is one of the person's rows.
type Row struct {
	Row     int        `json:"row"`
	Verdict string     `json:"verdict"` // accepted, rejected, not_started, out_of_scope, departed
	Member  *uuid.UUID `json:"member"`
	Match   *Match     `json:"match"` // of an accepted row
	Cells   []Cell     `json:"cells"` // empty: the run did not store the row, since it was known
	Issues  []Issue    `json:"issues"`
}

// Values of Row.Verdict.
const (
	accepted = "accepted"
	rejected = "rejected"

	notStarted = "not_started"
	outOfScope = "out_of_scope"
	departed   = "departed" // the row says so
)

// Match says how a row found its member.
type Match struct {
	By  string  `json:"by"`  // external_id, email; new if it matched no member
	Key *string `json:"key"` // the value
}

// Values of Match.By.
const (
	byExternalID = "external_id"
	byEmail      = "email"
	byNone       = "new"
)

// Cell is the value of one column of a row, as the directory sent it.
type Cell struct {
	Column string   `json:"column"`
	Fields []string `json:"fields"` // read from the column
	Value  string   `json:"value"`
}

// Issue is an error or a warning about a row.
type Issue struct {
	Severity roster.Severity `json:"severity"`
	Code     roster.Code     `json:"code"`
	Field    *string         `json:"field"`
	Detail   string          `json:"detail"`
	Hint     string          `json:"hint"`
}

// Decision is a change that was planned, and possibly applied.
type Decision struct {
	// State is applied, planned, withheld, not_applied or not_undone, or the outcome of the plan: held, rejected or
	// expired.
	State  string            `json:"state"`
	Seq    *int64            `json:"seq"` // in the tenant's audit; null if not applied
	At     *time.Time        `json:"at"`
	Member uuid.UUID         `json:"member"`
	Op     string            `json:"op"`
	Why    string            `json:"why"`
	Rule   string            `json:"rule"` // explains Why
	Group  *string           `json:"group"`
	Fields map[string][2]any `json:"fields"` // before and after
}

// Values of Decision.State that are not outcomes of a run.
const (
	applied    = "applied"
	planned    = "planned"
	withheld   = "withheld"
	notApplied = "not_applied"
	notUndone  = "not_undone"
)
