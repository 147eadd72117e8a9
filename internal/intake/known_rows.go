package intake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/slab"
)

// KnownRows maps the known rows of a tenant to ranks: 20 bytes a row, and 8 to 16 to find it. The rank of a row is that
// of its member: 0 is the lowest id of the members with a known row. Several goroutines may use it at once.
type KnownRows struct {
	rows        slab.Slab[knownRow] // by rank
	sets        []read.Mask         // the distinct masks; most rows share a few
	slots       []uint32            // open addressing: rank plus one, below bits of the row's hash; 0: empty
	fingerprint roster.Fingerprint
	digest      roster.Hash
}

// knownRow is a known row.
type knownRow struct {
	hash    roster.Hash
	columns uint32 // index into sets
}

// LoadKnownRows loads known rows. Rows that aren't in the order of their members' ids are an error.
func LoadKnownRows(rows iter.Seq2[roster.KnownRow, error]) (*KnownRows, error) {
	k := &KnownRows{}
	numbers := map[read.Mask]uint32{}
	var last uuid.UUID
	for row, err := range rows {
		if err != nil {
			return nil, fmt.Errorf("load known rows: %w", err)
		}
		switch {
		case k.rows.Len() > 0 && roster.CompareIDs(last, row.Member) >= 0:
			return nil, errors.New("load known rows: they are not in the order of member ids")
		case k.rows.Len() > math.MaxInt32/2:
			return nil, errors.New("load known rows: there are too many")
		}
		last = row.Member
		filled := read.Mask{Columns: row.Columns, Custom: row.Custom}
		number, ok := numbers[filled]
		if !ok {
			number = uint32(len(k.sets)) //nolint:gosec // at most as many as rows
			numbers[filled] = number
			k.sets = append(k.sets, filled)
		}
		k.rows.Add(knownRow{hash: row.Row, columns: number})
		k.digest = k.digest.Plus(row.Row)
		k.fingerprint.Add(row.Member)
	}
	k.fill()
	return k, nil
}

// fill fills the slots.
func (k *KnownRows) fill() {
	size := 2
	for size < 2*(k.rows.Len()+1) {
		size *= 2
	}
	k.slots = make([]uint32, size)
	rank := uint32(0)
	for _, block := range k.rows.Blocks() {
		for i := range block {
			slot := k.first(block[i].hash)
			for k.slots[slot] != 0 {
				slot = (slot + 1) & (size - 1)
			}
			rank++
			k.slots[slot] = k.mark(block[i].hash) | rank
		}
	}
}

// first returns the slot where the search for a row starts.
func (k *KnownRows) first(row roster.Hash) int {
	return int(binary.LittleEndian.Uint64(row[:]) & uint64(len(k.slots)-1)) //nolint:gosec // less than a length
}

// low returns the mask of the bits of a slot that hold a rank. At least half of the slots are empty, so a rank
// fits.
func (k *KnownRows) low() uint32 { return uint32(len(k.slots) - 1) } //nolint:gosec // at most 2^31

// mark returns the bits of a row's hash that its slot holds above the rank. They save most comparisons with unknown
// rows.
func (k *KnownRows) mark(row roster.Hash) uint32 {
	return binary.LittleEndian.Uint32(row[8:]) &^ k.low()
}

// Find returns the rank of the member who knows a row, or false. If several members know it, the lowest rank
// counts.
func (k *KnownRows) Find(row roster.Hash) (rank int, ok bool) {
	mark, low := k.mark(row), k.low()
	for slot := k.first(row); k.slots[slot] != 0; slot = (slot + 1) & (len(k.slots) - 1) {
		if held := k.slots[slot]; held&^low == mark {
			if rank = int(held&low) - 1; k.rows.At(rank).hash == row {
				return rank, true
			}
		}
	}
	return 0, false
}

// Len returns the number of known rows.
func (k *KnownRows) Len() int { return k.rows.Len() }

// Filled returns what the row of a rank fills.
func (k *KnownRows) Filled(rank int) read.Mask { return k.sets[k.rows.At(rank).columns] }

// Digest returns the digest of a report with each known row once, in any order.
func (k *KnownRows) Digest() roster.Hash { return k.digest }

// Fingerprint returns the fingerprint of the members with a known row. Equal fingerprints mean equal ranks.
func (k *KnownRows) Fingerprint() roster.Hash { return k.fingerprint.Hash() }
