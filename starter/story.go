package main

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/mask"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// story is what happened to one person: its JSON.
type story struct {
	Tenant   string        `json:"tenant"`
	Person   string        `json:"person"` // as asked for
	Revealed bool          `json:"revealed"`
	Members  []storyMember `json:"members"` // several, where several had that email or id
	Before   []decision    `json:"before"`  // changes of runs before those below
	Runs     []tracedRun   `json:"runs"`    // oldest first
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
	Error     *string      `json:"error"` // its kind
	State     presence     `json:"state"`
	Rows      []tracedRow  `json:"rows"`
	Decisions []decision   `json:"decisions"`
}

// presence is how a run saw them.
type presence string

const (
	presentRow  presence = "row"          // a new or changed row, or one that was compared again
	presentSame presence = "same_row"     // the row was the same as before
	keptAsIs    presence = "kept"         // there, but no row of theirs was used
	absent      presence = "absent"       // not in a complete snapshot
	departed    presence = "departed"     // had departed before, and wasn't there
	unknown     presence = "unknown"      // neither a member nor a row
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
	State  string            `json:"state"` // applied, planned, withheld, not_applied, or what became of the plan: held, rejected, expired
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
			ID: id, Status: of.member.Values[roster.Status], ExternalKind: text(of.member.ExternalKind), Fields: map[string]string{},
			CreatedAt: stamp(of.member.CreatedAt), UpdatedAt: stamp(of.member.UpdatedAt), DepartedAt: stamp(of.member.DepartedAt),
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

// acceptedRows are the rows that the roster has of them.
func (t tracer) acceptedRows(found traces) []tracedRow {
	rows := []tracedRow{}
	for _, u := range found.users {
		row := tracedRow{Row: u.Row, Verdict: "accepted", Member: &u.Member, Match: t.match(u, found), Cells: t.cells(u.Row, found)}
		row.Issues = t.issues(u.Row, found)
		rows = append(rows, row)
	}
	return rows
}

// refusedRows are rows of theirs that were refused, or known before and doubted.
func (t tracer) refusedRows(found traces) []tracedRow {
	numbers := map[int]string{}
	for _, i := range found.issues {
		if i.Row == 0 || slices.ContainsFunc(found.users, func(u roster.User) bool { return u.Row == i.Row }) {
			continue
		}
		if i.Severity == roster.Rejected {
			numbers[i.Row] = "rejected"
		} else if numbers[i.Row] == "" {
			numbers[i.Row] = "accepted"
		}
	}
	rows := []tracedRow{}
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		rows = append(rows, tracedRow{Row: n, Verdict: numbers[n], Cells: t.cells(n, found), Issues: t.issues(n, found)})
	}
	return rows
}

// match says how an accepted row found its member.
func (t tracer) match(u roster.User, found traces) *match {
	if u.New {
		return &match{By: byNobody}
	}
	learned := slices.ContainsFunc(found.plans, func(p plannedChange) bool {
		_, is := p.Fields()[roster.ExternalID.String()]
		return is && p.Member == u.Member
	})
	if u.ExternalID != "" && !learned {
		return &match{By: byExternal, Key: text(t.shown.value(roster.ExternalID, u.ExternalID))}
	}
	return &match{By: byEmail, Key: text(t.shown.value(roster.Email, u.Values[roster.Email]))}
}

// cells are a row's, as it was sent.
func (t tracer) cells(number int, found traces) []tracedCell {
	cells := []tracedCell{}
	for _, cell := range found.rows[number].Cells {
		traced := tracedCell{Column: found.read.Columns.Names[cell.Column], Fields: []string{}}
		first := roster.NoField
		for f := range roster.Field(roster.FieldCount) {
			if b := found.read.Bindings; f != roster.Role && b.Fields.Has(f) && b.By[f].Column == cell.Column {
				traced.Fields, first = append(traced.Fields, f.String()), min(first, f)
			}
		}
		for i, value := range cell.Values {
			if i > 0 {
				traced.Value += "; "
			}
			traced.Value += t.shown.value(first, roster.NormalText(value))
		}
		cells = append(cells, traced)
	}
	return cells
}

// issues are those of one row.
func (t tracer) issues(number int, found traces) []tracedIssue {
	issues := []tracedIssue{}
	for _, i := range found.issues {
		if i.Row == number {
			issues = append(issues, tracedIssue{Severity: i.Severity, Code: i.Code, Field: text(i.Field), Detail: i.Detail, Hint: i.Hint})
		}
	}
	return issues
}

// decisions are what the run did, and then what it planned and didn't do.
func (t tracer) decisions(r round.Run, found traces) []decision {
	decisions := []decision{}
	type key struct {
		member, group uuid.UUID
		op            string
	}
	done := map[key]bool{}
	for _, id := range t.who.order {
		for _, c := range t.who.found[id].changes {
			if c.Run == r.ID {
				done[key{c.Member, c.Group, c.Op}] = true
				decisions = append(decisions, t.applied(c))
			}
		}
	}
	for _, p := range found.plans {
		if done[key{p.Member, p.Group, p.Verb.Op()}] {
			continue
		}
		d := t.decision(report.Change{Op: p.Verb.Op(), Member: p.Member, Group: p.Group, Fields: p.Fields(), Why: string(p.Why)})
		d.State = undone(r, p.part)
		decisions = append(decisions, d)
	}
	return decisions
}

// undone says what became of a change that was not applied.
func undone(r round.Run, part plan.Part) string {
	switch {
	case r.Preview || r.Result == nil:
		return "planned"
	case part == plan.PartWithheld:
		return "withheld"
	case part == plan.PartRemovals && r.Result.Outcome != round.Applied && r.Result.Outcome != round.Failed:
		return string(r.Result.Outcome) // held, rejected, expired
	default:
		return "not_applied"
	}
}

func (t tracer) applied(c store.AuditChange) decision {
	d := t.decision(done(c))
	d.State, d.Seq, d.At = "applied", &c.Seq, stamp(c.At)
	return d
}

func (t tracer) decision(c report.Change) decision {
	d := decision{Member: c.Member, Op: c.Op, Why: c.Why, Rule: plan.Why(c.Why).Meaning(), Fields: t.shown.fields(c.Fields)}
	if c.Group != uuid.Nil {
		name := t.groups[c.Group]
		if name == "" {
			name = c.Group.String()
		}
		d.Group = &name
	}
	return d
}

// state says how the run saw them.
func (t tracer) state(r round.Run, found traces, traced tracedRun) presence {
	switch {
	case !found.judged:
		return notJudged
	case found.gone:
		return noLonger
	case len(found.users) > 0:
		return presentRow
	case len(found.absent) > 0:
		return absent
	case len(found.kept) > 0:
		return keptAsIs
	}
	switch status := t.statusAt(r.Started); {
	case status == roster.Departed:
		return departed
	case status != "":
		return presentSame
	case len(traced.Rows) > 0:
		return refused
	}
	return unknown
}

// statusAt is the status that somebody who is meant had when a run began; "" when nobody was a member.
func (t tracer) statusAt(at time.Time) string {
	status := ""
	for _, id := range t.who.order {
		now := ""
		for _, c := range t.who.found[id].changes {
			if !c.At.Before(at) {
				break
			}
			switch c.Op {
			case plan.Delete.Op():
				now = ""
			case plan.Depart.Op():
				now = roster.Departed
			case plan.Deactivate.Op():
				now = roster.Inactive
			case plan.Add.Op(), plan.Return.Op(), plan.Reactivate.Op():
				now = roster.Active
			}
		}
		if now != "" && (status == "" || status == roster.Departed) {
			status = now
		}
	}
	return status
}
