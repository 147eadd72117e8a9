package main

import (
	"encoding/binary"
	"sync"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"github.com/rollcall/rollcall/internal/roster"
)

// index holds, for each member, the hash of the row (none if departed), the hash of the external id, and whether the
// row was seen.
type index struct {
	ids     []uuid.UUID
	hashes  []roster.Hash
	keys    []uint64
	seen    []bool
	slots   []int32 // position plus one, by hash; 0: empty
	byKey   []int32 // likewise, by key; built on the first unknown row
	keyOnce sync.Once
	mask    uint64
}

func (x *index) add(id uuid.UUID, hash roster.Hash, external []byte) {
	x.ids, x.hashes, x.keys = append(x.ids, id), append(x.hashes, hash), append(x.keys, xxh3.Hash(external))
}

// seal prepares the index for lookups after all members were added.
func (x *index) seal() {
	size := 16
	for size < 2*len(x.ids) {
		size *= 2
	}
	x.seen, x.slots, x.mask = make([]bool, len(x.ids)), make([]int32, size), uint64(size-1)
	for i, hash := range x.hashes {
		if hash == (roster.Hash{}) {
			x.seen[i] = true // has departed
			continue
		}
		slot := first(hash) & x.mask
		for x.slots[slot] != 0 {
			slot = (slot + 1) & x.mask
		}
		x.slots[slot] = int32(i + 1)
	}
}

// find returns the position of a row's hash, or -1.
func (x *index) find(hash roster.Hash) int {
	for slot := first(hash) & x.mask; x.slots[slot] != 0; slot = (slot + 1) & x.mask {
		if at := int(x.slots[slot] - 1); x.hashes[at] == hash {
			return at
		}
	}
	return -1
}

// among returns the ids of members that may have one of the external ids. The caller compares them.
func (x *index) among(external [][]byte) (ids []uuid.UUID) {
	x.keyOnce.Do(x.sealKeys)
	for _, text := range external {
		key := xxh3.Hash(text)
		for slot := key & x.mask; x.byKey[slot] != 0; slot = (slot + 1) & x.mask {
			if at := x.byKey[slot] - 1; x.keys[at] == key {
				ids = append(ids, x.ids[at])
				break
			}
		}
	}
	return ids
}

func (x *index) sealKeys() {
	x.byKey = make([]int32, len(x.slots))
	for i, key := range x.keys {
		slot := key & x.mask
		for x.byKey[slot] != 0 {
			slot = (slot + 1) & x.mask
		}
		x.byKey[slot] = int32(i + 1)
	}
}

func first(hash roster.Hash) uint64 { return binary.LittleEndian.Uint64(hash[:]) }

// unseen returns the ids of the members whose rows weren't seen.
func (x *index) unseen() (ids []uuid.UUID) {
	for i, seen := range x.seen {
		if !seen {
			ids = append(ids, x.ids[i])
		}
	}
	return ids
}
