package plan

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Part is a part of a plan: each waits in a stage of its name.
type Part string

// The parts.
const (
	PartAdditions Part = "additions" // changes of phase Additions
	PartRemovals  Part = "removals"  // changes of phase Removals
	PartWithheld  Part = "withheld"  // removals of memberships beyond their group's own limit
)

// ChunkSize is the most changes that a chunk holds: a chunk is a batch, applied in one transaction.
const ChunkSize = 1000

// Chunk is a batch of one part.
type Chunk struct {
	Part    Part
	Number  int // from 0, within its part
	First   int // how many changes are in the part's chunks before it: its place in the audit's order
	Changes []Change
}

// Summary says what is in a plan.
type Summary struct {
	Additions PartSummary `json:"additions"`
	Removals  PartSummary `json:"removals"`
	Withheld  PartSummary `json:"withheld"`
	// Planned is how many changes the guard counts as removals: see Change.Removal.
	Planned int `json:"planned"`
}

// PartSummary says what is in one part.
type PartSummary struct {
	Chunks  int              `json:"chunks"`
	Changes int              `json:"changes"` // all, those that only Remember too
	Counts  run.ChangeCounts `json:"counts"`
	Waves   []int            `json:"waves,omitempty"` // chunks that wait until all before them are applied, but for the first
	ID      string           `json:"id"`              // the same for the same changes of the same members; "" for none
}

// Builder sorts changes into the parts of a plan and hands each chunk over as it fills up. It holds back removals of
// memberships (a few bytes each) and of groups, because a group's limit can only be checked when all are known.
type Builder struct {
	emit    func(Chunk) error
	parts   map[Part]*part
	leaving map[uuid.UUID]*dissolution
	planned int
}

// part is one part so far.
type part struct {
	changes []Change
	first   int
	fresh   bool // a wave begins with the next chunk
	digest  digest
	summary PartSummary
}

// dissolution is what a group would lose.
type dissolution struct {
	members []removal
	group   *Change // its RemoveGroup
}

// removal is a RemoveMembership made small.
type removal struct {
	member        uuid.UUID
	why           uint8 // its place in whys
	drift, forget bool
}

// NewBuilder makes a Builder that hands full chunks to emit, whose errors end Add or Close. A chunk's Changes are
// emit's to keep.
func NewBuilder(emit func(Chunk) error) *Builder {
	return &Builder{
		emit:    emit,
		parts:   map[Part]*part{PartAdditions: {}, PartRemovals: {}, PartWithheld: {}},
		leaving: map[uuid.UUID]*dissolution{},
	}
}

// Add takes changes, as Diff or a Listing gave them. What is about one member in one call stays together in a chunk, as
// long as it fits. The deletions of members whose grace time is over are to be added last.
func (b *Builder) Add(changes ...Change) error {
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Member == changes[0].Member {
			n++
		}
		if err := b.addMember(changes[:n]); err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// Wave has what is added from here on wait until all additions before are applied: memberships come after the groups and
// members that they tie, so that a plan left in the middle leaves none that ties nobody.
func (b *Builder) Wave() error { return b.wave(PartAdditions) }

func (b *Builder) wave(of Part) error {
	if err := b.flush(of); err != nil {
		return err
	}
	b.parts[of].fresh = true
	return nil
}

// addMember takes changes about one member (or about groups).
func (b *Builder) addMember(changes []Change) error {
	var additions, removals []Change
	for _, c := range changes {
		switch {
		case c.Verb == RemoveGroup:
			b.dissolve(c.Group).group = &c
		case c.Verb == RemoveMembership && c.Why != MemberLeft:
			b.hold(c)
		case c.Phase() == Removals:
			removals = append(removals, c)
		default:
			additions = append(additions, c)
		}
		if c.Removal() {
			b.planned++
		}
	}
	if err := b.put(PartAdditions, additions...); err != nil {
		return err
	}
	return b.put(PartRemovals, removals...)
}

func (b *Builder) dissolve(group uuid.UUID) *dissolution {
	if b.leaving[group] == nil {
		b.leaving[group] = &dissolution{}
	}
	return b.leaving[group]
}

func (b *Builder) hold(c Change) {
	of := b.dissolve(c.Group)
	of.members = append(of.members, removal{
		member: c.Member,
		why:    uint8(slices.Index(whys, c.Why)), //nolint:gosec // a short list
		drift:  c.Drift,
		forget: c.Forget,
	})
}

// Close hands over what is left and says what is in the plan. over tells whether so many removals are more than the
// group's own limit allows: they are withheld then, and with them the removal of the group itself.
func (b *Builder) Close(over func(group uuid.UUID, removals int) bool) (Summary, error) {
	var gone []dissolved
	for _, group := range slices.SortedFunc(maps.Keys(b.leaving), byID) {
		of := b.leaving[group]
		to := PartRemovals
		if over(group, len(of.members)) {
			to = PartWithheld
		}
		slices.SortFunc(of.members, func(a, b removal) int { return byID(a.member, b.member) })
		for _, r := range of.members {
			c := membership(RemoveMembership, roster.Membership{Group: group, Member: r.member}, whys[r.why], r.drift)
			c.Forget = r.forget
			if err := b.put(to, c); err != nil {
				return Summary{}, err
			}
		}
		if of.group != nil {
			gone = append(gone, dissolved{to, *of.group})
		}
	}
	if err := b.putGone(gone); err != nil {
		return Summary{}, err
	}
	for _, p := range []Part{PartAdditions, PartRemovals, PartWithheld} {
		if err := b.flush(p); err != nil {
			return Summary{}, err
		}
	}
	return Summary{
		Additions: b.parts[PartAdditions].close(),
		Removals:  b.parts[PartRemovals].close(),
		Withheld:  b.parts[PartWithheld].close(),
		Planned:   b.planned,
	}, nil
}

// dissolved is the removal of a group, and the part that it belongs to.
type dissolved struct {
	to     Part
	change Change
}

// putGone puts the removals of groups after those of all memberships.
func (b *Builder) putGone(gone []dissolved) error {
	if err := b.wave(PartRemovals); err != nil {
		return err
	}
	for _, group := range gone {
		if err := b.put(group.to, group.change); err != nil {
			return err
		}
	}
	return nil
}

// put puts changes that belong together into one chunk, or as few as they need.
func (b *Builder) put(to Part, changes ...Change) error {
	p := b.parts[to]
	if len(p.changes)+len(changes) > ChunkSize {
		if err := b.flush(to); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if len(p.changes) == ChunkSize {
			if err := b.flush(to); err != nil {
				return err
			}
		}
		p.changes = append(p.changes, c)
		p.digest.add(c)
		c.Count(&p.summary.Counts)
	}
	return nil
}

// flush hands over what has collected of a part.
func (b *Builder) flush(of Part) error {
	p := b.parts[of]
	if len(p.changes) == 0 {
		return nil
	}
	chunk := Chunk{Part: of, Number: p.summary.Chunks, First: p.first, Changes: p.changes}
	if p.fresh && p.summary.Chunks > 0 {
		p.summary.Waves = append(p.summary.Waves, p.summary.Chunks)
	}
	p.fresh = false
	p.first += len(p.changes)
	p.summary.Chunks++
	p.changes = nil
	return b.emit(chunk)
}

func (p *part) close() PartSummary {
	p.summary.Changes = p.first
	p.summary.ID = p.digest.String()
	return p.summary
}
