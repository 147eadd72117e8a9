package roster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/google/uuid"
)

// Index is a tenant's members, as much of them as a sync of a million needs at hand: 80 bytes each in flat blocks, and
// five for each of the three ways to find them. Positions 0..Len()-1 are in the order of member ids. It never changes.
type Index struct {
	slots    slab[slot]
	kinds    []uint64 // external kinds by slot.kind
	rows     order
	external order
	email    order
}

// slot is an Entry, packed.
type slot struct {
	member   uuid.UUID
	row      Hash
	columns  uint64
	content  uint64
	external uint64
	email    uint64
	manager  uint64
	issues   Codes
	kind     uint16
	state    State
}

// NewIndex builds an index from entries in any order; those that come by member id are not sorted again.
func NewIndex(entries iter.Seq2[Entry, error]) (*Index, error) {
	ix := &Index{}
	for e, err := range entries {
		if err != nil {
			return nil, fmt.Errorf("build index: %w", err)
		}
		kind, err := ix.intern(e.Kind)
		if err != nil {
			return nil, err
		}
		ix.slots.add(slot{
			member: e.Member, row: e.Known.Row, columns: e.Known.Columns, content: e.Known.Content, issues: e.Known.Issues,
			external: e.External, kind: kind, email: e.Email, manager: e.Manager, state: e.State,
		})
	}
	if ix.Len() > math.MaxInt32/2 {
		return nil, fmt.Errorf("build index: %d entries are too many", ix.Len())
	}
	ix.slots.sort(func(a, b *slot) int { return bytes.Compare(a.member[:], b.member[:]) })
	ix.rows = newOrder(ix.Len(), ix.rowKey)
	ix.external = newOrder(ix.Len(), ix.externalKey)
	ix.email = newOrder(ix.Len(), ix.emailKey)
	return ix, nil
}

// intern numbers the few external kinds that a tenant has ever had.
func (ix *Index) intern(kind uint64) (uint16, error) {
	if i := slices.Index(ix.kinds, kind); i >= 0 {
		return uint16(i), nil
	}
	if len(ix.kinds) > math.MaxUint8 {
		return 0, fmt.Errorf("build index: more than %d kinds of external ids", math.MaxUint8)
	}
	ix.kinds = append(ix.kinds, kind)
	return uint16(len(ix.kinds) - 1), nil
}

// Len is how many members there are.
func (ix *Index) Len() int { return ix.slots.len() }

// At is the entry at a position.
func (ix *Index) At(pos int) Entry {
	s := ix.slots.at(pos)
	return Entry{
		Member:   s.member,
		Known:    Known{Row: s.row, Columns: s.columns, Issues: s.issues, Content: s.content},
		External: s.external, Kind: ix.kinds[s.kind], Email: s.email, Manager: s.manager, State: s.state,
	}
}

// ByRow finds the member who was brought in step with this very row. Departed members are known by none.
func (ix *Index) ByRow(row Hash) (pos int, ok bool) {
	for _, pos := range ix.rows.find(rowKey(row), ix.rowKey) {
		if ix.slots.at(int(pos)).row == row {
			return int(pos), true
		}
	}
	return 0, false
}

// ByMember finds a member by id.
func (ix *Index) ByMember(member uuid.UUID) (pos int, ok bool) {
	from, to := 0, ix.Len()
	for from < to {
		middle := (from + to) / 2
		if id := ix.slots.at(middle).member; bytes.Compare(id[:], member[:]) < 0 {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, from < ix.Len() && ix.slots.at(from).member == member
}

// ByExternal finds those members, not gone, who have an external id of that kind: one, unless something went wrong.
func (ix *Index) ByExternal(kind, key uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.external.find(key, ix.externalKey) {
			if ix.kinds[ix.slots.at(int(pos)).kind] == kind && !yield(int(pos)) {
				return
			}
		}
	}
}

// ByEmail finds those members, not gone, who have an email: a leaver and whoever got the address afterwards may share one.
func (ix *Index) ByEmail(key uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.email.find(key, ix.emailKey) {
			if !yield(int(pos)) {
				return
			}
		}
	}
}

// rowKey is what the order of rows goes by; 0 only for no row.
func rowKey(row Hash) uint64 {
	if row == (Hash{}) {
		return 0
	}
	return max(binary.BigEndian.Uint64(row[:]), 1)
}

func (ix *Index) rowKey(pos int) uint64 {
	if s := ix.slots.at(pos); s.state.present() {
		return rowKey(s.row)
	}
	return 0
}

func (ix *Index) externalKey(pos int) uint64 {
	if s := ix.slots.at(pos); s.state != StateGone {
		return s.external
	}
	return 0
}

func (ix *Index) emailKey(pos int) uint64 {
	if s := ix.slots.at(pos); s.state != StateGone {
		return s.email
	}
	return 0
}
