package plan

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// The fields of a batch.
const (
	batchPart    = 1
	batchNumber  = 2
	batchFirst   = 3
	batchChanges = 4
)

// changesMembers is a field of a list of changes: the number of members in them.
const changesMembers = 3

// The fields of a change. A member is written as its differences to the previous member in the batch. For the After of
// an update these are the fields that the update changes.
const (
	changeVerb        = 1
	changeWhy         = 2
	changeMember      = 3
	changeGroup       = 4
	changeBefore      = 5
	changeAfter       = 6
	changeBeforeGroup = 7
	changeAfterGroup  = 8
	changeFlags       = 9
)

// The bits of changeFlags.
const (
	flagDrift = 1 << iota
	flagForget
)

// The fields of a group.
const (
	packedGroupID   = 1
	packedGroupKey  = 2
	packedGroupName = 3
)

// Pack implements wire.Packed.
func (c Batch) Pack(w *wire.Writer) {
	batch := PackedBatch{Part: c.Part, Number: c.Number, First: c.First}
	for i := range c.Changes {
		batch.add(&c.Changes[i])
	}
	batch.Pack(w)
	batch.Release()
}

// Unpack implements wire.Unpacked.
func (c *Batch) Unpack(r *wire.Reader) {
	var b BatchBuffer
	b.Unpack(r)
	*c = b.Batch
}

// BatchBuffer holds the memory of an unpacked batch. The next batch overwrites it. Its texts refer to the encoded
// batch.
type BatchBuffer struct {
	Batch
	members []roster.Member
	last    *roster.Member
}

// Unpack implements wire.Unpacked.
func (b *BatchBuffer) Unpack(r *wire.Reader) {
	b.Batch = Batch{Changes: b.Changes[:0]}
	b.members, b.last = b.members[:0], &nobody
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case batchPart:
			b.Part = Part(r.Text())
		case batchNumber:
			b.Number = int(r.Int())
		case batchFirst:
			b.First = int(r.Int())
		case batchChanges:
			b.changes(r)
		default:
			r.Skip()
		}
	}
}

func (b *BatchBuffer) changes(r *wire.Reader) {
	b.Changes = slices.Grow(b.Changes, r.List())
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case wire.ListItem:
			b.Changes = append(b.Changes, Change{})
			b.change(r, &b.Changes[len(b.Changes)-1])
		case changesMembers:
			b.members = slices.Grow(b.members, r.Bound())
		default:
			r.Skip()
		}
	}
}

func (b *BatchBuffer) change(r *wire.Reader, c *Change) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case changeVerb:
			c.Verb = verbNumbered(r.Uint())
		case changeWhy:
			c.Why = whyNumbered(r.Uint())
		case changeMember:
			c.Member = r.Fixed()
		case changeGroup:
			c.Group = r.Fixed()
		case changeBefore:
			c.Before = b.member(r, c)
		case changeAfter:
			c.After = b.member(r, c)
		case changeBeforeGroup:
			c.BeforeGroup = unpackGroup(r)
		case changeAfterGroup:
			c.AfterGroup = unpackGroup(r)
		case changeFlags:
			flags := r.Uint()
			c.Drift, c.Forget = flags&flagDrift != 0, flags&flagForget != 0
		default:
			r.Skip()
		}
	}
	if c.Verb == "" {
		r.Fail() // a change without a verb, or with that of a newer release, can't be applied
	}
}

func (b *BatchBuffer) member(r *wire.Reader, c *Change) *roster.Member {
	m := &roster.Member{}
	if n := len(b.members); n < cap(b.members) { // else there are more members than announced
		b.members = b.members[:n+1]
		m = &b.members[n]
	}
	*m = *b.last
	m.ID = c.Member
	m.Unpack(r)
	b.last = m
	return m
}

func packGroup(w *wire.Writer, number int, g *roster.Group) {
	w.Tag(number, wire.Record)
	w.FixedField(packedGroupID, g.ID)
	w.TextField(packedGroupKey, g.Key)
	w.TextField(packedGroupName, g.Name)
	w.End()
}

func unpackGroup(r *wire.Reader) *roster.Group {
	g := &roster.Group{}
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case packedGroupID:
			g.ID = r.Fixed()
		case packedGroupKey:
			g.Key = r.Text()
		case packedGroupName:
			g.Name = r.Text()
		default:
			r.Skip()
		}
	}
	return g
}

// members returns the number of members in c.
func (c *Change) members() (count int) {
	if c.Before != nil {
		count++
	}
	if c.After != nil {
		count++
	}
	return count
}

// pack packs c, whose members follow last, and returns the last member. last is nil if it isn't available.
func (c *Change) pack(w *wire.Writer, last *roster.Member) *roster.Member {
	w.Item()
	w.UintField(changeVerb, c.Verb.number())
	if c.Why != "" {
		w.UintField(changeWhy, c.Why.number())
	}
	if c.Member != [16]byte{} {
		w.FixedField(changeMember, c.Member)
	}
	if c.Group != [16]byte{} {
		w.FixedField(changeGroup, c.Group)
	}
	if c.Before != nil {
		c.Before.Pack(w, changeBefore, last, c.Member)
		last = c.Before
	}
	if c.After != nil {
		c.After.Pack(w, changeAfter, last, c.Member)
		last = c.After
	}
	if c.BeforeGroup != nil {
		packGroup(w, changeBeforeGroup, c.BeforeGroup)
	}
	if c.AfterGroup != nil {
		packGroup(w, changeAfterGroup, c.AfterGroup)
	}
	if flags := c.flags(); flags != 0 {
		w.UintField(changeFlags, flags)
	}
	w.End()
	return last
}

func (c *Change) flags() (flags uint64) {
	if c.Drift {
		flags |= flagDrift
	}
	if c.Forget {
		flags |= flagForget
	}
	return flags
}
