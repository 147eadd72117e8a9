package plan

import (
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// PackedBatch is a Batch whose changes are packed as they are added. It takes a fraction of the memory and keeps no
// members of the changes. Batch and BatchBuffer unpack it.
type PackedBatch struct {
	Part   Part
	Number int // from 0, within its part
	First  int // number of changes in the part's earlier batches

	packed  *wire.Writer // nil: no changes
	changes int
	members int
	last    *roster.Member // the previous member; nil: not available
}

// Len returns the number of changes.
func (s *PackedBatch) Len() int { return s.changes }

// full reports whether the batch takes no more changes.
func (s *PackedBatch) full() bool {
	return s.changes >= BatchSize || s.packed != nil && s.packed.Len() >= batchBytes
}

func (s *PackedBatch) add(c *Change) {
	if s.packed == nil {
		s.packed, s.last = wire.NewWriter(), &nobody
	}
	s.changes++
	s.members += c.members()
	s.last = c.pack(s.packed, s.last)
}

// nobody stands for the member before the first one.
var nobody roster.Member

// forget drops the reference to the last member.
func (s *PackedBatch) forget() { s.last = nil }

// Pack implements wire.Packed.
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

// Release empties the batch and returns its memory to a pool.
func (s *PackedBatch) Release() {
	if s.packed != nil {
		s.packed.Release()
	}
	*s = PackedBatch{}
}
