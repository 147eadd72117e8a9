package main

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

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
		return &match{By: byExternal, Key: nullable.Of(t.shown.value(roster.ExternalID, u.ExternalID))}
	}
	return &match{By: byEmail, Key: nullable.Of(t.shown.value(roster.Email, u.Values[roster.Email]))}
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
			issues = append(issues, tracedIssue{Severity: i.Severity, Code: i.Code, Field: nullable.Of(i.Field), Detail: i.Detail, Hint: i.Hint})
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
		if done[key{p.Member, p.Group, p.Verb.Op()}] && p.part != plan.PartLeft {
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
	case part == plan.PartLeft:
		return "left_alone"
	case r.Result.Undoes != nil && r.Result.Held != nil:
		return string(r.Result.Outcome)
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
	d.State, d.Seq, d.At = "applied", &c.Seq, nullable.Time(c.At)
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
	case r.Origin == round.Undo:
		return notRead
	case !found.judged:
		return notJudged
	case found.gone:
		return noLonger
	case len(found.users) > 0:
		return presentRow
	case len(found.absent) > 0:
		return absent
	case len(found.kept) > 0 && slices.ContainsFunc(found.issues, sparing):
		return sparedAsIs
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

// sparing tells whether an issue says that somebody without a row was protected.
func sparing(i roster.Issue) bool { return i.Code == roster.CodeProtected && i.Row == 0 }

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
			case plan.Delete.Op(), plan.ErasedOp:
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
