package plan

import (
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// Sheet is a batch whose changes are packed one by one, as they come, and unpacked as a Chunk: a fraction of the memory, and
// nothing of the members that changes refer to is kept. A member is packed as what differs from the one before it: of an update's
// After that is what the update changes, and of a new member it leaves out what many have in common.
type PackedBatch struct {
	Part   Part
	Number int // from 0, within its part
	First  int // how many changes are in the part's chunks before it

	packed  *wire.Writer // nil: nothing yet
	changes int
	members int
	last    *roster.Member // nil: it is no longer there
}

// Len is how many changes are on it.
func (s *PackedBatch) Len() int { return s.changes }

func (s *PackedBatch) add(c *Change) {
	if s.packed == nil {
		s.packed, s.last = wire.NewWriter(), &nobody
	}
	s.changes++
	s.members += c.members()
	s.last = c.pack(s.packed, s.last)
}

// nobody is the member before the first.
var nobody roster.Member

// leave lets go of the last change.
func (s *PackedBatch) forget() { s.last = nil }

// Pack is of chunk.Packed.
func (s *PackedBatch) Pack(w *wire.Writer) {
	w.TextField(batchPart, string(s.Part))
	w.IntField(batchNumber, int64(s.Number))
	w.IntField(batchFirst, int64(s.First))
	w.ListField(batchChanges, s.changes)
	w.UintField(changesMembers, uint64(s.members)) //nolint:gosec // a count
	if s.packed != nil {
		w.Append(s.packed)
	}
	w.End()
	w.End()
}

// Release empties the sheet and gives its memory to others.
func (s *PackedBatch) Release() {
	if s.packed != nil {
		s.packed.Release()
	}
	*s = PackedBatch{}
}
