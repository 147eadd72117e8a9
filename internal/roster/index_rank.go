package roster

import (
	"cmp"
	"encoding/binary"

	"github.com/google/uuid"
)

// Ranks are the positions by member id.
func (ix *Index) Ranks() []uint32 {
	if ix.ranks == nil {
		ix.ranks = ranked(ix.Len(), ix.members.at)
	}
	return ix.ranks
}

// Recalled are the positions of those who would be in a Recall, by rank.
func (ix *Index) Recalled() []uint32 {
	positions := make([]uint32, 0, ix.Len())
	for _, pos := range ix.Ranks() {
		if ix.knows(int(pos)) {
			positions = append(positions, pos)
		}
	}
	return positions
}

// Fingerprint is that of those who would be in a Recall.
func (ix *Index) Fingerprint() Hash {
	var seen fingerprint
	for pos := range ix.Len() {
		if ix.knows(pos) {
			seen.add(ix.members.at(pos))
		}
	}
	return seen.sum
}

// fingerprint is equal for the same member ids, in any order: the sum of their hashes.
type fingerprint struct{ sum Hash }

func (f *fingerprint) add(member *uuid.UUID) { f.sum = f.sum.Plus(HashBytes(member[:])) }

func compareIDs(a, b *uuid.UUID) int {
	return cmp.Or(
		cmp.Compare(binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:])),
		cmp.Compare(binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:])),
	)
}

// ranked gives the numbers 0..n-1 by the ids that they have. Members come in the order of their ids for long stretches, as
// they were added and as few were changed since: so it finds these and merges them, two by two.
func ranked(n int, id func(int) *uuid.UUID) []uint32 {
	numbers, ends := make([]uint32, n), []int(nil)
	for i := range numbers {
		numbers[i] = uint32(i) //nolint:gosec // n is less than 2^31
		if i > 0 && compareIDs(id(i-1), id(i)) > 0 {
			ends = append(ends, i)
		}
	}
	if ends == nil {
		return numbers
	}
	ends = append(ends, n)
	for merged := make([]uint32, n); len(ends) > 1; numbers, merged = merged, numbers {
		from, left := 0, ends[:0]
		for i := 0; i < len(ends); i += 2 {
			middle, to := ends[i], ends[min(i+1, len(ends)-1)]
			merge(merged[from:to], numbers[from:middle], numbers[middle:to], id)
			from, left = to, append(left, to)
		}
		ends = left
	}
	return numbers
}

func merge(into, a, b []uint32, id func(int) *uuid.UUID) {
	for len(a) > 0 && len(b) > 0 {
		if compareIDs(id(int(a[0])), id(int(b[0]))) <= 0 {
			into[0], a = a[0], a[1:]
		} else {
			into[0], b = b[0], b[1:]
		}
		into = into[1:]
	}
	copy(into[copy(into, a):], b)
}
