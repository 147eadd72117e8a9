package roster

import (
	"cmp"
	"math/bits"
	"slices"
)

// order finds positions by a 64-bit key without holding the keys: positions sorted by key, and where in them the keys
// begin that share their topmost bits. Keys are hashes, so these parts are about equally long: a lookup touches four
// positions or so. About five bytes per position. Key 0 is "none" and is left out.
type order struct {
	positions []uint32
	starts    []uint32
	shift     int
}

// newOrder orders the positions 0..n-1.
func newOrder(n int, key func(pos int) uint64) order {
	filled := 0
	for pos := range n {
		if key(pos) != 0 {
			filled++
		}
	}
	width := bits.Len(uint(filled / 4))
	o := order{
		positions: make([]uint32, filled),
		starts:    make([]uint32, 1<<width+2),
		shift:     64 - width,
	}
	// Counting sort by the topmost bits. Counts stand two places further on, so that after placing each start is right.
	for pos := range n {
		if k := key(pos); k != 0 {
			o.starts[o.part(k)+2]++
		}
	}
	for i := 2; i < len(o.starts); i++ {
		o.starts[i] += o.starts[i-1]
	}
	for pos := range n {
		if k := key(pos); k != 0 {
			at := &o.starts[o.part(k)+1]
			o.positions[*at] = uint32(pos)
			*at++
		}
	}
	for i := range 1 << width {
		slices.SortFunc(o.positions[o.starts[i]:o.starts[i+1]], func(a, b uint32) int {
			return cmp.Or(cmp.Compare(key(int(a)), key(int(b))), cmp.Compare(a, b))
		})
	}
	return o
}

// part is the number made of the key's topmost bits.
func (o *order) part(key uint64) uint64 { return key >> o.shift }

// find is the positions with that key, ascending; key is the function that the order was made with.
func (o *order) find(want uint64, key func(pos int) uint64) []uint32 {
	if want == 0 || len(o.positions) == 0 {
		return nil
	}
	part := o.positions[o.starts[o.part(want)]:o.starts[o.part(want)+1]]
	from, _ := slices.BinarySearchFunc(part, want, func(pos uint32, want uint64) int {
		return cmp.Compare(key(int(pos)), want)
	})
	count, _ := slices.BinarySearchFunc(part[from:], want, func(pos uint32, want uint64) int {
		if key(int(pos)) == want {
			return -1
		}
		return 1
	})
	return part[from : from+count]
}

// runs hands over each key that positions have, with its positions ascending.
func (o *order) runs(key func(pos int) uint64, each func(key uint64, positions []uint32)) {
	for from := 0; from < len(o.positions); {
		k, to := key(int(o.positions[from])), from+1
		for to < len(o.positions) && key(int(o.positions[to])) == k {
			to++
		}
		each(k, o.positions[from:to])
		from = to
	}
}
