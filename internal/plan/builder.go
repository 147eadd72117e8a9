package plan

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Summary describes a plan.
type Summary struct {
	Additions PartSummary `json:"additions"`
	Newcomers PartSummary `json:"newcomers,omitzero"`
	Updates   PartSummary `json:"updates,omitzero"`
	Released  PartSummary `json:"released"`
	Removals  PartSummary `json:"removals"`
	Withheld  PartSummary `json:"withheld"`
	Dropped   PartSummary `json:"dropped"`
	// Planned is the number of changes in Removals that the guard counts: see Change.Removal. Joining and Changing are
	// those in Newcomers and Updates: see Change.Joins and Change.Guarded.
	Planned  int `json:"planned"`
	Joining  int `json:"joining,omitempty"`
	Changing int `json:"changing,omitempty"`

	Approved int      `json:"approved"`                 // approved removals that the plan asks for; of an undo, all changes
	Others   Approved `json:"approved_others,omitzero"` // approved additions and changes that the plan asks for
	Left     int      `json:"left"`                     // approved changes that the plan doesn't need
	Kept     int      `json:"kept"`                     // changes in Dropped that were decided about
	Excluded int      `json:"excluded"`                 // members whose removals Builder.Exclude left out

	Postponed int `json:"postponed,omitempty"` // members whose updates are for the next sync: see Builder.Add
}

// Kinds says which kinds of changes are held.
type Kinds struct{ Removals, Additions, Changes bool }

// HeldID returns the id of what is held of a plan: the withheld memberships, and the parts of these kinds. The same
// changes have the same id in every plan. It is "" if nothing is held.
func (s Summary) HeldID(of Kinds) string {
	var ids []string
	for _, part := range s.heldParts(of) {
		ids = append(ids, part.ID)
	}
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return ids[0]
	default:
		all := roster.HashBytes([]byte("held " + strings.Join(ids, " ")))
		return hex.EncodeToString(all[:])
	}
}

// namedPart is a part with its name.
type namedPart struct {
	name Part
	PartSummary
}

// heldParts returns the parts of these kinds that aren't empty, and the withheld memberships.
func (s Summary) heldParts(of Kinds) []namedPart {
	var held []namedPart
	for _, part := range []struct {
		held bool
		namedPart
	}{
		{of.Removals, namedPart{PartRemovals, s.Removals}},
		{true, namedPart{PartWithheld, s.Withheld}},
		{of.Additions, namedPart{PartNewcomers, s.Newcomers}},
		{of.Changes, namedPart{PartUpdates, s.Updates}},
	} {
		if part.held && part.ID != "" {
			held = append(held, part.namedPart)
		}
	}
	return held
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
	for kinds := range 8 {
		of := Kinds{Removals: kinds&1 != 0, Additions: kinds&2 != 0, Changes: kinds&4 != 0}
		if id == "" || id != s.HeldID(of) {
			continue
		}
		var parts []Part
		for _, part := range s.heldParts(of) {
			parts = append(parts, part.name)
		}
		return parts
	}
	return nil
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
	splits        bool                   // additions are sorted into three parts: see Split
	run           uuid.UUID              // whose newcomers have its time in their ids
	many          func(changes int) bool // see Split
	relinked      int                    // members under another id, not decided about
	planned       int
	joining       int
	changing      int
	kept          int
	covered       func(*roster.Member) bool // see Exclude; nil: nobody
	excluded      int
	ties          []tie
	heirs         map[uuid.UUID]bool // members whose email somebody new gets
	removed       map[uuid.UUID]Part // parts of the members' removals
	freed         map[uuid.UUID]bool // members who lose their email without a decision
	following     map[uuid.UUID]Part // parts of members whose memberships go with them, if it isn't PartAdditions
	judged        map[uuid.UUID]Part // parts of the members' updates that were decided about
	postponed     map[uuid.UUID]bool // members whose updates aren't in this plan

	additions, removals, waiting []Change // changes of one member; reused
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
		heirs:         map[uuid.UUID]bool{},
		removed:       map[uuid.UUID]Part{},
		freed:         map[uuid.UUID]bool{},
		following:     map[uuid.UUID]Part{},
		judged:        map[uuid.UUID]Part{},
		postponed:     map[uuid.UUID]bool{},
		decisions:     NewDecisions(),
	}
}

