package roster

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// ContentOf hashes what a user's row says, normalised. It is never 0. A field that the row says nothing about leaves no
// trace, so that a field that is added to the table changes nothing until there is a column for it.
func ContentHash(u *User) uint64 {
	text := make([]byte, 0, 512)
	add := func(f Field, s string) {
		text = binary.AppendUvarint(append(text, byte(f.Number())), uint64(len(s))) //nolint:gosec // at most maxNumber
		text = append(text, s...)
	}
	add(ExternalID, u.ExternalID)
	for f := range ValueFields() {
		if !u.Kept.Has(f) {
			add(f, u.Values[f])
		}
	}
	if !u.Kept.Has(Groups) {
		for _, group := range u.Groups {
			add(Groups, group)
		}
	}
	return max(xxh3.Hash(text), 1)
}
