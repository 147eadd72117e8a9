package roster

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// ContentHash returns a hash of the normalised values of a user's row. It is never 0. A field in u.Kept doesn't
// count, so a field that is added to the table changes no hash until a report has a column for it. Custom doesn't
// count either if no column has custom fields.
func ContentHash(u *User) uint64 {
	text := make([]byte, 0, 512)
	add := func(f Field, s string) {
		text = binary.AppendUvarint(append(text, byte(f.Number())), uint64(len(s))) //nolint:gosec // at most maxNumber
		text = append(text, s...)
	}
	add(ExternalID, u.ExternalID)
	for f := range ValueFields() {
		if !u.Kept.Has(f) && (f != Custom || u.Values[f] != "") {
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
