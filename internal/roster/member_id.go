package roster

import (
	"encoding/binary"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"
)

// NewMemberID is the id of the member whom a run makes from a row: always the same for the same run and row, so that an
// attempt made again makes the same member. It is a UUIDv7: the run's time, then the row, then 42 bits of a hash; ids
// of one run ascend with their rows.
func NewMemberID(run uuid.UUID, row int) uuid.UUID {
	var seed [len(run) + 8]byte
	copy(seed[:], run[:])
	binary.BigEndian.PutUint64(seed[len(run):], uint64(row))
	return newID(run, row, xxh3.Hash(seed[:]))
}

// NewGroupID is the id of the group that a run makes of a key, which is at a place among all keys, sorted: always the same for
// the same three. Ids of one run ascend with their keys, so that a database has the memberships of groups that came together
// in one place.
func NewGroupID(run uuid.UUID, place int, key string) uuid.UUID {
	return newID(run, place, xxh3.HashStringSeed(key, binary.BigEndian.Uint64(run[8:])))
}

// newID is a UUIDv7 of a run's time, a number and 42 bits of a hash.
func newID(run uuid.UUID, number int, hash uint64) (id uuid.UUID) {
	copy(id[:6], run[:6])
	binary.BigEndian.PutUint16(id[6:], 7<<12|uint16(uint32(number)>>20))
	binary.BigEndian.PutUint64(id[8:], 2<<62|uint64(number&(1<<20-1))<<42|hash&(1<<42-1))
	return id
}

// RowsBetween is how many rows lie from one member's id to another's, both included; false: no run made both of them.
func RowsBetween(first, last uuid.UUID) (int, bool) {
	if [6]byte(first[:6]) != [6]byte(last[:6]) || first.Version() != 7 || last.Version() != 7 {
		return 0, false
	}
	return rowOf(last) - rowOf(first) + 1, true
}

// madeFrom is the row that NewMemberID put into an id.
func rowOf(id uuid.UUID) int {
	return int(binary.BigEndian.Uint16(id[6:])&(1<<12-1))<<20 | int(binary.BigEndian.Uint64(id[8:])>>42&(1<<20-1))
}
