// Package slab provides a list that grows without copying.
package slab

const block = 1 << 12

// Slab is a list that grows block by block. Growing never copies, so a million entries don't need memory for two
// million. The zero Slab is empty.
type Slab[T any] struct{ blocks [][]T }

// Len returns the number of entries.
func (s *Slab[T]) Len() int {
	if len(s.blocks) == 0 {
		return 0
	}
	last := len(s.blocks) - 1
	return last*block + len(s.blocks[last])
}

// At returns the i-th entry, which stays where it is.
func (s *Slab[T]) At(i int) *T { return &s.blocks[i/block][i%block] }

// Blocks returns the entries as a list of blocks, which the caller must not change.
func (s *Slab[T]) Blocks() [][]T { return s.blocks }

// Add appends an entry.
func (s *Slab[T]) Add(v T) {
	last := len(s.blocks) - 1
	switch {
	case last < 0:
		s.blocks = append(s.blocks, nil) // the first block grows, so that a small list stays small
		last = 0
	case len(s.blocks[last]) == block:
		s.blocks = append(s.blocks, make([]T, 0, block))
		last++
	}
	s.blocks[last] = append(s.blocks[last], v)
}

// Swap swaps two entries.
func (s *Slab[T]) Swap(i, j int) {
	a, b := s.At(i), s.At(j)
	*a, *b = *b, *a
}
