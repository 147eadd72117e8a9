package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Check takes the rows of one complete report and judges them together: to which member each row belongs, which
// rows contradict each other, and who is absent. It is for one goroutine, Batch aside.
//
// A known row is only seen, not read. Law: the Findings are the same as if all rows had been read, and they don't
// depend on the order of the calls.
//
// It needs 56 bytes for a staged row and six for a member: keys, numbers and marks. Keys are 64-bit hashes, so a
// match may be wrong once in 2^64. Compare the texts before acting on a match.
type Check struct {
	index   *Index
	run     uuid.UUID
	kind    uint64
	primary uint64  // a row whose mask of columns has one of these bits says that it is the primary one
	seen    []int32 // by position: lowest number of the member's known row; 0: not seen
	anySeen bool    // a known row was seen
	repeats []repeatedRow
	staged  stagedRows
	names   []rejectedName
	unknown []unknownID
	links   links
	linked  []linkedRow

	// Set by Close.
	external    keyIndex // of staged
	email       keyIndex // of staged
	marks       []mark
	memberMarks []memberMark
	lookedUp    map[int32]person      // by position: members who may have to be compared with a row
	copies      map[rowRef]rowRef     // identical duplicates, and the row that is used instead
	unclear     map[rowRef][]int      // rows that may belong to these members, by position
	ranked      map[int32][]rankedRow // rows of linked members, by position
	outranked   map[rowRef]int32      // rows that another row of a linked member replaces, and that member's position
	unlinked    map[rowRef][]int32    // rows that are kept apart from members, and their positions
	takes       map[rowRef]int32      // used rows with the email of another member, and that member's position
}

// Lookup returns the members with the given ids, at most 1,000, in any order. It leaves out ids without a member.
type Lookup func(ids []uuid.UUID) ([]roster.Member, error)

// repeatedRow is a known row that was seen again, under a higher row number.
type repeatedRow struct{ pos, row int32 }

// rowFlags are facts about a staged row.
type rowFlags uint16

const (
	flagManager     rowFlags = 1 << iota // the row gives a manager; else the member's own stays
	flagIssues                           // the row has issues of its own
	flagByID                             // the owner was found by external id
	flagMoved                            // the owner isn't the one that assumeOwner found
	flagMembersOnly                      // see roster.Verdict
	flagRelinked                         // the owner has another external id
	flagLinked                           // a link says so
	flagPrimary                          // it says that it is the primary one of its worker
	flagOutOfScope                       // it counts as departed because of the tenant's scope
)

type status uint8

const (
	statusUnset status = iota // the member's own status stays
	statusActive
	statusInactive
	statusDeparted
)

// mark is what is known about a row besides its keys. A row without a mark of markUnused is used. A row with markDeparted
// makes nobody present.
type mark uint16

const (
	markRejected       mark = 1 << iota // rejected by itself
	markCopy                            // identical to a row with a lower number
	markSuperseded                      // another row of the person is used
	markExternal                        // another row with the same external id differs
	markEmail                           // another row with the same email differs
	markEmailTaken                      // a kept member has the email
	markLoop                            // the chain of managers leads back to the row
	markUnknownManager                  // nobody present has the manager's email
	markDeparted                        // it says that the person has left
	markNotAdded                        // it may be used only for a present member, and belongs to none
	markPosition                        // another row of the same worker is used
	markPositions                       // it is used, and other rows of the same worker aren't
	markUnclear                         // it may belong to a member with another external id
	markNoEmail                         // its email isn't used: it is ended, and another row with it is active
	markUnlinked                        // a person decided that it isn't a member's, and it is nobody else's

	markUnused = markRejected | markCopy | markSuperseded | markExternal | markEmail | markEmailTaken | markDeparted |
		markNotAdded | markPosition | markUnclear | markUnlinked
)

// memberMark is what the present rows say about a member.
type memberMark uint8

const (
	memberIDTaken     memberMark = 1 << iota // a row has the member's external id
	memberPresent                            // a row belongs to the member, so the member is present
	memberUsed                               // a used row belongs to the member
	memberProtected                          // no row does, but protection makes the member present
	memberRowDeparted                        // a row of the member says that the person has left
	memberStays                              // a row with the member's external id says neither inactive nor departed
	memberReleased                           // somebody else gets the member's email
	memberOutOfScope                         // memberRowDeparted, by a row that is out of scope
)

// rowRef refers to a present row: a position in the index for a known row, or Index.Len() plus the row's place in
// staged.
type rowRef int32

// Report is what a Check needs to know of a report.
type Report struct {
	Kind    string // kind of the external ids; "": there are none
	Primary uint64 // see roster.Bindings.PrimaryMask
}

// New returns a Check of a report. The run determines the ids of new members. Links come from the newest. After a decision,
// the rows of the members whom links name, and of those who have a link's id, must not be known.
func New(ix *Index, run uuid.UUID, of Report, links []roster.Link) *Check {
	c := &Check{
		index: ix, run: run, kind: roster.Key(of.Kind), primary: of.Primary,
		seen: make([]int32, ix.Len()), marks: make([]mark, ix.Len()), memberMarks: make([]memberMark, ix.Len()),
		lookedUp: map[int32]person{}, copies: map[rowRef]rowRef{}, unclear: map[rowRef][]int{},
		ranked: map[int32][]rankedRow{}, outranked: map[rowRef]int32{}, unlinked: map[rowRef][]int32{},
	}
	c.links = c.newLinks(links)
	return c
}

// See records that a known row was seen, by the position of its member. It returns false if the row was seen
// before.
func (c *Check) See(pos, row int) bool {
	c.anySeen = true
	seen := &c.seen[pos]
	if *seen == 0 {
		*seen = int32(row)
		return true
	}
	if *seen != int32(row) {
		c.repeats = append(c.repeats, repeatedRow{int32(pos), max(*seen, int32(row))})
		*seen = min(*seen, int32(row))
	}
	return false
}

