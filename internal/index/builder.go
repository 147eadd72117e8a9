package index

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Builder builds a part. Of several entries about one member the last one counts, but ForgetRow keeps everything
// except the row. The zero Builder is empty.
type Builder struct{ entries []entry }

// entry is an entry about one member.
type entry struct {
	Record
	mark  mark // markDeleted, markForgotten or 0
	isNew bool // no earlier part has an entry about the member
}

// Len returns the number of added entries.
func (b *Builder) Len() int { return len(b.entries) }

// Add adds a new member.
func (b *Builder) Add(r Record) { b.entries = append(b.entries, entry{Record: r, isNew: true}) }

// Change adds a changed member.
func (b *Builder) Change(r Record) { b.entries = append(b.entries, entry{Record: r}) }

// Delete adds a deletion.
func (b *Builder) Delete(member uuid.UUID) { b.tombstone(member, markDeleted) }

// ForgetRow adds that a member has no known row.
func (b *Builder) ForgetRow(member uuid.UUID) { b.tombstone(member, markForgotten) }

func (b *Builder) tombstone(member uuid.UUID, m mark) {
	b.entries = append(b.entries, entry{Record: Record{Member: member}, mark: m})
}

// Part returns the part with the given number and empties the builder.
func (b *Builder) Part(number int64) Part {
	b.sort()
	p := Part{Number: number, Entries: len(b.entries)}
	for i := range b.entries {
		if !b.entries[i].isNew {
			p.Replaced++
		}
		if b.entries[i].mark == markDeleted {
			p.Deleted++
		}
	}
	if len(b.entries) > 0 {
		p.Low = b.entries[0].Member
		p.Members, p.Rows, p.Keys = seal(b.members()), seal(b.rows()), seal(b.keys())
	}
	b.entries = b.entries[:0]
	return p
}

// sort sorts the entries and keeps one for each member.
func (b *Builder) sort() {
	byMember := func(a, b entry) int { return bytes.Compare(a.Member[:], b.Member[:]) }
	if !slices.IsSortedFunc(b.entries, byMember) {
		slices.SortStableFunc(b.entries, byMember)
	}
	sorted := b.entries[:0]
	for _, l := range b.entries {
		last := len(sorted) - 1
		switch {
		case last < 0 || sorted[last].Member != l.Member:
			sorted = append(sorted, l)
		case l.mark != markForgotten:
			l.isNew = sorted[last].isNew
			sorted[last] = l
		case sorted[last].mark == 0:
			sorted[last].forgetRow()
		}
	}
	b.entries = sorted
}

func (b *Builder) members() []byte {
	format := byte(version)
	if b.hasCustom() {
		format = versionCustom
	}
	data := append(make([]byte, 0, 1+len(b.entries)*memberSize+wordSize), format)
	for i := range b.entries {
		data = append(data, b.entries[i].Member[:]...)
	}
	for i := range b.entries {
		data = append(data, byte(b.entries[i].marks()))
	}
	return data
}

func (l *entry) marks() mark {
	if l.mark != 0 {
		return l.mark
	}
	m := mark(l.State)
	if l.Row != (roster.Hash{}) {
		m |= markHasRow
	}
	if l.HasWarnings {
		m |= markHasWarnings
	}
	return m
}

func (b *Builder) rows() []byte {
	data := make([]byte, 0, len(b.entries)*rowSize+2*wordSize)
	for i := range b.entries {
		data = append(data, b.entries[i].Row[:]...)
	}
	var columns dictionary[filled]
	for i := range b.entries {
		data = binary.LittleEndian.AppendUint16(data, columns.number(filled{b.entries[i].Columns, b.entries[i].Custom}))
	}
	custom := b.hasCustom()
	for _, word := range columns.words {
		data = binary.LittleEndian.AppendUint64(data, word.columns)
		if custom {
			data = binary.LittleEndian.AppendUint64(data, word.custom)
		}
	}
	return data
}

// hasCustom reports whether a row fills a custom field. Then the part has versionCustom.
func (b *Builder) hasCustom() bool {
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.Custom != 0 })
}

func (b *Builder) keys() []byte {
	data := make([]byte, 0, len(b.entries)*keysSize+numberSize+2*wordSize)
	for _, key := range [...]func(*entry) uint64{
		func(e *entry) uint64 { return e.External },
		func(e *entry) uint64 { return e.Email },
		func(e *entry) uint64 { return e.Manager },
	} {
		for i := range b.entries {
			data = binary.LittleEndian.AppendUint64(data, key(&b.entries[i]))
		}
	}
	var kinds dictionary[uint64]
	departed := false
	for i := range b.entries {
		data = binary.LittleEndian.AppendUint16(data, kinds.number(b.entries[i].Kind))
		departed = departed || b.entries[i].Departed != 0
	}
	data = binary.LittleEndian.AppendUint16(data, uint16(len(kinds.words))) //nolint:gosec // at most MostEntries
	for _, word := range kinds.words {
		data = binary.LittleEndian.AppendUint64(data, word)
	}
	if departed {
		for i := range b.entries {
			data = binary.LittleEndian.AppendUint64(data, uint64(b.entries[i].Departed)) //nolint:gosec // a bit pattern
		}
	}
	return data
}

// MaxEntries is the maximal number of entries in a part: a dictionary has a number for each.
const MaxEntries = math.MaxUint16

// filled says what a row fills.
type filled struct{ columns, custom uint64 }

// dictionary numbers words in the order of their first use.
type dictionary[W comparable] struct {
	words   []W
	numbers map[W]uint16
	last    W
	at      uint16 // of last
}

func (d *dictionary[W]) number(word W) uint16 {
	if len(d.words) > 0 && word == d.last {
		return d.at
	}
	at, known := d.numbers[word]
	if !known {
		if d.numbers == nil {
			d.numbers = map[W]uint16{}
		}
		at = uint16(len(d.words)) //nolint:gosec // at most MostEntries
		d.words, d.numbers[word] = append(d.words, word), at
	}
	d.last, d.at = word, at
	return at
}
