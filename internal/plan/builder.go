package plan

import (
	"encoding/hex"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Summary describes a plan.
type Summary struct {
	Additions PartSummary `json:"additions"`
	Released  PartSummary `json:"released"`
	Removals  PartSummary `json:"removals"`
	Withheld  PartSummary `json:"withheld"`
	Dropped   PartSummary `json:"dropped"`
	// Planned is the number of changes in Removals that the guard counts: see Change.Removal.
	Planned  int `json:"planned"`
	Approved int `json:"approved"` // approved removals in Released
	Left     int `json:"left"`     // approved removals that the plan doesn't need
	Kept     int `json:"kept"`     // removals in Dropped
	Excluded int `json:"excluded"` // members whose removals Builder.Exclude left out
}

// HeldID returns the id of what is held of a plan: the withheld memberships and, with removals, the members'
// removals. The same removals of the same members have the same id in every plan. It is "" if nothing is held.
func (s Summary) HeldID(removals bool) string {
	switch {
	case !removals:
		return s.Withheld.ID
	case s.Withheld.ID == "":
		return s.Removals.ID
	case s.Removals.ID == "":
		return s.Withheld.ID
	default:
		both := roster.HashBytes([]byte("held " + s.Removals.ID + " " + s.Withheld.ID))
		return hex.EncodeToString(both[:])
	}
}

// WholeID returns the id of all changes that would be applied, because an undo is held as a whole. It is "" if
// there are none.
func (s Summary) WholeID() string {
	if s.Additions.Changes+s.Released.Changes+s.Removals.Changes == 0 {
		return ""
	}
	all := roster.HashBytes([]byte("whole " + s.Additions.ID + " " + s.Released.ID + " " + s.Removals.ID))
	return hex.EncodeToString(all[:])
}

// Held returns the parts that a HeldID or a WholeID stands for.
func (s Summary) Held(id string) []Part {
	if id != "" && id == s.WholeID() {
		return []Part{PartAdditions, PartReleased, PartRemovals}
	}
	var held []Part
	if s.Removals.ID != "" && id == s.HeldID(true) {
		held = append(held, PartRemovals)
	}
	if s.Withheld.ID != "" && (id == s.HeldID(true) || id == s.HeldID(false)) {
		held = append(held, PartWithheld)
	}
	return held
}

// PartSummary describes one part of a plan.
type PartSummary struct {
	Batches  int              `json:"batches"`
	Changes  int              `json:"changes"` // all changes, also those with verb Remember
	Counts   run.ChangeCounts `json:"counts"`
	Barriers []int            `json:"barriers,omitempty"` // batches that wait for all before them
	ID       string           `json:"id"`                 // equal for equal changes of equal members; "" for none
}

// Builder sorts changes into the parts of a plan and emits each batch when it is full. It packs changes at once and
// keeps no members. It holds back removals of groups and memberships, a few bytes each, because the limit of a
// group can be checked only when all removals are known. It is for one goroutine.
type Builder struct {
	emit          func(*PackedBatch) error
	parts         map[Part]*part
	groupRemovals map[uuid.UUID]*groupRemoval
	decisions     *Decisions
	planned       int
	kept          int
	covered       func(*roster.Member) bool // see Exclude; nil: nobody
	excluded      int
	ties          []tie
	removed       map[uuid.UUID]Part // parts of the members' removals that wait for a decision or were dropped
	following     map[uuid.UUID]Part // parts of the members who follow such a removal

	additions, removals []Change // changes of one member; reused
}

// NewBuilder returns a Builder that passes full batches to emit, which may keep them. An error of emit ends Add,
// Barrier or Close, which return it.
func NewBuilder(emit func(*PackedBatch) error) *Builder {
	parts := map[Part]*part{}
	for _, name := range Parts() {
		parts[name] = &part{batch: &PackedBatch{Part: name}}
	}
	return &Builder{
		emit:          emit,
		parts:         parts,
		groupRemovals: map[uuid.UUID]*groupRemoval{},
		removed:       map[uuid.UUID]Part{},
		following:     map[uuid.UUID]Part{},
		decisions:     NewDecisions(),
	}
}

// UseDecisions sets the decisions about removals in earlier plans. Call it before the first Add.
func (b *Builder) UseDecisions(decisions *Decisions) { b.decisions = decisions }

// Add adds changes from Diff or a Listing. Consecutive changes of one member stay in one batch if they fit. Add the
// deletions of members whose grace time is over last.
func (b *Builder) Add(changes ...Change) error {
	defer b.forget()
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Member == changes[0].Member {
			n++
		}
		if some := b.exclude(changes[:n]); !b.tie(some) {
			if err := b.place(some); err != nil {
				return err
			}
		}
		changes = changes[n:]
	}
	return nil
}

