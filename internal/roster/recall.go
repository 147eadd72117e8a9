package roster

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"

	"github.com/google/uuid"
)

// Recalled is a member who is present and knows a row: as much as reading a directory needs.
type Recalled struct {
	Member  uuid.UUID
	Row     Hash
	Columns uint64
}

// Recall finds members by the rows that they were brought in step with: the part of a tenant's index that tells a row
// that is known from one to be read. 40 bytes a member, and eight to sixteen to find it. Places 0..Len()-1 are in the
// order in which the members came. It is for one goroutine.
type Recall struct {
	members slab[Recalled]
	slots   []uint32 // place plus one, by hash; 0: empty
	next    int      // the place after that of the row found last
	places  []uint32 // by rank; made when asked for
	ranks   []uint32 // likewise
}

// NewRecall takes members in any order.
func NewRecall(members iter.Seq2[Recalled, error]) (*Recall, error) {
	r := &Recall{}
	for m, err := range members {
		if err != nil {
			return nil, fmt.Errorf("recall rows: %w", err)
		}
		r.members.add(m)
	}
	if r.Len() > math.MaxInt32/2 {
		return nil, fmt.Errorf("recall rows: %d members are too many", r.Len())
	}
	size := 1
	for size < 2*r.Len() {
		size *= 2
	}
	r.slots = make([]uint32, size)
	for place := range r.Len() {
		slot := r.slot(r.members.at(place).Row)
		for r.slots[slot] != 0 {
			slot = (slot + 1) & uint64(size-1)
		}
		r.slots[slot] = uint32(place + 1)
	}
	return r, nil
}

func (r *Recall) slot(row Hash) uint64 {
	return binary.LittleEndian.Uint64(row[:]) & uint64(len(r.slots)-1)
}

// Len is how many members there are.
func (r *Recall) Len() int { return r.members.len() }

// Find finds the place of the member who knows a row. Reports keep their order, mostly: whoever came after the one found
// last is looked at first.
func (r *Recall) Find(row Hash) (place int, ok bool) {
	if r.next < r.Len() && r.members.at(r.next).Row == row {
		r.next++
		return r.next - 1, true
	}
	for slot := r.slot(row); r.slots[slot] != 0; slot = (slot + 1) & uint64(len(r.slots)-1) {
		if place = int(r.slots[slot] - 1); r.members.at(place).Row == row {
			r.next = place + 1
			return place, true
		}
	}
	return 0, false
}

// Columns are those that are filled in the row of the member at a place.
func (r *Recall) Columns(place int) uint64 { return r.members.at(place).Columns }

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
		r.places = ranked(r.Len(), func(place int) *uuid.UUID { return &r.members.at(place).Member })
	}
	return r.places
}

// Fingerprint is equal where the same members have the same ranks.
func (r *Recall) Fingerprint() Hash {
	var seen fingerprint
	for place := range r.Len() {
		seen.add(&r.members.at(place).Member)
	}
	return seen.sum
}
