package roster

import "github.com/google/uuid"

// KnownRow is a row that was accepted before, by the member who was made to match it: as much as a read of the directory
// needs to recognise it.
type KnownRow struct {
	Member  uuid.UUID
	Row     Hash
	Columns uint64 // that the row fills
}

// Fingerprint is equal for the same members in the same order. The zero Fingerprint is that of nobody.
type Fingerprint struct{ sum Hash }

// Add adds the next member.
func (f *Fingerprint) Add(member uuid.UUID) {
	var both [2 * len(f.sum)]byte
	copy(both[copy(both[:], f.sum[:]):], member[:])
	f.sum = HashBytes(both[:])
}

// Hash is the fingerprint's value.
func (f *Fingerprint) Hash() Hash { return f.sum }
