package index

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Merger makes one index of parts, which come in the order of their lowest members. Its law: it hands over each member
// of whom the part with the highest number has a record, once, in the order of their ids.
type Merger struct {
	each    func(Member) bool
	open    []*view // by number
	free    []*view // whose memory is used again
	stopped bool
}

// NewMerger hands over to each, until that returns false. A Found is valid only until each returns.
func NewMerger(each func(Member) bool) *Merger { return &Merger{each: each} }

// Found is a member of the index.
type Member struct {
	in        *view
	forgotten bool
}

// KnownRow is the row that the member knows; false: none, or the member has departed. The part was read with its Rows.
func (f Member) KnownRow() (r roster.KnownRow, ok bool) {
	m := f.in.mark()
	if f.forgotten || m&markHasRow == 0 || roster.State(m&markState) == roster.StateDeparted {
		return r, false
	}
	r.Member = f.in.uuid()
	r.Row, r.Columns = f.in.row()
	return r, true
}

// Record is what is kept of the member, as far as the part was read.
func (f Member) Record() Record {
	r := f.in.record()
	if f.forgotten {
		r.Row, r.Columns, r.HasWarnings = roster.Hash{}, 0, false
	}
	return r
}

// Entry is what matching needs of the member. The part was read with its Keys.
func (f Member) Entry(gone int64) roster.Entry {
	r := f.Record()
	e := r.Entry(gone)
	e.HasRow = !f.forgotten && f.in.mark()&markHasRow != 0
	return e
}

// Add takes a part, whose memory it doesn't keep. It is false once nobody wants more.
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
	at, _ := slices.BinarySearchFunc(m.open, v.number, func(v *view, number int64) int { return cmp.Compare(v.number, number) })
	m.open = slices.Insert(m.open, at, v)
	return true, nil
}

// Close hands over what is left.
func (m *Merger) Close() { m.mergeBelow(nil) }

// upTo hands over the members below an id; nil: all.
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

// lowest is the part with the lowest member, and the lowest member of the others; nil: there are no others.
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

// run hands over what one part alone says of the members below an id; nil: all of them.
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

// fold hands over what several parts say of one member: what the last of them with more to say than that its row is
// forgotten says.
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

// next goes on to a part's next member; without one it is closed, and false.
func (m *Merger) advance(v *view) bool {
	if v.at++; v.at < v.count {
		v.head = v.id(v.at)
		return true
	}
	m.open = slices.DeleteFunc(m.open, func(other *view) bool { return other == v })
	m.free = append(m.free, v)
	return false
}

// id is a member's id as two numbers, which are compared faster.
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
