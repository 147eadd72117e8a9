package index

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Merger merges parts into one index. Law: it emits each member once, in the order of ids, with the entry of the
// part with the highest number, and leaves out deleted members.
type Merger struct {
	each    func(Member) bool
	open    []*view // parts being read, by number
	free    []*view // parts whose memory is reused
	stopped bool
}

// NewMerger returns a Merger that calls each for every member until it returns false. A Member is valid only until
// each returns.
func NewMerger(each func(Member) bool) *Merger { return &Merger{each: each} }

// Member is a member of the merged index.
type Member struct {
	in        *view // the view at the member
	forgotten bool
}

// KnownRow returns the member's known row. It returns false if there is none, or if the member has departed. Rows
// must have been read.
func (f Member) KnownRow() (r roster.KnownRow, ok bool) {
	m := f.in.mark()
	if f.forgotten || m&markHasRow == 0 || roster.EntryState(m&markState) == roster.StateDeparted {
		return r, false
	}
	r.Member = f.in.uuid()
	r.Row, r.Columns, r.Custom = f.in.row()
	return r, true
}

// Record returns what the index holds of the member, as far as the part was read.
func (f Member) Record() Record {
	r := f.in.record()
	if f.forgotten {
		r.forgetRow()
	}
	return r
}

// Entry returns what matching needs of the member: see Record.Entry. Keys must have been read.
func (f Member) Entry(graceCutoff int64) roster.Entry {
	r := f.Record()
	e := r.Entry(graceCutoff)
	e.HasRow = !f.forgotten && f.in.mark()&markHasRow != 0
	return e
}

// Add adds a part and copies its data. Add the parts in the order of Low. It returns false if each wants no more
// members. The error is a *wire.VersionError, or says that the part is damaged.
func (m *Merger) Add(p *Part) (wanted bool, err error) {
	below := number(&p.Low)
	m.mergeBelow(&below)
	if m.stopped {
		return false, nil
	}
	v := &view{}
	if n := len(m.free); n > 0 {
		v, m.free = m.free[n-1], m.free[:n-1]
	}
	if err := v.load(p); err != nil {
		return false, err
	}
	at, _ := slices.BinarySearchFunc(
		m.open,
		v.number,
		func(v *view, number int64) int { return cmp.Compare(v.number, number) },
	)
	m.open = slices.Insert(m.open, at, v)
	return true, nil
}

// Close emits the remaining members.
func (m *Merger) Close() { m.mergeBelow(nil) }

// mergeBelow emits the members below an id. nil means all.
func (m *Merger) mergeBelow(below *id) {
	for len(m.open) > 0 && !m.stopped {
		first, rest := m.lowest()
		if below != nil && first.head.compare(*below) >= 0 {
			return
		}
		if below != nil && (rest == nil || below.compare(*rest) < 0) {
			rest = below
		}
		if rest == nil || first.head.compare(*rest) < 0 {
			m.emitRun(first, rest)
		} else {
			m.emitMerged(first.head)
		}
	}
}

// lowest returns the part with the lowest member, and the lowest member of the other parts, or nil if there are
// none.
func (m *Merger) lowest() (first *view, rest *id) {
	first = m.open[0]
	for _, v := range m.open[1:] {
		if v.head.compare(first.head) < 0 {
			first, rest = v, &first.head
		} else if rest == nil || v.head.compare(*rest) < 0 {
			rest = &v.head
		}
	}
	return first, rest
}

// emitRun emits the members of one part below an id, which no other part has. nil means all.
func (m *Merger) emitRun(v *view, below *id) {
	for {
		if v.mark()&(markDeleted|markForgotten) == 0 && !m.each(Member{in: v}) {
			m.stopped = true
			return
		}
		if !m.advance(v) || below != nil && v.head.compare(*below) >= 0 {
			return
		}
	}
}

// emitMerged emits a member that several parts have. The last entry that isn't merely a forgotten row counts.
func (m *Merger) emitMerged(member id) {
	var found Member
	for _, v := range m.open {
		switch {
		case v.head != member:
		case v.mark()&markForgotten != 0:
			found.forgotten = true
		case v.mark()&markDeleted != 0:
			found = Member{}
		default:
			found = Member{in: v}
		}
	}
	if found.in != nil && !m.each(found) {
		m.stopped = true
		return
	}
	for _, v := range slices.Clone(m.open) {
		if v.head == member {
			m.advance(v)
		}
	}
}

// advance moves a part to its next member. At the end it closes the part and returns false.
func (m *Merger) advance(v *view) bool {
	if v.at++; v.at < v.count {
		v.head = v.id(v.at)
		return true
	}
	m.open = slices.DeleteFunc(m.open, func(other *view) bool { return other == v })
	m.free = append(m.free, v)
	return false
}

// id is a member's id as two numbers, which compare faster.
type id struct{ high, low uint64 }

func number(member *uuid.UUID) id {
	return id{binary.BigEndian.Uint64(member[:8]), binary.BigEndian.Uint64(member[8:])}
}

func (v *view) id(i int) id {
	member := v.members[i*idSize : (i+1)*idSize]
	return id{binary.BigEndian.Uint64(member[:8]), binary.BigEndian.Uint64(member[8:])}
}

func (a id) compare(b id) int {
	if a.high != b.high {
		return cmp.Compare(a.high, b.high)
	}
	return cmp.Compare(a.low, b.low)
}
