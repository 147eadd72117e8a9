package roster

import "slices"

// MemberBuffer holds the memory of one list of members and their texts. The next list overwrites it.
type MemberBuffer struct {
	Texts   TextBuffer
	members []Member
}

// Reset returns an empty list with capacity for the given number of members. The previous list and its texts become
// invalid.
func (b *MemberBuffer) Reset(members int) []Member {
	b.Texts.Reset()
	b.members = slices.Grow(b.members[:0], members)
	return b.members
}
