package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Census takes in every row of one complete report and then judges them together: which row is whose, which rows
// contradict each other, who is absent. Rows that the index knows are merely sighted; the law is that the findings are
// the same as if all of them had been read, and that they don't depend on the order of the calls.
//
// It keeps 52 bytes a staged row and six a member: keys, numbers and marks. Keys are 64-bit hashes, so a match may be
// wrong once in 2^64; whoever acts on it has both texts at hand, and compares them.
type Check struct {
	index   *Index
	run     uuid.UUID
	kind    uint64
	seen    []int32 // by position: lowest row number at which the known row was sighted; 0: not
	anySeen bool    // row was sighted
	repeats []repeatedRow
	staged  stagedRows
	names   []rejectedName

	// From Close on.
	external    keyIndex // of staged
	email       keyIndex // of staged
	marks       []mark
	memberMarks []memberMark
	lookedUp    map[int32]roster.Known // by position: of those members whose row shares a key with another
	copies      map[rowRef]rowRef      // identical duplicates, and which row is used in their place
}

// Look gives members by id, in any order; who isn't there is left out. It is asked for a thousand at most.
type Lookup func(ids []uuid.UUID) ([]roster.Member, error)

// sighting is a known row seen once more.
type repeatedRow struct{ pos, row int32 }

// has is what else is to be known of a staged row.
type rowFlags uint8

const (
	flagManager rowFlags = 1 << iota // manager says something; else the member's own stays
	flagIssues                       // of its own
	flagByID                         // its owner was found by external id
	flagMoved                        // its owner isn't the one it was presumed to have
)

type status uint8

const (
	statusUnset status = iota // the member's own stays
	statusActive
	statusInactive
)

// mark is what was found of a present row. One without any mark but loop or stranger is used.
type mark uint8

const (
	markRejected       mark = 1 << iota // by its own faults
	markCopy                            // the same as a row with a lower number
	markSuperseded                      // inactive, and another row of that person is active
	markExternal                        // its external id is on a row that differs
	markEmail                           // its email is on a row that differs
	markEmailTaken                      // its email belongs to a member who is kept
	markLoop                            // its line of managers leads back to it
	markUnknownManager                  // its manager is nobody here

	markUnused = markRejected | markCopy | markSuperseded | markExternal | markEmail | markEmailTaken
)

// hold is what present rows make of a member.
type memberMark uint8

const (
	memberIDTaken   memberMark = 1 << iota // some row has this member's external id
	memberPresent                          // some row is this member's: the member is present
	memberUsed                             // a used row is this member's
	memberProtected                        // no row is: the member counts as present because it is protected
)

// person is a present row: the position of a known member whose row was sighted, or Index.Len() + its place in staged.
type rowRef int32

// NewCensus begins a census. The run makes new members' ids. Kind is the external kind of this report's users, "" when it
// has no column for external ids.
func New(ix *Index, run uuid.UUID, kind string) *Check {
	return &Check{
		index: ix, run: run, kind: roster.Key(kind),
		seen: make([]int32, ix.Len()), marks: make([]mark, ix.Len()), memberMarks: make([]memberMark, ix.Len()),
		lookedUp: map[int32]roster.Known{}, copies: map[rowRef]rowRef{},
	}
}

// Sight takes in a row that the index knows, by the position of its member. It tells whether it is the first one.
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

// Accept takes in a row that was read and keeps to the rules of rows.
func (c *Check) Accept(u roster.User) { c.staged.add(c.stage(&u, &record{})) }

// Reject takes in a row that was read and breaks a rule, with whatever identity could be made out.
func (c *Check) Reject(u roster.User) {
	row := c.stage(&u, &record{})
	row.mark = markRejected
	c.staged.add(row)
	c.names = appendName(c.names, &u)
}

// Close ends the intake and judges. It looks at the members whose rows were sighted and share a key with other rows: there
// are few of them, unless something is wrong.
func (c *Check) Close(look Lookup) (*Findings, error) {
	c.staged.sort()
	slices.SortFunc(c.repeats, func(a, b repeatedRow) int { return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.row, b.row)) })
	c.external, c.email = newKeyIndexes(&c.staged.external, &c.staged.email)
	ids := c.rowsByKey(&c.index.byExternal, &c.external, c.externalOf)
	emails := c.rowsByKey(&c.index.byEmail, &c.email, c.emailOf)
	if err := c.lookUp(look, slices.Concat(c.seenPositions(ids), c.seenPositions(emails), c.tiedMembers())); err != nil {
		return nil, err
	}
	c.match()
	c.dropNames()
	c.findDuplicates(ids, emails)
	c.findKept()
	return &Findings{check: c}, nil
}

// look looks at the members at some positions, each of them once.
func (c *Check) lookUp(look Lookup, positions []int32) error {
	const atOnce = 1000
	slices.Sort(positions)
	for some := range slices.Chunk(slices.Compact(positions), atOnce) {
		ids, at := make([]uuid.UUID, len(some)), make(map[uuid.UUID]int32, len(some))
		for i, pos := range some {
			ids[i] = c.index.Member(int(pos))
			at[ids[i]] = pos
		}
		members, err := look(ids)
		if err != nil {
			return fmt.Errorf("look at members: %w", err)
		}
		for i := range members {
			c.lookedUp[at[members[i].ID]] = members[i].Known
		}
	}
	return nil
}

// stagedPerson is the person of the i-th staged row.
func (c *Check) stagedRef(i int) rowRef { return rowRef(c.index.Len() + i) }

// of is the staged row of a person; sighted ones have none.
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

// owner is the position of the member whose row it is; -1: nobody's.
func (c *Check) owner(p rowRef) int {
	if r, staged := c.of(p); staged {
		return int(r.owner)
	}
	return int(p)
}

// externalOf is the external id on a person's row. A known row has the one of its member when that is of this report's
// kind: a member who has one that the row lacks is never known by its row (see Findings.Settle).
func (c *Check) externalOf(p rowRef) uint64 {
	if i := int(p) - c.index.Len(); i >= 0 {
		return *c.staged.external.at(i)
	}
	return c.memberExternal(int(p))
}

// memberExternal is a member's external id when it is of this report's kind.
func (c *Check) memberExternal(pos int) uint64 {
	if c.kind != 0 && c.index.kind(pos) == c.kind {
		return *c.index.external.at(pos)
	}
	return 0
}

func (c *Check) emailOf(p rowRef) uint64 {
	if i := int(p) - c.index.Len(); i >= 0 {
		return *c.staged.email.at(i)
	}
	return *c.index.email.at(int(p))
}

// contentOf is 0 for a known row that shares no key with another: nobody compares it.
func (c *Check) contentOf(p rowRef) uint64 {
	if r, staged := c.of(p); staged {
		return r.content
	}
	return c.lookedUp[int32(p)].Content
}

func (c *Check) managerOf(p rowRef) uint64 {
	r, staged := c.of(p)
	switch {
	case !staged:
		return *c.index.manager.at(int(p))
	case r.flags&flagManager != 0:
		return r.manager
	case r.owner >= 0:
		return *c.index.manager.at(int(r.owner))
	}
	return 0
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
