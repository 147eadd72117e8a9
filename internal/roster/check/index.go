package check

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Index is a tenant's members, as much of them as a sync of a million needs at hand: 42 bytes each in flat blocks, and six
// for each of the two ways to find them. Positions 0..Len()-1 are in the order of member ids. An index never changes.
type Index struct {
	members  slab[uuid.UUID]
	external slab[uint64] // 0 for those who are gone
	email    slab[uint64] // likewise
	manager  slab[uint64]
	traits   slab[traits]
	kinds    []uint64 // external kinds, by traits.kind

	byExternal keyIndex
	byEmail    keyIndex
	known      roster.Fingerprint // of those who know a row
	active     int
}

// traits are what little else there is of an Entry.
type traits struct {
	kind uint8
	bits uint8 // the state, and the following
}

const (
	traitState       = 1<<2 - 1
	traitHasRow      = 1 << 2
	traitHasWarnings = 1 << 3
)

// NewIndex builds an index from entries in the order of their members' ids. Entries in another order are an error.
func NewIndex(entries iter.Seq2[roster.Entry, error]) (*Index, error) {
	ix := &Index{}
	for e, err := range entries {
		if err != nil {
			return nil, fmt.Errorf("build index: %w", err)
		}
		if err := ix.add(e); err != nil {
			return nil, err
		}
	}
	ix.byExternal, ix.byEmail = newKeyIndexes(&ix.external, &ix.email)
	return ix, nil
}

func (ix *Index) add(e roster.Entry) error {
	if ix.Len() > math.MaxInt32/2 {
		return errors.New("build index: more entries than there may be")
	}
	if last := ix.Len() - 1; last >= 0 && compareIDs(ix.members.at(last), &e.Member) >= 0 {
		return errors.New("build index: members are not in the order of their ids")
	}
	kind, err := ix.intern(e.Kind)
	if err != nil {
		return err
	}
	t := traits{kind: kind, bits: uint8(e.State)}
	if e.HasRow && e.State.Present() { // departed members are known by no row
		t.bits |= traitHasRow
		ix.known.Add(e.Member)
	}
	if e.HasWarnings {
		t.bits |= traitHasWarnings
	}
	if e.State == roster.StateActive {
		ix.active++
	}
	if e.State == roster.StateGraceOver {
		e.External, e.Email = 0, 0
	}
	ix.members.add(e.Member)
	ix.external.add(e.External)
	ix.email.add(e.Email)
	ix.manager.add(e.Manager)
	ix.traits.add(t)
	return nil
}

// intern numbers the few external kinds that a tenant has ever had.
func (ix *Index) intern(kind uint64) (uint8, error) {
	i := slices.Index(ix.kinds, kind)
	if i < 0 {
		i = len(ix.kinds)
		ix.kinds = append(ix.kinds, kind)
	}
	if i > math.MaxUint8 {
		return 0, fmt.Errorf("build index: more than %d kinds of external ids", math.MaxUint8)
	}
	return uint8(i), nil
}

// Len is how many members there are.
func (ix *Index) Len() int { return ix.members.len() }

// Active is how many of them are active.
func (ix *Index) Active() int { return ix.active }

// Member is the id of the member at a position.
func (ix *Index) Member(pos int) uuid.UUID { return *ix.members.at(pos) }

// Warned tells whether the row that the member at a position knows had warnings.
func (ix *Index) HasWarnings(pos int) bool { return ix.traits.at(pos).bits&traitHasWarnings != 0 }

func (ix *Index) state(pos int) roster.State {
	return roster.State(ix.traits.at(pos).bits & traitState)
}

func (ix *Index) hasRow(pos int) bool { return ix.traits.at(pos).bits&traitHasRow != 0 }

func (ix *Index) kind(pos int) uint64 { return ix.kinds[ix.traits.at(pos).kind] }

// ByMember finds a member by id.
func (ix *Index) ByMember(member uuid.UUID) (pos int, ok bool) {
	pos = sort.Search(ix.Len(), func(pos int) bool { return compareIDs(ix.members.at(pos), &member) >= 0 })
	return pos, pos < ix.Len() && *ix.members.at(pos) == member
}

// Known are the positions of those who know a row, and Fingerprint is theirs.
func (ix *Index) Known() []uint32 {
	positions := make([]uint32, 0, ix.Len())
	for pos := range ix.Len() {
		if ix.hasRow(pos) {
			positions = append(positions, uint32(pos)) //nolint:gosec // add bounds it
		}
	}
	return positions
}

// Fingerprint is that of the members who know a row.
func (ix *Index) Fingerprint() roster.Hash { return ix.known.Hash() }

func compareIDs(a, b *uuid.UUID) int {
	return cmp.Or(
		cmp.Compare(binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:])),
		cmp.Compare(binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:])),
	)
}

// ByExternal finds those members, not gone, who have an external id of that kind: one, unless something went wrong. By
// member id.
func (ix *Index) ByExternal(kind, key uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.byExternal.find(key) {
			if ix.kind(int(pos)) == kind && !yield(int(pos)) {
				return
			}
		}
	}
}

// ByEmail finds those members, not gone, who have an email: a leaver and whoever got the address afterwards may share one.
// By member id.
func (ix *Index) ByEmail(key uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.byEmail.find(key) {
			if !yield(int(pos)) {
				return
			}
		}
	}
}
