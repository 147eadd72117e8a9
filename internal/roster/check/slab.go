package check

const slabBlock = 1 << 12

// slab is a list that grows block by block. Growing never copies, so a million entries don't need memory for two
// million.
type slab[T any] struct{ blocks [][]T }

func (s *slab[T]) len() int {
	if len(s.blocks) == 0 {
		return 0
	}
	last := len(s.blocks) - 1
	return last*slabBlock + len(s.blocks[last])
}

func (s *slab[T]) at(i int) *T { return &s.blocks[i/slabBlock][i%slabBlock] }

func (s *slab[T]) add(v T) {
	last := len(s.blocks) - 1
	switch {
	case last < 0:
		s.blocks = append(s.blocks, nil) // the first block grows, so that a small list stays small
		last = 0
	case len(s.blocks[last]) == slabBlock:
		s.blocks = append(s.blocks, make([]T, 0, slabBlock))
		last++
	}
	s.blocks[last] = append(s.blocks[last], v)
}

func (s *slab[T]) swap(i, j int) {
	a, b := s.at(i), s.at(j)
	*a, *b = *b, *a
}
