package roster

import (
	"cmp"
	"encoding/binary"
	"slices"

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
func (ix *Index) Fingerprint() Hash { return ix.recalled.sum }

// fingerprint is equal for the same member ids, in any order: the sum of their hashes.
type fingerprint struct{ sum Hash }

func (f *fingerprint) add(member *uuid.UUID) { f.sum = f.sum.Plus(HashBytes(member[:])) }

func compareIDs(a, b *uuid.UUID) int {
	return cmp.Or(
		cmp.Compare(binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:])),
		cmp.Compare(binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:])),
	)
}

// ranked gives the numbers 0..n-1 by the ids that they have. Members stand in the order of their ids for stretches of a page of
// a table or more, as a few writers added them side by side and as some were changed since: so it merges these stretches.
func ranked(n int, id func(int) *uuid.UUID) []uint32 {
	numbers := make([]uint32, n)
	rest := stretchesOf(n, id)
	if rest == nil {
		for i := range numbers {
			numbers[i] = uint32(i) //nolint:gosec // n is less than 2^31
		}
		slices.SortFunc(numbers, func(a, b uint32) int { return compareIDs(id(int(a)), id(int(b))) })
		return numbers
	}
	for i := range numbers {
		least := &rest[0]
		numbers[i] = least.next
		if least.next++; least.next < least.end {
			least.read(id)
		} else {
			rest[0] = rest[len(rest)-1]
			rest = rest[:len(rest)-1]
		}
		sink(rest, 0)
	}
	return numbers
}

// stretch is numbers one after the other that have rising ids.
type stretch struct {
	high, low uint64 // the id of next
	next, end uint32
}

func (s *stretch) read(id func(int) *uuid.UUID) {
	first := id(int(s.next))
	s.high, s.low = binary.BigEndian.Uint64(first[:]), binary.BigEndian.Uint64(first[8:])
}

func (s *stretch) before(other *stretch) bool {
	return s.high < other.high || s.high == other.high && s.low < other.low
}

// stretchesOf cuts numbers into stretches, as a heap with the least id on top; nil where they would be many.
func stretchesOf(n int, id func(int) *uuid.UUID) []stretch {
	stretches := make([]stretch, 0, 16)
	for i := range n {
		if i == 0 || compareIDs(id(i-1), id(i)) > 0 {
			if len(stretches) > n/4 {
				return nil
			}
			stretches = append(stretches, stretch{next: uint32(i)}) //nolint:gosec // n is less than 2^31
		}
		stretches[len(stretches)-1].end = uint32(i + 1) //nolint:gosec // likewise
	}
	for i := len(stretches) - 1; i >= 0; i-- {
		stretches[i].read(id)
		sink(stretches, i)
	}
	return stretches
}

// sink makes a heap of stretches one again, of which that one may have become too great for its place.
func sink(stretches []stretch, at int) {
	for {
		child := 2*at + 1
		if child >= len(stretches) {
			return
		}
		if child+1 < len(stretches) && stretches[child+1].before(&stretches[child]) {
			child++
		}
		if !stretches[child].before(&stretches[at]) {
			return
		}
		stretches[at], stretches[child] = stretches[child], stretches[at]
		at = child
	}
}
