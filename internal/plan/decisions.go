package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Decisions are what people decided about removals in earlier plans. An approval covers exactly the change that was
// shown: that member at that version. A removal is dropped if it was rejected or expired. It stays dropped while
// every plan asks for it again: see Withheld.
type Decisions struct {
	approved map[roster.Hash]bool // true: the plan asks for it
	dropped  map[subject]Verb
	counted  int // number of approvals
	released int // approvals that the plan asks for
}

// Removal is a dropped removal of a member, a membership or a group. It covers the same removal in a later plan. A
// dropped deactivation also covers the member's departure, because both say that the person has left. A dropped
// departure doesn't cover a deactivation, because a member with a row is present again.
type Removal struct {
	Member uuid.UUID
	Group  uuid.UUID
	Verb   Verb
}

type subject struct{ member, group uuid.UUID }

// decision is what was decided about a removal.
type decision uint8

const (
	undecided decision = iota
	approved
	dropped
)

// NewDecisions returns Decisions without any decision.
func NewDecisions() *Decisions {
	return &Decisions{approved: map[roster.Hash]bool{}, dropped: map[subject]Verb{}}
}

// Approve adds the approval of a change.
func (d *Decisions) Approve(c Change) {
	if c.Why == MemberLeft {
		return // decided with its member
	}
	if _, twice := d.approved[hashOf(c)]; !twice {
		d.approved[hashOf(c)] = false
		d.counted++
	}
}

// Drop adds a removal that was rejected or expired.
func (d *Decisions) Drop(w Removal) { d.dropped[subject{w.Member, w.Group}] = w.Verb }

// decision returns what was decided about c.
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

// AllApproved reports whether all changes of one member were approved. A change with verb Remember needs no
// approval.
func (d *Decisions) AllApproved(changes []Change) bool {
	for _, c := range changes {
		if c.Why != MemberLeft && c.Verb != Remember && d.decision(c) != approved {
			return false
		}
	}
	return true
}

// Approvals returns how many approved changes the plan asks for, and how many it doesn't.
func (d *Decisions) Approvals() (released, left int) { return d.released, d.counted - d.released }

// Withheld returns c as a removal to drop in later plans. ok is false if c belongs to its member's removal.
func (c Change) Withheld() (w Removal, ok bool) {
	return Removal{Member: c.Member, Group: c.Group, Verb: c.Verb}, c.Why != MemberLeft
}
