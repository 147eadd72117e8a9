package floor

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// index is what is known of the members: the hash of each one's row, and whether somebody has shown it.
type index struct {
	ids    []uuid.UUID
	hashes []roster.Hash
	seen   []bool
	slots  []int32 // position plus one, by hash; 0: empty
	mask   uint64
}

func (x *index) add(id uuid.UUID, hash roster.Hash) {
	x.ids, x.hashes = append(x.ids, id), append(x.hashes, hash)
}

// seal makes the index ready for lookups, once all are added.
func (x *index) seal() {
	size := 16
	for size < 2*len(x.ids) {
		size *= 2
	}
	x.seen, x.slots, x.mask = make([]bool, len(x.ids)), make([]int32, size), uint64(size-1)
	for i, hash := range x.hashes {
		slot := first(hash) & x.mask
		for x.slots[slot] != 0 {
			slot = (slot + 1) & x.mask
		}
		x.slots[slot] = int32(i + 1)
	}
}

// find is the position of a row's hash, -1 when there is none.
func (x *index) find(hash roster.Hash) int {
	for slot := first(hash) & x.mask; x.slots[slot] != 0; slot = (slot + 1) & x.mask {
		if at := int(x.slots[slot] - 1); x.hashes[at] == hash {
			return at
		}
	}
	return -1
}

func first(hash roster.Hash) uint64 { return binary.LittleEndian.Uint64(hash[:]) }

// unseen are the ids of those that nobody has shown.
func (x *index) unseen() (ids []uuid.UUID) {
	for i, seen := range x.seen {
		if !seen {
			ids = append(ids, x.ids[i])
		}
	}
	return ids
}
