package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Rulings are what people have decided about removals in earlier plans: some are approved, as they were shown; some are
// dropped, because somebody rejected them or nobody decided in time. The zero fate is that nobody decided anything.
//
// An approval is of one change of one member at one version: of anything else it says nothing. What was dropped stays
// dropped as long as plan after plan calls for that removal: see Withheld.
type Decisions struct {
	approved map[roster.Hash]bool // true: the plan called for it again
	dropped  map[subject]Verb
	counted  int // approvals that count as a removal
	released int // and of those what the plan calls for
}

// Withheld is a removal that was dropped: of a member, of a membership, or of a group. It covers the same removal in a
// later plan, and where a member was to be deactivated his departure: in the directory he has been neither way.
// A departure that was dropped doesn't cover a deactivation: whoever has a row is present again.
type Withheld struct {
	Member uuid.UUID
	Group  uuid.UUID
	Verb   Verb
}

type subject struct{ member, group uuid.UUID }

// fate is what was decided about a removal.
type decision uint8

const (
	undecided decision = iota
	approved
	dropped
)

// NewRulings makes rulings by which nothing is decided.
func NewDecisions() *Decisions {
	return &Decisions{approved: map[roster.Hash]bool{}, dropped: map[subject]Verb{}}
}

// Approve takes a change that was shown and approved.
func (d *Decisions) Approve(c Change) {
	if c.Why == MemberLeft {
		return // goes with its member
	}
	if _, twice := d.approved[hashOf(c)]; !twice {
		d.approved[hashOf(c)] = false
		d.counted++
	}
}

// Drop takes a removal that was rejected or expired.
func (d *Decisions) Drop(w Withheld) { d.dropped[subject{w.Member, w.Group}] = w.Verb }

// on is what was decided about c.
func (d *Decisions) decision(c Change) decision {
	if met, ok := d.approved[hashOf(c)]; ok {
		if !met {
			d.approved[hashOf(c)] = true
			d.released++
		}
		return approved
	}
	verb, ok := d.dropped[subject{c.Member, c.Group}]
	if ok && (verb == c.Verb || c.Verb == Depart || c.Verb == Delete) {
		return dropped
	}
	return undecided
}

// Allow tells whether all changes about one member were approved, so that these may be made. What changes nothing that
// anybody sees goes along.
func (d *Decisions) AllApproved(changes []Change) bool {
	for _, c := range changes {
		if c.Why != MemberLeft && c.Verb != Remember && d.decision(c) != approved {
			return false
		}
	}
	return true
}

// Approvals are how many approved changes the plan calls for, and how many it doesn't any more.
func (d *Decisions) Approvals() (released, left int) { return d.released, d.counted - d.released }

// Dropped is the removal that c is, for a later plan's Rulings; ok is false for what goes with its member.
func (c Change) Withheld() (w Withheld, ok bool) {
	return Withheld{Member: c.Member, Group: c.Group, Verb: c.Verb}, c.Why != MemberLeft
}
