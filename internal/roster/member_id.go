package roster

import (
	"bytes"
	"encoding/binary"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"
)

// NewMemberID returns the id of the member that a run adds for a row. It depends on the run and the row only, so
// that a retry makes the same id. It is a UUIDv7: the run's time, the row, and 42 bits of a hash. The ids of a run
// ascend with their rows.
func NewMemberID(run uuid.UUID, row int) uuid.UUID {
	var seed [len(run) + 8]byte
	copy(seed[:], run[:])
	binary.BigEndian.PutUint64(seed[len(run):], uint64(row))
	return newID(run, row, xxh3.Hash(seed[:]))
}

// NewGroupID returns the id of the group that a run adds for a key. place is the key's index among all sorted keys.
// The id depends on the three arguments only. The ids of a run ascend with their keys, so that a database stores
// the memberships of new groups together.
func NewGroupID(run uuid.UUID, place int, key string) uuid.UUID {
	return newID(run, place, xxh3.HashStringSeed(key, binary.BigEndian.Uint64(run[8:])))
}

// newID returns a UUIDv7 of the run's time, a number and 42 bits of a hash.
func newID(run uuid.UUID, number int, hash uint64) (id uuid.UUID) {
	copy(id[:6], run[:6])
	binary.BigEndian.PutUint16(id[6:], 7<<12|uint16(uint32(number)>>20))
	binary.BigEndian.PutUint64(id[8:], 2<<62|uint64(number&(1<<20-1))<<42|hash&(1<<42-1))
	return id
}

// RowsBetween returns the number of rows from one member's id to another's, both included. It returns false unless
// one run made both ids.
func RowsBetween(first, last uuid.UUID) (int, bool) {
	if [6]byte(first[:6]) != [6]byte(last[:6]) || first.Version() != 7 || last.Version() != 7 {
		return 0, false
	}
	return rowOf(last) - rowOf(first) + 1, true
}

// rowOf returns the row in an id that NewMemberID made.
func rowOf(id uuid.UUID) int {
	return int(binary.BigEndian.Uint16(id[6:])&(1<<12-1))<<20 | int(binary.BigEndian.Uint64(id[8:])>>42&(1<<20-1))
}

// CompareIDs compares ids of members, groups or runs by their bytes.
func CompareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
