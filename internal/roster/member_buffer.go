package roster

import "slices"

// MemberRoom is memory for members and their texts. Each list of them takes the place of the one before.
type MemberBuffer struct {
	Texts   TextBuffer
	members []Member
}

// Empty is an empty list with room for so many members. Those of the list before may not be in use any more.
func (r *MemberBuffer) Reset(members int) []Member {
	r.Texts.Reset()
	r.members = slices.Grow(r.members[:0], members)
	return r.members
}
