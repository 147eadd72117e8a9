package roster

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"sync"

	"github.com/google/uuid"
)

// Recalled is a member who is present and knows a row: as much as reading a directory needs.
type Recalled struct {
	Member  uuid.UUID
	Row     Hash
	Columns uint64
}

// Recall finds members by the rows that they were brought in step with: the part of a tenant's index that tells a row
// that is known from one to be read. 36 bytes a member, and eight to sixteen to find it. Places 0..Len()-1 are in the
// order in which the members came.
//
// Rows may be looked up while members still come: Load is for one goroutine, all else for another.
type Recall struct {
	arrivals arrivals
	whole    bool // all have come
	members  slab[recollection]
	columns  []uint64 // that members' rows fill, each once
	slots    []uint32 // place plus one, by hash; 0: empty
	slotted  int      // how many members are in slots
	next     int      // the place after that of the row found last
	places   []uint32 // by rank; made when asked for
	ranks    []uint32 // likewise
}

// recollection is a Recalled as it is kept.
type recollection struct {
	member  uuid.UUID
	row     Hash
	columns uint32 // number of its columns in Recall.columns
}

// NewRecall is of the members that Load takes.
func NewRecall() *Recall {
	r := &Recall{}
	r.arrivals.changed.L = &r.arrivals.mu
	return r
}

// Load takes members in any order, once. Whoever looks for a row that isn't there waits until it returns.
func (r *Recall) Load(members iter.Seq2[Recalled, error]) (err error) {
	err = errors.New("recall rows: they broke off")
	defer func() { r.arrivals.end(err) }()
	var block []recollection
	columns := numberedColumns{numbers: map[uint64]uint32{}}
	for m, err := range members {
		if err != nil {
			return fmt.Errorf("recall rows: %w", err)
		}
		block = append(block, recollection{member: m.Member, row: m.Row, columns: columns.number(m.Columns)})
		if len(block) == slabBlock {
			r.arrivals.add(block, columns.all)
			block = make([]recollection, 0, slabBlock)
		}
	}
	if len(block) > 0 {
		r.arrivals.add(block, columns.all)
	}
	return nil
}

// numberedColumns numbers the columns that rows fill: of a million rows most fill the same ones.
type numberedColumns struct {
	all     []uint64
	numbers map[uint64]uint32
	last    uint32
}

func (c *numberedColumns) number(columns uint64) uint32 {
	if len(c.all) > 0 && c.all[c.last] == columns {
		return c.last
	}
	number, ok := c.numbers[columns]
	if !ok {
		number = uint32(len(c.all)) //nolint:gosec // Recall.more bounds it
		c.all, c.numbers[columns] = append(c.all, columns), number
	}
	c.last = number
	return number
}

// arrivals are members on their way from one goroutine to the other, in blocks of a slab's. They never hold up who reads
// them from a database.
type arrivals struct {
	mu      sync.Mutex
	changed sync.Cond
	blocks  [][]recollection
	columns []uint64 // of all that came; only ever appended to
	ended   bool
	failed  error
}

func (a *arrivals) add(block []recollection, columns []uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.blocks, a.columns = append(a.blocks, block), columns
	a.changed.Signal()
}

func (a *arrivals) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended, a.failed = true, err
	a.changed.Signal()
}

// take waits for further members. There are none left only where it returns none without an error.
func (a *arrivals) take() (blocks [][]recollection, columns []uint64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.blocks) == 0 && !a.ended {
		a.changed.Wait()
	}
	if a.failed != nil {
		return nil, nil, a.failed
	}
	blocks, a.blocks = a.blocks, nil
	return blocks, a.columns, nil
}

// more waits for further members and takes them in. It is false when there are none.
func (r *Recall) more() (bool, error) {
	if r.whole {
		return false, nil
	}
	blocks, columns, err := r.arrivals.take()
	if err != nil {
		return false, err
	}
	r.columns = columns
	for _, block := range blocks {
		r.members.addBlock(block)
	}
	if r.Len() > math.MaxInt32/2 {
		return false, fmt.Errorf("recall rows: %d members are too many", r.Len())
	}
	r.whole = len(blocks) == 0
	return !r.whole, nil
}

// Wait waits until all members have come: what is about all of them, all below but Columns, is right only then. Its error
// is Load's.
func (r *Recall) Wait() error {
	for {
		if more, err := r.more(); !more {
			return err
		}
	}
}

// Len is how many members there are.
func (r *Recall) Len() int { return r.members.len() }

