package check

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/slab"
)

// Index holds what a sync needs of each of the tenant's members: 42 bytes a member in flat blocks, and six for each
// of the two key indexes. Positions 0 to Len()-1 are in the order of member ids. An Index never changes.
type Index struct {
	members  slab.Slab[uuid.UUID]
	external slab.Slab[uint64] // 0 if the grace time is over
	email    slab.Slab[uint64] // 0 if the grace time is over
	manager  slab.Slab[uint64]
	traits   slab.Slab[traits]
	kinds    []uint64 // external kinds, by traits.kind

	byExternal keyIndex
	byEmail    keyIndex
	known      roster.Fingerprint // of the members with a known row
	active     int
}

// traits are the small fields of an Entry.
type traits struct {
	kind uint8
	bits uint8 // see below
}

const (
	traitState       = 1<<2 - 1 // mask of the roster.EntryState
	traitHasRow      = 1 << 2
	traitHasWarnings = 1 << 3
)

// NewIndex builds an index. Entries that aren't in the order of member ids are an error.
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
		return errors.New("build index: too many entries")
	}
	if last := ix.Len() - 1; last >= 0 && roster.CompareIDs(*ix.members.At(last), e.Member) >= 0 {
		return errors.New("build index: members are not in the order of their ids")
	}
	kind, err := ix.intern(e.Kind)
	if err != nil {
		return err
	}
	t := traits{kind: kind, bits: uint8(e.State)}
	if e.HasRow && e.State.Present() { // a departed member matches no known row
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
	ix.members.Add(e.Member)
	ix.external.Add(e.External)
	ix.email.Add(e.Email)
	ix.manager.Add(e.Manager)
	ix.traits.Add(t)
	return nil
}

// intern returns the number of an external kind. A tenant has only a few kinds.
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

// Len returns the number of members.
func (ix *Index) Len() int { return ix.members.Len() }

// Active returns the number of active members.
func (ix *Index) Active() int { return ix.active }

// Member returns the id of the member at a position.
func (ix *Index) Member(pos int) uuid.UUID { return *ix.members.At(pos) }

// HasWarnings reports whether the known row of the member at a position had warnings.
func (ix *Index) HasWarnings(pos int) bool { return ix.traits.At(pos).bits&traitHasWarnings != 0 }

func (ix *Index) state(pos int) roster.EntryState {
	return roster.EntryState(ix.traits.At(pos).bits & traitState)
}

func (ix *Index) hasRow(pos int) bool { return ix.traits.At(pos).bits&traitHasRow != 0 }

func (ix *Index) kind(pos int) uint64 { return ix.kinds[ix.traits.At(pos).kind] }

// ByMember returns the position of a member.
func (ix *Index) ByMember(member uuid.UUID) (pos int, ok bool) {
	pos = sort.Search(ix.Len(), func(pos int) bool { return roster.CompareIDs(*ix.members.At(pos), member) >= 0 })
	return pos, pos < ix.Len() && *ix.members.At(pos) == member
}

// Known returns the positions of the members with a known row.
func (ix *Index) Known() []uint32 {
	positions := make([]uint32, 0, ix.Len())
	for pos := range ix.Len() {
		if ix.hasRow(pos) {
			positions = append(positions, uint32(pos)) //nolint:gosec // add bounds it
		}
	}
	return positions
}

// Fingerprint returns the fingerprint of the members with a known row.
func (ix *Index) Fingerprint() roster.Hash { return ix.known.Hash() }

// ByExternal yields the positions of the members with an external id of a kind, in order. It leaves out members
// whose grace time is over. There is one at most, unless something went wrong.
func (ix *Index) ByExternal(kind, key uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.byExternal.find(key) {
			if ix.kind(int(pos)) == kind && !yield(int(pos)) {
				return
			}
		}
	}
}

// ByEmail yields the positions of the members with an email, in order. It leaves out members whose grace time is
// over. A leaver and the next owner of the address may share one.
func (ix *Index) ByEmail(key uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.byEmail.find(key) {
			if !yield(int(pos)) {
				return
			}
		}
	}
}
