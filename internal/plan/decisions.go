package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Decisions are what people decided about held changes in earlier plans. An approval covers exactly the change that was
// shown: a removal of that member at that version, or an addition or update with these values. A change is dropped if it
// was rejected or expired. It stays dropped while every plan asks for it again: see Withheld.
type Decisions struct {
	byValue  bool                 // additions and updates are identified by their values
	approved map[roster.Hash]bool // true: the plan asks for it
	dropped  map[subject]Verb
	counted  int      // number of approvals
	released Approved // approvals that the plan asks for
}

// Approved counts approved changes.
type Approved struct{ Removals, Additions, Changes int }

// Total returns the number of approved changes.
func (a Approved) Total() int { return a.Removals + a.Additions + a.Changes }

// Removal is a dropped change of a member, a membership or a group. It covers the same change in a later plan. A
// dropped deactivation also covers the member's departure, because both say that the person has left. A dropped
// departure doesn't cover a deactivation, because a member with a row is present again.
//
// Of an addition, Member stands for the person, who has another id in every plan: once for the external id, once for the
// email. Of an update, Group stands for what the guard counts in it: see Change.Guarded.
type Removal struct {
	Member uuid.UUID
	Group  uuid.UUID
	Verb   Verb
}

type subject struct{ member, group uuid.UUID }

// subjects returns what a decision about c is about. A decision about any of them is one about c.
func (c Change) subjects() []subject {
	switch c.Verb {
	case Add:
		about := make([]subject, 0, 2)
		if id := c.After.ExternalID; id != "" {
			about = append(about, subject{member: uuid.UUID(roster.HashTexts("add", c.After.ExternalKind, id))})
		}
		if email := c.After.Values[roster.Email]; email != "" {
			about = append(about, subject{member: uuid.UUID(roster.HashTexts("add", "email", email))})
		}
		return about
	case Update, Reactivate:
		return []subject{{c.Member, uuid.UUID(roster.HashTexts(c.guarded()...))}}
	default:
		return []subject{{c.Member, c.Group}}
	}
}

// decision is what was decided about a change.
type decision uint8

const (
	undecided decision = iota
	approved
	dropped
)

// NewDecisions returns Decisions without any decision. A change is identified by member and version.
func NewDecisions() *Decisions {
	return &Decisions{approved: map[roster.Hash]bool{}, dropped: map[subject]Verb{}}
}

// NewValueDecisions is NewDecisions for plans whose additions and updates are identified by their values.
func NewValueDecisions() *Decisions {
	d := NewDecisions()
	d.byValue = true
	return d
}

// hash identifies a change.
func (d *Decisions) hash(c Change) roster.Hash {
	if d.byValue && (c.Joins() || c.Verb == Update || c.Verb == Reactivate) {
		return valueHash(c)
	}
	return hashOf(c)
}

// Approve adds the approval of a change.
func (d *Decisions) Approve(c Change) {
	if c.Why == MemberLeft {
		return // decided with its member
	}
	hash := d.hash(c)
	if _, twice := d.approved[hash]; !twice {
		d.approved[hash] = false
		d.counted++
	}
}

// Drop adds a change that was rejected or expired.
func (d *Decisions) Drop(w Removal) { d.dropped[subject{w.Member, w.Group}] = w.Verb }

// decision returns what was decided about c, which the plan asks for.
func (d *Decisions) decision(c Change) decision {
	found := d.about(c)
	if found != approved {
		return found
	}
	if hash := d.hash(c); !d.approved[hash] {
		d.approved[hash] = true
		d.released.count(c)
	}
	return approved
}

// about returns what was decided about c.
func (d *Decisions) about(c Change) decision {
	if len(d.approved) > 0 {
		if _, ok := d.approved[d.hash(c)]; ok {
			return approved
		}
	}
	if len(d.dropped) == 0 {
		return undecided
	}
	for _, of := range c.subjects() {
		if verb, ok := d.dropped[of]; ok && (verb == c.Verb || c.Verb == Depart || c.Verb == Delete) {
			return dropped
		}
	}
	return undecided
}

func (a *Approved) count(c Change) {
	switch {
	case c.Joins():
		a.Additions++
	case c.Verb == Update, c.Verb == Reactivate:
		a.Changes++
	default:
		a.Removals++
	}
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

// Approvals returns which approved changes the plan asks for, and how many it doesn't.
func (d *Decisions) Approvals() (released Approved, left int) {
	return d.released, d.counted - d.released.Total()
}

// Withheld returns c as changes to drop in later plans. There are none if c belongs to another change of its member.
func (c Change) Withheld() []Removal {
	if c.Why == MemberLeft || c.Verb == AddMembership {
		return nil
	}
	var list []Removal
	for _, of := range c.subjects() {
		list = append(list, Removal{Member: of.member, Group: of.group, Verb: c.Verb})
	}
	return list
}
