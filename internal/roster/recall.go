package roster

import (
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
// Rows may be looked up while members still come, and some may then not be found yet. Load is for one goroutine, all else for
// another.
type Recall struct {
	// Lead is how many more members have come than rows were found when a row isn't waited for any more. Where several added
	// them side by side one's may stand that far behind those of the others.
	Lead int

	arrivals arrivals
	whole    bool // all have come
	members  slab[recollection]
	columns  []uint64 // that members' rows fill, each once
	slots    slots    // of members
	found    int      // rows
	trail    trail
	ranks    []uint32 // made when asked for

	places      func() []uint32 // likewise
	fingerprint func() Hash
}

// recollection is a Recalled as it is kept.
type recollection struct {
	member  uuid.UUID
	row     Hash
	columns uint32 // number of its columns in Recall.columns
}

// NewRecall is of the members that Load takes.
func NewRecall() *Recall {
	r := &Recall{Lead: 1 << 17}
	r.arrivals.changed.L = &r.arrivals.mu
	r.places = sync.OnceValue(func() []uint32 {
		return ranked(r.Len(), func(place int) *uuid.UUID { return &r.members.at(place).member })
	})
	r.fingerprint = sync.OnceValue(func() Hash {
		var seen fingerprint
		for place := range r.Len() {
			seen.add(&r.members.at(place).member)
		}
		return seen.sum
	})
	return r
}

// Load takes members in any order, once.
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

// come takes in the members that have come since, and waits for some if told to.
func (r *Recall) come(wait bool) error {
	if r.whole {
		return nil
	}
	blocks, columns, all, err := r.arrivals.take(wait)
	if err != nil {
		return err
	}
	r.columns, r.whole = columns, all
	for _, block := range blocks {
		r.members.addBlock(block)
	}
	if r.Len() > math.MaxInt32/2 {
		return fmt.Errorf("recall rows: %d members are too many", r.Len())
	}
	return nil
}

// Whole tells whether all members have come, as far as was looked: whoever isn't found then is nobody.
func (r *Recall) Whole() bool { return r.whole }

// Wait waits until all members have come: what is about all of them, all below but Columns, is right only then. Its error
// is Load's.
func (r *Recall) Wait() error {
	for !r.whole {
		if err := r.come(true); err != nil {
			return err
		}
	}
	return nil
}

// Len is how many members there are.
func (r *Recall) Len() int { return r.members.len() }

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

// Places are the places, by rank. They and the Fingerprint may be asked for by several goroutines at once.
func (r *Recall) Places() []uint32 { return r.places() }

// Fingerprint is equal where the same members have the same ranks.
func (r *Recall) Fingerprint() Hash { return r.fingerprint() }