// Add adds a row that was read and judged by itself.
func (c *Check) Add(v roster.Verdict) {
	var b Batch
	b.Reset(c)
	b.Add(&v)
	c.AddBatch(&b)
}

// Close judges the rows. No row may be added afterwards. It looks up the members whose seen rows share a key with
// other rows, which are few in a sound directory. The only error is one of lookUp.
func (c *Check) Close(lookUp Lookup) (*Findings, error) {
	c.staged.sort()
	slices.SortFunc(c.repeats, func(a, b repeatedRow) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.row, b.row))
	})
	c.external, c.email = newKeyIndexes(&c.staged.external, &c.staged.email)
	ids := c.rowsByKey(&c.index.byExternal, &c.external, c.externalOf)
	emails := c.rowsByKey(&c.index.byEmail, &c.email, c.emailOf)
	positions := slices.Concat(c.positionsOf(ids), c.positionsOf(emails), c.tiedMembers())
	if err := c.lookUp(lookUp, positions); err != nil {
		return nil, err
	}
	c.match()
	c.heedLinks()
	if err := c.relink(lookUp); err != nil {
		return nil, err
	}
	c.dropNames()
	c.findDuplicates(ids, emails)
	c.findNotAdded()
	c.findKept()
	return &Findings{check: c}, nil
}

// lookUp looks up the members at the given positions, each once. It sorts the positions.
func (c *Check) lookUp(find Lookup, positions []int32) error {
	const atOnce = 1000
	slices.Sort(positions)
	for some := range slices.Chunk(slices.Compact(slices.Clone(positions)), atOnce) {
		ids, at := make([]uuid.UUID, len(some)), make(map[uuid.UUID]int32, len(some))
		for i, pos := range some {
			ids[i] = c.index.Member(int(pos))
			at[ids[i]] = pos
		}
		members, err := find(ids)
		if err != nil {
			return fmt.Errorf("look at members: %w", err)
		}
		for i := range members {
			c.lookedUp[at[members[i].ID]] = personOf(&members[i])
		}
	}
	return nil
}

// stagedRef returns the reference to the i-th staged row.
func (c *Check) stagedRef(i int) rowRef { return rowRef(c.index.Len() + i) }

// of returns the record of a staged row. A seen row has none.
func (c *Check) of(p rowRef) (r *record, staged bool) {
	if i := int(p) - c.index.Len(); i >= 0 {
		return c.staged.at(i), true
	}
	return nil, false
}

func (c *Check) mark(p rowRef) *mark {
	if r, staged := c.of(p); staged {
		return &r.mark
	}
	return &c.marks[p]
}

func (c *Check) used(p rowRef) bool { return *c.mark(p)&markUnused == 0 }

func (c *Check) row(p rowRef) int {
	if r, staged := c.of(p); staged {
		return int(r.row)
	}
	return int(c.seen[p])
}

// owner returns the position of the member to whom the row belongs, or -1.
func (c *Check) owner(p rowRef) int {
	if r, staged := c.of(p); staged {
		return int(r.owner)
	}
	return int(p)
}

// externalOf returns the key of a row's external id. A seen row has its member's id if that is of the report's
// kind. A row that lacks its member's id is never known (see assignMember).
func (c *Check) externalOf(p rowRef) uint64 {
	if i := int(p) - c.index.Len(); i >= 0 {
		return *c.staged.external.At(i)
	}
	return c.memberExternal(int(p))
}

// memberExternal returns the key of a member's external id if it is of the report's kind, else 0.
func (c *Check) memberExternal(pos int) uint64 {
	if c.kind != 0 && c.index.kind(pos) == c.kind {
		return *c.index.external.At(pos)
	}
	return 0
}

// emailOf returns the key of a row's email, or 0 if the row isn't used with it.
func (c *Check) emailOf(p rowRef) uint64 {
	if *c.mark(p)&markNoEmail != 0 {
		return 0
	}
	if i := int(p) - c.index.Len(); i >= 0 {
		return *c.staged.email.At(i)
	}
	return *c.index.email.At(int(p))
}

// nameOf returns a hash of both names on a row, or 0. It is known of all staged rows, and of the seen rows that share a
// key.
func (c *Check) nameOf(p rowRef) uint32 {
	if i := int(p) - c.index.Len(); i >= 0 {
		return *c.staged.names.At(i)
	}
	return c.lookedUp[int32(p)].name
}

// contentOf returns the row's content hash. It is 0 for a seen row that shares no key, which nobody compares.
func (c *Check) contentOf(p rowRef) uint64 {
	if r, staged := c.of(p); staged {
		return r.content
	}
	return c.lookedUp[int32(p)].known.Content
}

func (c *Check) managerOf(p rowRef) uint64 {
	r, staged := c.of(p)
	switch {
	case !staged:
		return *c.index.manager.At(int(p))
	case r.flags&flagManager != 0:
		return r.manager
	case r.owner >= 0:
		return *c.index.manager.At(int(r.owner))
	}
	return 0
}

// isPrimary reports whether a row says that it is the primary one of its worker.
func (c *Check) isPrimary(p rowRef) bool {
	if r, staged := c.of(p); staged {
		return r.flags&flagPrimary != 0
	}
	return c.lookedUp[int32(p)].known.Columns&c.primary != 0
}

func (c *Check) active(p rowRef) bool {
	r, staged := c.of(p)
	switch {
	case !staged:
		return c.index.state(int(p)) == roster.StateActive
	case r.status == statusUnset:
		return r.owner < 0 || c.index.state(int(r.owner)) != roster.StateInactive
	}
	return r.status == statusActive
}