// forget drops references to the members that were added last.
func (b *Builder) forget() {
	for _, p := range b.parts {
		p.batch.forget()
	}
}

// Barrier makes all later additions wait until the earlier ones are applied. Memberships come after the groups and
// members that they connect, so that a partly applied plan has no membership without both.
func (b *Builder) Barrier() error { return b.barrier(PartAdditions) }

func (b *Builder) barrier(of Part) error {
	if err := b.flush(of); err != nil {
		return err
	}
	b.parts[of].barrier = true
	return nil
}

// place puts changes of one member, or of groups, into their parts. Removals that belong to a member's removal go to the same
// part. Removals of a departed member's memberships don't wait.
func (b *Builder) place(changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	if to, follows := b.following[changes[0].Member]; follows && changes[0].Member != uuid.Nil {
		return b.follow(to, changes...)
	}
	if len(changes) == 1 && changes[0].adds() {
		return b.put(PartAdditions, changes...) // the usual case
	}
	additions, removals, to := b.additions[:0], b.removals[:0], PartReleased
	for _, c := range changes {
		switch {
		case c.Verb == RemoveGroup:
			group := c
			b.removalOf(c.Group).group = &group
		case c.Verb == RemoveMembership && c.Why != MemberLeft:
			b.hold(c)
		case c.Phase() == Removals:
			removals = append(removals, c)
		default:
			additions = append(additions, c)
		}
		if c.Removal() {
			if to = b.judge(c); to != PartReleased {
				b.removed[c.Member] = to
			}
		}
	}
	for _, c := range removals {
		if c.Verb != RemoveMembership {
			continue
		}
		if of := b.removalOf(c.Group); of.leavers != PartDropped && to != PartReleased {
			of.leavers = to
		}
	}
	b.additions, b.removals = additions, removals
	if err := b.put(PartAdditions, additions...); err != nil {
		return err
	}
	return b.put(to, removals...)
}

// judge returns the part of a member's removal.
func (b *Builder) judge(c Change) Part {
	switch b.decisions.decision(c) {
	case approved:
		return PartReleased
	case dropped:
		b.kept++
		return PartDropped
	default:
		b.planned++
		return PartRemovals
	}
}

// Close emits the rest and returns the plan's summary. overLimit reports whether that many undecided removals
// exceed the group's own limit: then they are withheld. A group is removed after its memberships, and only if none
// of them stays.
func (b *Builder) Close(overLimit func(group uuid.UUID, removals int) bool) (Summary, error) {
	var removed []removedGroup
	for _, group := range slices.SortedFunc(maps.Keys(b.groupRemovals), byID) {
		to, err := b.putRemovals(group, overLimit)
		if err != nil {
			return Summary{}, err
		}
		if change := b.groupRemovals[group].group; change != nil {
			removed = append(removed, removedGroup{to, *change})
		}
	}
	if err := b.putRemovedGroups(removed); err != nil {
		return Summary{}, err
	}
	for _, p := range Parts() {
		if err := b.flush(p); err != nil {
			return Summary{}, err
		}
	}
	released, left := b.decisions.Approvals()
	return Summary{
		Additions: b.parts[PartAdditions].close(),
		Released:  b.parts[PartReleased].close(),
		Removals:  b.parts[PartRemovals].close(),
		Withheld:  b.parts[PartWithheld].close(),
		Dropped:   b.parts[PartDropped].close(),
		Planned:   b.planned, Approved: released, Left: left, Kept: b.kept, Excluded: b.excluded,
	}, nil
}

// adds reports whether c is an addition.
func (c *Change) adds() bool { return c.Verb.Phase() == Additions }

// put adds changes that belong together to one batch, or to as few as possible.
func (b *Builder) put(to Part, changes ...Change) error {
	p := b.parts[to]
	if p.batch.Len()+len(changes) > BatchSize {
		if err := b.flush(to); err != nil {
			return err
		}
	}
	for i := range changes {
		c := &changes[i]
		if p.batch.Len() == BatchSize {
			if err := b.flush(to); err != nil {
				return err
			}
		}
		p.batch.add(c)
		if to == PartAdditions || to == PartReleased || !c.adds() { // what follows a removal isn't decided by itself
			p.digest.add(*c)
		}
		c.Count(&p.summary.Counts)
	}
	return nil
}

// flush emits the collected batch of a part.
func (b *Builder) flush(of Part) error {
	p := b.parts[of]
	full := p.batch
	if full.Len() == 0 {
		return nil
	}
	if p.barrier && p.summary.Batches > 0 {
		p.summary.Barriers = append(p.summary.Barriers, p.summary.Batches)
	}
	p.barrier = false
	p.summary.Changes += full.Len()
	p.summary.Batches++
	p.batch = &PackedBatch{Part: of, Number: p.summary.Batches, First: p.summary.Changes}
	return b.emit(full)
}
