package plan

import (
	"encoding/hex"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Summary says what is in a plan.
type Summary struct {
	Additions PartSummary `json:"additions"`
	Released  PartSummary `json:"released"`
	Removals  PartSummary `json:"removals"`
	Withheld  PartSummary `json:"withheld"`
	Dropped   PartSummary `json:"dropped"`
	// Planned is how many changes in Removals the guard counts: see Change.Removal.
	Planned  int `json:"planned"`
	Approved int `json:"approved"` // removals in Released that somebody approved
	Left     int `json:"left"`     // removals that were approved, but that are no longer called for
	Kept     int `json:"kept"`     // removals in Dropped
	Excluded   int `json:"excluded"`   // members whose removal was left out: see Spare
}

// HeldID names what is held of a plan: the withheld memberships, and with removals the members' removals too. The same
// removals of the same members have the same id in every plan; "" when nothing is held.
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

// WholeID names all that would be applied: an undo is held whole. "" when that is nothing.
func (s Summary) WholeID() string {
	if s.Additions.Changes+s.Released.Changes+s.Removals.Changes == 0 {
		return ""
	}
	all := roster.HashBytes([]byte("whole " + s.Additions.ID + " " + s.Released.ID + " " + s.Removals.ID))
	return hex.EncodeToString(all[:])
}

// Held are the parts that a HeldID names, or a WholeID.
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

// PartSummary says what is in one part.
type PartSummary struct {
	Batches  int              `json:"batches"`
	Changes int              `json:"changes"` // all, those that only Remember too
	Counts  run.ChangeCounts `json:"counts"`
	Barriers   []int            `json:"barriers,omitempty"` // chunks that wait until all before them are applied, but for the first
	ID      string           `json:"id"`              // the same for the same changes of the same members; "" for none
}

// Builder sorts changes into the parts of a plan and hands each batch over as it fills up. It packs changes at once, and keeps
// nothing of the members that they refer to. It holds back removals of memberships (a few bytes each) and of groups, because a
// group's limit can only be checked when all are known.
type Builder struct {
	emit    func(*PackedBatch) error
	parts   map[Part]*part
	leaving map[uuid.UUID]*groupRemoval
	decisions *Decisions
	planned int
	kept    int
	covered func(*roster.Member) bool // see Spare; nil: nobody is
	excluded  int

	additions, removals []Change // of one member: room that is used again
}

// NewBuilder makes a Builder that hands full batches to emit, whose errors end Add or Close. A Sheet is emit's to keep.
func NewBuilder(emit func(*PackedBatch) error) *Builder {
	parts := map[Part]*part{}
	for _, name := range Parts() {
		parts[name] = &part{batch: &PackedBatch{Part: name}}
	}
	return &Builder{
		emit:    emit,
		parts:   parts,
		leaving: map[uuid.UUID]*groupRemoval{},
		decisions: NewDecisions(),
	}
}

// Under has removals go by what people have decided before. It comes before the first Add.
func (b *Builder) Decide(rulings *Decisions) { b.decisions = rulings }

// Add takes changes, as Diff or a Listing gave them. What is about one member in one call stays together in a chunk, as
// long as it fits. The deletions of members whose grace time is over are to be added last.
func (b *Builder) Add(changes ...Change) error {
	defer b.forget()
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Member == changes[0].Member {
			n++
		}
		if err := b.addMember(b.exclude(changes[:n])); err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// leave lets go of what was added last.
func (b *Builder) forget() {
	for _, p := range b.parts {
		p.batch.forget()
	}
}

// Wave has what is added from here on wait until all additions before are applied: memberships come after the groups and
// members that they tie, so that a plan left in the middle leaves none that ties nobody.
func (b *Builder) Barrier() error { return b.barrier(PartAdditions) }

func (b *Builder) barrier(of Part) error {
	if err := b.flush(of); err != nil {
		return err
	}
	b.parts[of].fresh = true
	return nil
}

// addMember takes changes about one member (or about groups). What goes with a member's removal shares its fate; what
// is left of somebody who has left already waits for nobody.
func (b *Builder) addMember(changes []Change) error {
	if len(changes) == 1 && changes[0].adds() {
		return b.put(PartAdditions, changes...) // as nearly all are
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
			to = b.judge(c)
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

// judge is the part that a member's removal belongs to.
func (b *Builder) judge(c Change) Part {
	switch b.decisions.on(c) {
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

// Close hands over what is left and says what is in the plan. over tells whether so many removals, that nobody has
// decided about, are more than the group's own limit allows: they are withheld then. A group itself goes after its
// memberships, and only when none of them stays behind.
func (b *Builder) Close(over func(group uuid.UUID, removals int) bool) (Summary, error) {
	var gone []removedGroup
	for _, group := range slices.SortedFunc(maps.Keys(b.leaving), byID) {
		to, err := b.putRemovals(group, over)
		if err != nil {
			return Summary{}, err
		}
		if change := b.leaving[group].group; change != nil {
			gone = append(gone, removedGroup{to, *change})
		}
	}
	if err := b.putRemovedGroups(gone); err != nil {
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

// adds tells whether c is an addition, and nothing but that.
func (c *Change) adds() bool { return c.Verb.Phase() == Additions }

// put puts changes that belong together into one chunk, or as few as they need.
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
		p.digest.add(*c)
		c.Count(&p.summary.Counts)
	}
	return nil
}

// flush hands over what has collected of a part.
func (b *Builder) flush(of Part) error {
	p := b.parts[of]
	full := p.batch
	if full.Len() == 0 {
		return nil
	}
	if p.fresh && p.summary.Batches > 0 {
		p.summary.Barriers = append(p.summary.Barriers, p.summary.Batches)
	}
	p.fresh = false
	p.summary.Changes += full.Len()
	p.summary.Batches++
	p.batch = &PackedBatch{Part: of, Number: p.summary.Batches, First: p.summary.Changes}
	return b.emit(full)
}