// Split puts the changes that the guard counts among additions and changes into parts of their own. Call it before the
// first Add, with decisions of NewValueDecisions. run is the run that makes the plan, and the ids of its newcomers. many
// says whether so many changes are beyond the limit; nil: they never are.
//
// If many members have another id, somebody new with the email of a member who is gone is hardly somebody else, whatever
// the names are. So that member's removal is decided about together with the new ids.
func (b *Builder) Split(run uuid.UUID, many func(changes int) bool) {
	b.splits, b.run, b.many = true, run, many
	b.parts[PartNewcomers].byValue, b.parts[PartUpdates].byValue = true, true
}

// UseDecisions sets the decisions about removals in earlier plans. Call it before the first Add.
func (b *Builder) UseDecisions(decisions *Decisions) { b.decisions = decisions }

// Add adds changes from Diff or a Listing. Consecutive changes of one member stay in one batch if they fit. Add the
// deletions of members whose grace time is over last.
//
// A removal and an update of one member that the guard both counts are two decisions, but the one is made from what the
// other leaves. So the update is left to the next sync, which judges the row again.
func (b *Builder) Add(changes ...Change) error {
	defer b.forget()
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Member == changes[0].Member {
			n++
		}
		if some := b.apart(b.exclude(changes[:n])); !b.tie(some) {
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
func (b *Builder) Barrier() error {
	for _, part := range []Part{PartAdditions, PartNewcomers, PartUpdates} {
		if err := b.barrier(part); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) barrier(of Part) error {
	if err := b.flush(of); err != nil {
		return err
	}
	b.parts[of].barrier = true
	return nil
}

// apart leaves an update that the guard counts out of one member's changes, if they have a removal too.
func (b *Builder) apart(changes []Change) []Change {
	if !b.splits || len(changes) < 2 {
		return changes
	}
	removal := slices.IndexFunc(changes, Change.Removal)
	if removal < 0 {
		return changes
	}
	update := slices.IndexFunc(changes, Change.Guarded)
	if update < 0 {
		return changes
	}
	b.postponed[changes[update].Member] = true
	before, left := changes[update].Before, changes[removal].After
	after := *before
	after.Values[roster.Status], after.DepartedAt = left.Values[roster.Status], left.DepartedAt
	if left.Values[roster.Email] == "" {
		after.Values[roster.Email] = ""
	}
	after.Known, after.Version = roster.Known{}, before.Version+1
	changes = slices.Clone(changes)
	changes[removal].Before, changes[removal].After, changes[removal].Takes = before, &after, uuid.Nil
	return slices.Delete(changes, update, update+1)
}

// place puts changes of one member, or of groups, into their parts. Removals that belong to a member's removal go to the
// same part, and memberships of newcomers to theirs. Removals of a departed member's memberships don't wait. Memberships
// that a row names wait with what else the row changes: until then the member's row is the one before.
func (b *Builder) place(changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	if to, follows := b.follows(changes); follows {
		return b.follow(to, changes...)
	}
	if len(changes) == 1 && changes[0].adds() && !b.splits {
		return b.put(PartAdditions, changes...) // the usual case
	}
	to, update := b.partsOf(changes)
	along := PartAdditions
	switch {
	case update == PartUpdates, update == PartDropped:
		along = update
	case b.splits && to != PartReleased:
		along = to
	}
	additions, removals, waiting := b.additions[:0], b.removals[:0], b.waiting[:0]
	for _, c := range changes {
		switch {
		case c.Verb == RemoveGroup:
			group := c
			b.removalOf(c.Group).group = &group
		case along != PartAdditions && c.byRow():
			waiting = append(waiting, c)
		case c.Verb == RemoveMembership && c.Why != MemberLeft:
			b.hold(c)
		case c.Phase() == Removals:
			removals = append(removals, c)
		case update != PartAdditions && c.Guarded():
			waiting = append(waiting, c)
		default:
			additions = append(additions, c)
		}
		if c.Why == EmailTaken {
			b.freed[c.Member] = true
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
	b.additions, b.removals, b.waiting = additions, removals, waiting
	for _, each := range []struct {
		part    Part
		changes []Change
	}{{PartAdditions, additions}, {along, waiting}, {to, removals}} {
		if err := b.put(each.part, each.changes...); err != nil {
			return err
		}
	}
	return nil
}

// partsOf returns the part of a member's removal, PartReleased without one, and that of an update that the guard counts,
// PartAdditions without one.
func (b *Builder) partsOf(changes []Change) (removal, update Part) {
	removal, update = PartReleased, PartAdditions
	for _, c := range changes {
		switch {
		case c.Removal():
			removal = PartRemovals
			if b.heirs[c.Member] && b.many != nil && b.many(b.relinked) {
				removal = PartUpdates
			}
			removal = b.judge(c, removal)
			b.removed[c.Member] = removal
		case b.splits && c.Guarded():
			update = b.judge(c, PartUpdates)
			switch {
			case update != PartUpdates:
				b.judged[c.Member] = update
			case c.Why == Relinked:
				b.relinked++
			}
		}
	}
	return removal, update
}

// byRow reports whether c is a membership that the member's row names, or no longer does.
func (c *Change) byRow() bool {
	return c.Verb == AddMembership && c.Why == Listed || c.Verb == RemoveMembership && c.Why == Unlisted
}

// follows returns the part of a newcomer's or a returning member's changes, or of memberships that go with them.
func (b *Builder) follows(changes []Change) (to Part, ok bool) {
	member := changes[0].Member
	if member == uuid.Nil {
		return "", false
	}
	if to, ok = b.following[member]; ok || !b.splits {
		return to, ok
	}
	joins := slices.IndexFunc(changes, Change.Joins)
	switch {
	case joins >= 0:
		to = b.judge(changes[joins], PartNewcomers)
		if to != PartNewcomers || changes[joins].Verb == Return {
			b.following[member] = to
		}
		return to, true
	case [6]byte(member[:6]) == [6]byte(b.run[:6]): // a membership of somebody whom this plan adds
		return PartNewcomers, true
	default:
		return "", false
	}
}

// judge returns the part of a change that may have been decided about. part is for one that wasn't.
func (b *Builder) judge(c Change, part Part) Part {
	switch b.decisions.decision(c) {
	case approved:
		if c.Verb.Phase() == Additions {
			return PartAdditions
		}
		return PartReleased
	case dropped:
		b.kept++
		return PartDropped
	default:
		switch part {
		case PartNewcomers:
			b.joining++
		case PartUpdates:
			b.changing++
		default:
			b.planned++
		}
		return part
	}
}

// Close emits the rest and returns the plan's summary. overLimit reports whether that many undecided removals exceed the
// group's own limit, or for uuid.Nil the tenant's limit on all memberships: then they are withheld. A group is removed
// after its memberships, and only if none of them stays.
func (b *Builder) Close(overLimit func(group uuid.UUID, removals int) bool) (Summary, error) {
	var removed []removedGroup
	if b.splits && overLimit(uuid.Nil, b.openRemovals()) {
		overLimit = func(uuid.UUID, int) bool { return true }
	}
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
	summary := Summary{
		Additions: b.parts[PartAdditions].close(),
		Newcomers: b.parts[PartNewcomers].close(),
		Updates:   b.parts[PartUpdates].close(),
		Released:  b.parts[PartReleased].close(),
		Removals:  b.parts[PartRemovals].close(),
		Withheld:  b.parts[PartWithheld].close(),
		Dropped:   b.parts[PartDropped].close(),
		Planned:   b.planned, Joining: b.joining, Changing: b.changing,
		Approved: released.Removals, Left: left, Kept: b.kept, Excluded: b.excluded, Postponed: len(b.postponed),
	}
	summary.Others.Additions, summary.Others.Changes = released.Additions, released.Changes
	return summary, nil
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
		if p.batch.full() {
			if err := b.flush(to); err != nil {
				return err
			}
		}
		p.batch.add(c)
		switch {
		case c.Follows(to):
		case p.byValue && c.After != nil:
			p.digest.add(valueHash(*c))
		default:
			p.digest.add(hashOf(*c))
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
