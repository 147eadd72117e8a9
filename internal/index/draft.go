package index

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Draft is what is to become a part. Of what is said of one member the last word counts, but that its row is forgotten
// leaves standing what was said before. The zero Draft is empty.
type Draft struct{ lines []line }

// line is what is said of one member.
type line struct {
	Record
	mark  mark // gone or forgotten; else 0
	fresh bool // no part says anything of the member yet
}

// Len is how many words were said.
func (d *Draft) Len() int { return len(d.lines) }

// Add says that there is a new member.
func (d *Draft) Add(r Record) { d.lines = append(d.lines, line{Record: r, fresh: true}) }

// Change says that a member is another than before.
func (d *Draft) Change(r Record) { d.lines = append(d.lines, line{Record: r}) }

// Delete says that there is no such member any more.
func (d *Draft) Delete(member uuid.UUID) { d.say(member, markGone) }

// Forget says that a member knows no row any more.
func (d *Draft) Forget(member uuid.UUID) { d.say(member, markForget) }

func (d *Draft) say(member uuid.UUID, m mark) {
	d.lines = append(d.lines, line{Record: Record{Member: member}, mark: m})
}

// Part is the part, and leaves the draft empty.
func (d *Draft) Part(number int64) Part {
	d.settle()
	p := Part{Number: number, Entries: len(d.lines)}
	for i := range d.lines {
		if !d.lines[i].fresh {
			p.Replaced++
		}
		if d.lines[i].mark == markGone {
			p.Deleted++
		}
	}
	if len(d.lines) > 0 {
		p.Low = d.lines[0].Member
		p.Members, p.Rows, p.Keys = d.members(), d.rows(), d.keys()
	}
	d.lines = d.lines[:0]
	return p
}

// settle sorts, and leaves one line a member.
func (d *Draft) settle() {
	byMember := func(a, b line) int { return bytes.Compare(a.Member[:], b.Member[:]) }
	if !slices.IsSortedFunc(d.lines, byMember) {
		slices.SortStableFunc(d.lines, byMember)
	}
	settled := d.lines[:0]
	for _, l := range d.lines {
		last := len(settled) - 1
		switch {
		case last < 0 || settled[last].Member != l.Member:
			settled = append(settled, l)
		case l.mark != markForget:
			l.fresh = settled[last].fresh
			settled[last] = l
		case settled[last].mark == 0:
			settled[last].Row, settled[last].Columns, settled[last].Warned = roster.Hash{}, 0, false
		}
	}
	d.lines = settled
}

func (d *Draft) members() []byte {
	data := make([]byte, 0, len(d.lines)*memberSize)
	for i := range d.lines {
		data = append(data, d.lines[i].Member[:]...)
	}
	for i := range d.lines {
		data = append(data, byte(d.lines[i].marked()))
	}
	return data
}

func (l *line) marked() mark {
	if l.mark != 0 {
		return l.mark
	}
	m := mark(l.State)
	if l.Row != (roster.Hash{}) {
		m |= markKnows
	}
	if l.Warned {
		m |= markWarned
	}
	return m
}

func (d *Draft) rows() []byte {
	data := make([]byte, 0, len(d.lines)*rowSize+wordSize)
	for i := range d.lines {
		data = append(data, d.lines[i].Row[:]...)
	}
	var columns dictionary
	for i := range d.lines {
		data = binary.LittleEndian.AppendUint16(data, columns.number(d.lines[i].Columns))
	}
	return columns.append(data)
}

func (d *Draft) keys() []byte {
	data := make([]byte, 0, len(d.lines)*keysSize+numberSize+wordSize)
	for _, key := range [...]func(*line) uint64{
		func(l *line) uint64 { return l.External }, func(l *line) uint64 { return l.Email }, func(l *line) uint64 { return l.Manager },
	} {
		for i := range d.lines {
			data = binary.LittleEndian.AppendUint64(data, key(&d.lines[i]))
		}
	}
	var kinds dictionary
	departed := false
	for i := range d.lines {
		data = binary.LittleEndian.AppendUint16(data, kinds.number(d.lines[i].Kind))
		departed = departed || d.lines[i].Departed != 0
	}
	data = kinds.append(binary.LittleEndian.AppendUint16(data, uint16(len(kinds.words)))) //nolint:gosec // at most MostEntries
	if departed {
		for i := range d.lines {
			data = binary.LittleEndian.AppendUint64(data, uint64(d.lines[i].Departed)) //nolint:gosec // as it is
		}
	}
	return data
}

// MostEntries is how many members a part may speak of: as many as a dictionary has numbers, should all differ.
const MostEntries = math.MaxUint16

// dictionary numbers words as they come.
type dictionary struct {
	words   []uint64
	numbers map[uint64]uint16
	last    uint64
	at      uint16 // of last
}

func (d *dictionary) number(word uint64) uint16 {
	if len(d.words) > 0 && word == d.last {
		return d.at
	}
	at, known := d.numbers[word]
	if !known {
		if d.numbers == nil {
			d.numbers = map[uint64]uint16{}
		}
		at = uint16(len(d.words)) //nolint:gosec // at most MostEntries
		d.words, d.numbers[word] = append(d.words, word), at
	}
	d.last, d.at = word, at
	return at
}

func (d *dictionary) append(data []byte) []byte {
	for _, word := range d.words {
		data = binary.LittleEndian.AppendUint64(data, word)
	}
	return data
}