// Find finds the place of the member who knows a row, and waits for it where not all have come. Reports keep their order,
// mostly: whoever came after the one found last is looked at first.
func (r *Recall) Find(row Hash) (place int, ok bool, err error) {
	for more := true; more; {
		if r.next >= r.Len() {
			if _, err := r.more(); err != nil {
				return 0, false, err
			}
		}
		if r.next < r.Len() && r.members.at(r.next).row == row {
			r.next++
			return r.next - 1, true, nil
		}
		if place, ok := r.lookUp(row); ok {
			r.next = place + 1
			return place, true, nil
		}
		if more, err = r.more(); err != nil {
			return 0, false, err
		}
	}
	return 0, false, nil
}

// FindAll finds the places of rows, which it adds to places, up to the first that no member knows.
func (r *Recall) FindAll(rows []Hash, places []int) ([]int, error) {
	for len(rows) > 0 {
		if r.whole && (r.next >= r.Len() || r.members.at(r.next).row != rows[0]) {
			return r.lookUpAll(rows, places), nil
		}
		place, ok, err := r.Find(rows[0])
		if !ok || err != nil {
			return places, err
		}
		places, rows = append(places, place), rows[1:]
	}
	return places, nil
}

// atOnce is how many rows lookUpAll asks for at once.
const atOnce = 64

// lookUpAll looks rows up as FindAll does. Where they are in no order each comes from memory that is far away, twice: so
// all are asked for before the first is waited for.
func (r *Recall) lookUpAll(rows []Hash, places []int) []int {
	r.slot()
	var slots [atOnce]uint32
	var heads [atOnce]byte
	for len(rows) > 0 {
		some := rows[:min(len(rows), atOnce)]
		rows = rows[len(some):]
		for i := range some {
			slots[i] = r.slots[r.first(some[i])]
		}
		for i := range some {
			if slots[i] > 0 {
				heads[i] = r.members.at(int(slots[i] - 1)).row[0]
			}
		}
		for i := range some {
			place, ok := int(slots[i])-1, slots[i] > 0
			if ok && (heads[i] != some[i][0] || r.members.at(place).row != some[i]) {
				place, ok = r.lookUp(some[i])
			}
			if !ok {
				return places
			}
			places = append(places, place)
			r.next = place + 1
		}
	}
	return places
}

// lookUp looks a row up among the members that have come.
func (r *Recall) lookUp(row Hash) (place int, ok bool) {
	r.slot()
	for slot := r.first(row); r.slots[slot] != 0; slot = (slot + 1) & (len(r.slots) - 1) {
		if place = int(r.slots[slot] - 1); r.members.at(place).row == row {
			return place, true
		}
	}
	return 0, false
}

// slot gives each member that has come a slot.
func (r *Recall) slot() {
	if size := len(r.slots); size < 2*r.Len() || size == 0 {
		for size = max(size, 1); size < 2*r.Len(); {
			size *= 2
		}
		r.slots, r.slotted = make([]uint32, size), 0
	}
	for ; r.slotted < r.Len(); r.slotted++ {
		slot := r.first(r.members.at(r.slotted).row)
		for r.slots[slot] != 0 {
			slot = (slot + 1) & (len(r.slots) - 1)
		}
		r.slots[slot] = uint32(r.slotted + 1) //nolint:gosec // more bounds it
	}
}

// first is the slot that a row is looked for in first.
func (r *Recall) first(row Hash) int {
	return int(binary.LittleEndian.Uint64(row[:]) & uint64(len(r.slots)-1)) //nolint:gosec // less than a length
}

// Columns are those that are filled in the row of the member at a place.
func (r *Recall) Columns(place int) uint64 { return r.columns[r.members.at(place).columns] }

// Ranks are the ranks by member id, by place.
func (r *Recall) Ranks() []uint32 {
	if r.ranks == nil {
		r.ranks = make([]uint32, r.Len())
		for rank, place := range r.Places() {
			r.ranks[place] = uint32(rank)
		}
	}
	return r.ranks
}

// Places are the places, by rank.
func (r *Recall) Places() []uint32 {
	if r.places == nil {
		r.places = ranked(r.Len(), func(place int) *uuid.UUID { return &r.members.at(place).member })
	}
	return r.places
}

// Fingerprint is equal where the same members have the same ranks.
func (r *Recall) Fingerprint() Hash {
	var seen fingerprint
	for place := range r.Len() {
		seen.add(&r.members.at(place).member)
	}
	return seen.sum
}
