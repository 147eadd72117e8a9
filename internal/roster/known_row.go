package roster

import "github.com/google/uuid"

// KnownRow is a row that was accepted before, with the member who matches it. It holds what a read of the directory
// needs to recognise the row.
type KnownRow struct {
	Member  uuid.UUID
	Row     Hash
	Columns uint64 // mask of the columns that the row fills
	Custom  uint64 // mask of the custom fields that the row fills
}

// Fingerprint is a hash of a list of members. It is equal for the same members in the same order. The zero
// Fingerprint is that of an empty list.
type Fingerprint struct{ sum Hash }

// Add appends a member to the list.
func (f *Fingerprint) Add(member uuid.UUID) {
	var both [2 * len(f.sum)]byte
	copy(both[copy(both[:], f.sum[:]):], member[:])
	f.sum = HashBytes(both[:])
}

// Hash returns the fingerprint's value.
func (f *Fingerprint) Hash() Hash { return f.sum }
