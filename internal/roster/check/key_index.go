package check

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"

	"github.com/rollcall/rollcall/internal/slab"
)

// keyIndex finds positions by a 64-bit key without storing the keys. It holds the positions sorted by key, and
// where the keys with the same topmost bits start. Keys are hashes, so these buckets have similar lengths and a
// lookup reads about two positions. It takes about six bytes a position. Key 0 means none and is left out.
type keyIndex struct {
	keys      *slab.Slab[uint64] // by position
	positions []uint32
	starts    []uint32
	repeats   []uint32 // where in positions the keys with two or more positions start
	shift     int
}

// newKeyIndex indexes keys. The positions of one key are in ascending order.
func newKeyIndex(keys *slab.Slab[uint64]) keyIndex {
	filled := 0
	for _, block := range keys.Blocks() {
		for _, key := range block {
			if key != 0 {
				filled++
			}
		}
	}
	width := bits.Len(uint(filled / 2))
	o := keyIndex{
		keys:      keys,
		positions: make([]uint32, filled),
		starts:    make([]uint32, 1<<width+2),
		shift:     64 - width,
	}
	// Counting sort by the topmost bits. Counts are two places ahead: placing the positions turns them into starts.
	for _, block := range keys.Blocks() {
		for _, key := range block {
			if key != 0 {
				o.starts[o.part(key)+2]++
			}
		}
	}
	for i := 2; i < len(o.starts); i++ {
		o.starts[i] += o.starts[i-1]
	}
	pos := uint32(0)
	for _, block := range keys.Blocks() {
		for _, key := range block {
			if key != 0 {
				at := &o.starts[o.part(key)+1]
				o.positions[*at] = pos
				*at++
			}
			pos++
		}
	}
	o.sort(1 << width)
	return o
}

// newKeyIndexes builds two indexes in parallel.
func newKeyIndexes(first, second *slab.Slab[uint64]) (a, b keyIndex) {
	var other sync.WaitGroup
	other.Go(func() { b = newKeyIndex(second) })
	a = newKeyIndex(first)
	other.Wait()
	return a, b
}

// keyed is a position with its key.
type keyed struct {
	key uint64
	pos uint32
}

// sort sorts each bucket.
func (o *keyIndex) sort(parts int) {
	var part []keyed
	for i := range parts {
		positions := o.positions[o.starts[i]:o.starts[i+1]]
		if len(positions) < 2 {
			continue
		}
		part = part[:0]
		for _, pos := range positions {
			part = append(part, keyed{*o.keys.At(int(pos)), pos})
		}
		slices.SortFunc(part, func(a, b keyed) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.pos, b.pos))
		})
		for at, k := range part {
			positions[at] = k.pos
			if repeated := at > 0 && k.key == part[at-1].key; repeated && (at == 1 || k.key != part[at-2].key) {
				o.repeats = append(o.repeats, o.starts[i]+uint32(at-1)) //nolint:gosec // less than starts[i+1]
			}
		}
	}
}

// part returns the number of a key's bucket: its topmost bits.
func (o *keyIndex) part(key uint64) uint64 { return key >> o.shift }

// find returns the positions with a key.
func (o *keyIndex) find(want uint64) []uint32 {
	if want == 0 || len(o.positions) == 0 {
		return nil
	}
	part := o.positions[o.starts[o.part(want)]:o.starts[o.part(want)+1]]
	if len(part) > 8 {
		from, _ := slices.BinarySearchFunc(part, want, func(pos uint32, want uint64) int {
			return cmp.Compare(*o.keys.At(int(pos)), want)
		})
		to, _ := slices.BinarySearchFunc(part[from:], want, func(pos uint32, want uint64) int {
			if *o.keys.At(int(pos)) == want {
				return -1
			}
			return 1
		})
		return part[from : from+to]
	}
	for from, pos := range part {
		if *o.keys.At(int(pos)) != want {
			continue
		}
		to := from + 1
		for to < len(part) && *o.keys.At(int(part[to])) == want {
			to++
		}
		return part[from:to]
	}
	return nil
}

// run returns the positions with the same key, starting at an offset.
func (o *keyIndex) run(from int) (key uint64, positions []uint32) {
	key, to := *o.keys.At(int(o.positions[from])), from+1
	for to < len(o.positions) && *o.keys.At(int(o.positions[to])) == key {
		to++
	}
	return key, o.positions[from:to]
}

// repeated calls each for every key with two or more positions.
func (o *keyIndex) repeated(each func(key uint64, positions []uint32)) {
	for _, from := range o.repeats {
		each(o.run(int(from)))
	}
}
