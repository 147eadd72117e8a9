package main

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/mask"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
)

// story is what happened to one person: its JSON.
type story struct {
	Tenant   string        `json:"tenant"`
	Person   string        `json:"person"` // as asked for
	Revealed bool          `json:"revealed"`
	Members  []storyMember `json:"members"`  // several, where several had that email or id
	Mentions []mention     `json:"mentions"` // entries of tenants.yaml that name them
	Before   []decision    `json:"before"`   // changes of runs before those below
	Runs     []tracedRun   `json:"runs"`     // oldest first
}

// storyMember is one member who is meant.
type storyMember struct {
	ID           uuid.UUID         `json:"id"`
	Status       string            `json:"status"` // deleted: only the audit is left, without values
	ExternalKind *string           `json:"external_kind"`
	Fields       map[string]string `json:"fields"` // those that have a value
	CreatedAt    *time.Time        `json:"created_at"`
	UpdatedAt    *time.Time        `json:"updated_at"`
	DepartedAt   *time.Time        `json:"departed_at"`
}

// tracedRun is what one run did about them.
type tracedRun struct {
	Run       uuid.UUID    `json:"run"`
	Started   time.Time    `json:"started"`
	Origin    round.Origin `json:"origin"`
	Preview   bool         `json:"preview"`
	By        *string      `json:"by"`
	Reason    *string      `json:"reason"`
	Outcome   string       `json:"outcome"`
	Error     *string      `json:"error"`  // its kind
	Undoes    *string      `json:"undoes"` // the run that this one takes back
	State     presence     `json:"state"`
	Dropped   *time.Time   `json:"dropped"` // when rows and plan were dropped, and the values of changes
	Rows      []tracedRow  `json:"rows"`
	Decisions []decision   `json:"decisions"`
}

// presence is how a run saw them.
type presence string

const (
	presentRow  presence = "row"          // a new or changed row, or one that was compared again
	presentSame presence = "same_row"     // the row was the same as before
	keptAsIs    presence = "kept"         // there, but no row of theirs was used
	sparedAsIs  presence = "protected"    // not there, and not removed because the tenant's settings protect them
	absent      presence = "absent"       // not in a complete snapshot
	departed    presence = "departed"     // had departed before, and wasn't there
	unknown     presence = "unknown"      // neither a member nor a row
	notRead     presence = "not_read"     // an undo of another run, which reads no directory
	notJudged   presence = "not_judged"   // the run ended before rows were judged
	noLonger    presence = "not_kept"     // rows and plan of the run are no longer kept
	refused     presence = "rejected_row" // a row, which was refused, of nobody who is a member
)

// tracedRow is a row of theirs.
type tracedRow struct {
	Row     int           `json:"row"`
	Verdict string        `json:"verdict"` // accepted, rejected
	Member  *uuid.UUID    `json:"member"`
	Match   *match        `json:"match"` // of an accepted row
	Cells   []tracedCell  `json:"cells"` // empty: the row was known, so it was not kept
	Issues  []tracedIssue `json:"issues"`
}

// match is how a row was tied to its member.
type match struct {
	By  string  `json:"by"`  // external_id, email; new: it matched nobody
	Key *string `json:"key"` // the value
}

type tracedCell struct {
	Column string   `json:"column"`
	Fields []string `json:"fields"` // that were read from it
	Value  string   `json:"value"`
}

type tracedIssue struct {
	Severity roster.Severity `json:"severity"`
	Code     roster.Code     `json:"code"`
	Field    *string         `json:"field"`
	Detail   string          `json:"detail"`
	Hint     string          `json:"hint"`
}

// decision is a change, done or not.
type decision struct {
	State  string            `json:"state"` // applied, planned, withheld, not_applied, left_alone, or what became of the plan: held, rejected, expired
	Seq    *int64            `json:"seq"`
	At     *time.Time        `json:"at"`
	Member uuid.UUID         `json:"member"`
	Op     string            `json:"op"`
	Why    string            `json:"why"`
	Rule   string            `json:"rule"` // why, in words
	Group  *string           `json:"group"`
	Fields map[string][2]any `json:"fields"`
}

// quiet tells whether there is nothing to tell of a run but how it saw them.
func (r tracedRun) quiet() bool {
	return len(r.Decisions) == 0 && r.State != absent && !slices.ContainsFunc(r.Rows, func(row tracedRow) bool {
		return row.Match == nil || row.Match.By == byNobody || len(row.Issues) > 0
	})
}

// The keys that a row is matched by.
const (
	byExternal = "external_id"
	byEmail    = "email"
	byNobody   = "new"
)

// shower shows values, masked unless they are to be revealed.
type shower struct{ reveal bool }

func (s shower) value(f roster.Field, value string) string {
	if s.reveal {
		return value
	}
	return mask.Value(f, value)
}

// fields are those of a change.
func (s shower) fields(fields map[string][2]any) map[string][2]any {
	shown := make(map[string][2]any, len(fields))
	for name, pair := range fields {
		field, known := roster.ParseField(name)
		for i, value := range pair {
			if text, is := value.(string); is && known {
				pair[i] = s.value(field, text)
			}
		}
		shown[name] = pair
	}
	return shown
}

// members are those who are meant.
func (s *searcher) members(reveal bool) []storyMember {
	shown, members := shower{reveal}, []storyMember{}
	for _, id := range s.order {
		of := s.found[id]
		if of.member == nil {
			members = append(members, storyMember{ID: id, Status: "deleted", Fields: map[string]string{}})
			continue
		}
		m := storyMember{
			ID: id, Status: of.member.Values[roster.Status], ExternalKind: nullable.Of(of.member.ExternalKind), Fields: map[string]string{},
			CreatedAt: nullable.Time(of.member.CreatedAt), UpdatedAt: nullable.Time(of.member.UpdatedAt), DepartedAt: nullable.Time(of.member.DepartedAt),
		}
		for f := range roster.Field(roster.ValueCount) {
			if value := of.member.Values[f]; value != "" {
				m.Fields[f.String()] = shown.value(f, value)
			}
		}
		if of.member.ExternalID != "" {
			m.Fields[roster.ExternalID.String()] = shown.value(roster.ExternalID, of.member.ExternalID)
		}
		members = append(members, m)
	}
	return members
}
