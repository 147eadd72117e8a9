package check

// keySet numbers distinct keys in the order of their arrival. Keys are hashes, so their lowest bits choose the
// slot. Key 0 means none.
type keySet struct {
	keys  []uint64 // by number
	slots []uint32 // number plus one; 0: empty
}

// add adds a key unless the set has it.
func (s *keySet) add(key uint64) {
	if 2*len(s.keys) >= len(s.slots) {
		s.grow()
	}
	if at := s.slot(key); s.slots[at] == 0 {
		s.keys = append(s.keys, key)
		s.slots[at] = uint32(len(s.keys)) //nolint:gosec // there are fewer than 2^31
	}
}

// find returns the number of a key.
func (s *keySet) find(key uint64) (number int, ok bool) {
	if len(s.slots) == 0 {
		return 0, false
	}
	number = int(s.slots[s.slot(key)])
	return number - 1, number > 0
}

// slot returns the slot of a key, or the empty slot where it belongs.
func (s *keySet) slot(key uint64) uint64 {
	mask := uint64(len(s.slots) - 1)
	at := key & mask
	for s.slots[at] != 0 && s.keys[s.slots[at]-1] != key {
		at = (at + 1) & mask
	}
	return at
}

func (s *keySet) grow() {
	s.slots = make([]uint32, max(16, 2*len(s.slots)))
	for i, key := range s.keys {
		s.slots[s.slot(key)] = uint32(i + 1) //nolint:gosec // there are fewer than 2^31
	}
}
