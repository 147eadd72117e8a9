package check

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// order finds positions by a 64-bit key without holding the keys: positions sorted by key, and where in them the keys
// begin that share their topmost bits. Keys are hashes, so these parts are about equally long: a lookup touches two
// positions or so. About six bytes per position. Key 0 is "none" and is left out.
type keyIndex struct {
	keys      *slab[uint64] // by position
	positions []uint32
	starts    []uint32
	repeats   []uint32 // where in positions the keys begin that two or more have
	shift     int
}

// newOrder orders the positions of keys. Among those with the same key the lower position comes first.
func newKeyIndex(keys *slab[uint64]) keyIndex {
	filled := 0
	for _, block := range keys.blocks {
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
	// Counting sort by the topmost bits. Counts stand two places further on, so that after placing each start is right.
	for _, block := range keys.blocks {
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
	for _, block := range keys.blocks {
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

// newOrders makes two orders side by side, as each is a core's work for some time.
func newKeyIndexes(first, second *slab[uint64]) (a, b keyIndex) {
	var other sync.WaitGroup
	other.Go(func() { b = newKeyIndex(second) })
	a = newKeyIndex(first)
	other.Wait()
	return a, b
}

// keyed is a position with its key at hand.
type keyed struct {
	key uint64
	pos uint32
}

// sort puts each of the parts in order.
func (o *keyIndex) sort(parts int) {
	var part []keyed
	for i := range parts {
		positions := o.positions[o.starts[i]:o.starts[i+1]]
		if len(positions) < 2 {
			continue
		}
		part = part[:0]
		for _, pos := range positions {
			part = append(part, keyed{*o.keys.at(int(pos)), pos})
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

// part is the number made of the key's topmost bits.
func (o *keyIndex) part(key uint64) uint64 { return key >> o.shift }

// find is the positions with that key.
func (o *keyIndex) find(want uint64) []uint32 {
	if want == 0 || len(o.positions) == 0 {
		return nil
	}
	part := o.positions[o.starts[o.part(want)]:o.starts[o.part(want)+1]]
	if len(part) > 8 {
		from, _ := slices.BinarySearchFunc(part, want, func(pos uint32, want uint64) int {
			return cmp.Compare(*o.keys.at(int(pos)), want)
		})
		to, _ := slices.BinarySearchFunc(part[from:], want, func(pos uint32, want uint64) int {
			if *o.keys.at(int(pos)) == want {
				return -1
			}
			return 1
		})
		return part[from : from+to]
	}
	for from, pos := range part {
		if *o.keys.at(int(pos)) != want {
			continue
		}
		to := from + 1
		for to < len(part) && *o.keys.at(int(part[to])) == want {
			to++
		}
		return part[from:to]
	}
	return nil
}

// run is the positions, from a place among them on, that have the same key.
func (o *keyIndex) run(from int) (key uint64, positions []uint32) {
	key, to := *o.keys.at(int(o.positions[from])), from+1
	for to < len(o.positions) && *o.keys.at(int(o.positions[to])) == key {
		to++
	}
	return key, o.positions[from:to]
}

// runs hands over each key that positions have, with its positions.
func (o *keyIndex) runs(each func(key uint64, positions []uint32)) {
	for from := 0; from < len(o.positions); {
		key, positions := o.run(from)
		each(key, positions)
		from += len(positions)
	}
}

// repeated hands over each key that two or more positions have, with its positions.
func (o *keyIndex) repeated(each func(key uint64, positions []uint32)) {
	for _, from := range o.repeats {
		each(o.run(int(from)))
	}
}
