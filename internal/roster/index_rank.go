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

// ranked gives the numbers 0..n-1 by the ids that they have. Members stand in the order of their ids for long stretches, as
// a few writers added them side by side and as some were changed since: so it deals them to a few piles that are in order,
// and merges these, two by two.
func ranked(n int, id func(int) *uuid.UUID) []uint32 {
	piles, ends := deal(n, id)
	numbers := make([]uint32, n)
	if piles == nil {
		for i := range numbers {
			numbers[i] = uint32(i) //nolint:gosec // n is less than 2^31
		}
		slices.SortFunc(numbers, func(a, b uint32) int { return compareIDs(id(int(a)), id(int(b))) })
		return numbers
	}
	next := append([]int{0}, ends...)
	for i, pile := range piles {
		numbers[next[pile]] = uint32(i) //nolint:gosec // likewise
		next[pile]++
	}
	if len(ends) < 2 {
		return numbers
	}
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

// deal says to which pile each number goes, and where each pile ends in a row of all of them; nil where there would be many.
func deal(n int, id func(int) *uuid.UUID) (piles []uint8, ends []int) {
	const most = 64
	piles = make([]uint8, n)
	var tops []*uuid.UUID
	pile := 0 // that of the number before
	for i := range n {
		own := id(i)
		if len(tops) == 0 || compareIDs(tops[pile], own) > 0 {
			pile = 0
			for pile < len(tops) && compareIDs(tops[pile], own) > 0 {
				pile++
			}
			if pile == most {
				return nil, nil
			}
			if pile == len(tops) {
				tops, ends = append(tops, nil), append(ends, 0)
			}
		}
		tops[pile], piles[i] = own, uint8(pile) //nolint:gosec // less than most
		ends[pile]++
	}
	for pile := 1; pile < len(ends); pile++ {
		ends[pile] += ends[pile-1]
	}
	return piles, ends
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
