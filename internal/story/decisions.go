package story

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// decisions returns the changes that the run applied, followed by those that it planned but did not apply.
func (t tracer) decisions(r run.Run, found evidence) []Decision {
	type key struct {
		member, group uuid.UUID
		op            string
	}
	done, decisions := map[key]bool{}, []Decision{}
	for _, m := range t.person.Members {
		for _, c := range m.Changes {
			if c.Run == r.ID {
				done[key{c.Member, c.Group, c.Op}] = true
				decisions = append(decisions, t.applied(c))
			}
		}
	}
	for _, c := range found.changes {
		if done[key{c.Member, c.Group, c.Verb.Op()}] && c.part != plan.PartLeft {
			continue
		}
		decisions = append(decisions, t.decision(c.Group, Decision{
			State: unappliedState(r, c.part), Member: c.Member, Op: c.Verb.Op(), Why: string(c.Why), Fields: c.Fields(),
		}))
	}
	return decisions
}

// before returns the changes in the audit that none of the runs made.
func (t tracer) before(runs []run.Run) []Decision {
	covered := map[uuid.UUID]bool{}
	for _, r := range runs {
		covered[r.ID] = true
	}
	before := []Decision{}
	for _, m := range t.person.Members {
		for _, c := range m.Changes {
			if !covered[c.Run] {
				before = append(before, t.applied(c))
			}
		}
	}
	return before
}

// unappliedState returns the state of a change that the run did not apply.
func unappliedState(r run.Run, part plan.Part) string {
	switch {
	case r.Preview || r.Result == nil:
		return planned
	case part == plan.PartLeft:
		return notUndone
	case r.Result.Undoes != nil && r.Result.Held != nil:
		return string(r.Result.Outcome)
	case part == plan.PartWithheld:
		return withheld
	case guarded(part) && r.Result.Outcome != run.Applied && r.Result.Outcome != run.Failed:
		return string(r.Result.Outcome) // held, rejected, expired
	default:
		return notApplied
	}
}

// guarded reports whether the guard may hold a part.
func guarded(part plan.Part) bool {
	return part == plan.PartRemovals || part == plan.PartNewcomers || part == plan.PartUpdates
}

// applied returns the decision for a change in the audit.
func (t tracer) applied(c ledger.AuditRow) Decision {
	return t.decision(c.Group, Decision{
		State: applied, Seq: &c.Seq, At: nullable.Time(c.At), Member: c.Member, Op: c.Op, Why: c.Why, Fields: c.Fields,
	})
}

// decision fills in the rule and the name of the group, and masks the values.
func (t tracer) decision(group uuid.UUID, d Decision) Decision {
	d.Rule, d.Fields = plan.Why(d.Why).Meaning(), t.fields(d.Fields)
	if group != uuid.Nil {
		name := t.groups[group]
		if name == "" {
			name = group.String()
		}
		d.Group = &name
	}
	return d
}
