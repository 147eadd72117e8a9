package plan

import (
	"slices"

	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/roster"
)

// packedVerbs and whys number what changes say. Both grow at their end only: what one release has packed a later one reads.
var packedVerbs = []Verb{
	Add, Update, Deactivate, Reactivate, Depart, Return, Delete, AddGroup, UpdateGroup, RemoveGroup, AddMembership,
	RemoveMembership, Remember,
}

// What a packed change has.
const (
	hasMember = 1 << iota
	hasGroup
	hasBefore
	hasAfter
	hasBeforeGroup
	hasAfterGroup
	isDrift
	isForget
)

// Pack is of chunk.Packed.
func (c *Chunk) Pack(w *chunk.Writer) {
	sheet := Sheet{Part: c.Part, Number: c.Number, First: c.First}
	for i := range c.Changes {
		sheet.add(&c.Changes[i])
	}
	sheet.Pack(w)
	sheet.Release()
}

// Unpack is of chunk.Unpacked.
func (c *Chunk) Unpack(r *chunk.Reader) {
	var room ChunkRoom
	room.Unpack(r)
	*c = room.Chunk
}

// ChunkRoom is memory in which chunks are unpacked, one after the other: each takes the place of the one before. The texts are
// the encoded chunk's own.
type ChunkRoom struct {
	Chunk
	members []roster.Member
}

// Unpack is of chunk.Unpacked.
func (room *ChunkRoom) Unpack(r *chunk.Reader) {
	room.Part, room.Number, room.First = Part(r.Text()), int(r.Int()), int(r.Int())
	changes, members := r.Count(), r.Count()
	room.Changes = slices.Grow(room.Changes[:0], changes)[:changes]
	room.members = slices.Grow(room.members[:0], members)[:members]
	u := unpacker{r: r, room: room.members, last: &roster.Member{}}
	for i := range room.Changes {
		u.change(&room.Changes[i])
	}
}

// members is how many members c holds.
func (c *Change) members() (count int) {
	if c.Before != nil {
		count++
	}
	if c.After != nil {
		count++
	}
	return count
}

// pack packs c, whose members come after last (nil: nobody knows who), and returns the last one from there on.
func (c *Change) pack(w *chunk.Writer, last *roster.Member) *roster.Member {
	has := c.has()
	w.Uint(has)
	packNamed(w, packedVerbs, c.Verb)
	packNamed(w, whys, c.Why)
	if has&hasMember != 0 {
		w.Fixed(c.Member[:])
	}
	if has&hasGroup != 0 {
		w.Fixed(c.Group[:])
	}
	for _, m := range []*roster.Member{c.Before, c.After} {
		if m != nil {
			packMember(w, m, c.Member, last)
			last = m
		}
	}
	for _, g := range []*roster.Group{c.BeforeGroup, c.AfterGroup} {
		if g != nil {
			w.Fixed(g.ID[:])
			w.Text(g.Key)
			w.Text(g.Name)
		}
	}
	return last
}

func (c *Change) has() (has uint64) {
	for i, there := range [...]bool{
		c.Member != [16]byte{}, c.Group != [16]byte{}, c.Before != nil, c.After != nil, c.BeforeGroup != nil,
		c.AfterGroup != nil, c.Drift, c.Forget,
	} {
		if there {
			has |= 1 << i
		}
	}
	return has
}

// packNamed packs one of a list; 0 goes before the text of any other.
func packNamed[T ~string](w *chunk.Writer, list []T, name T) {
	at := slices.Index(list, name) + 1
	w.Count(at)
	if at == 0 {
		w.Text(string(name))
	}
}

func unpackNamed[T ~string](r *chunk.Reader, list []T) T {
	at := r.Uint()
	if at == 0 || at > uint64(len(list)) {
		return T(r.Text())
	}
	return list[at-1]
}

// unpacker unpacks the changes of one chunk.
type unpacker struct {
	r    *chunk.Reader
	room []roster.Member // for all members
	last *roster.Member
}

func (u *unpacker) change(c *Change) {
	has := u.r.Uint()
	*c = Change{Verb: unpackNamed(u.r, packedVerbs), Why: unpackNamed(u.r, whys), Drift: has&isDrift != 0, Forget: has&isForget != 0}
	if has&hasMember != 0 {
		u.r.Fixed(c.Member[:])
	}
	if has&hasGroup != 0 {
		u.r.Fixed(c.Group[:])
	}
	if has&hasBefore != 0 {
		c.Before = u.member(c)
	}
	if has&hasAfter != 0 {
		c.After = u.member(c)
	}
	if has&hasBeforeGroup != 0 {
		c.BeforeGroup = u.group()
	}
	if has&hasAfterGroup != 0 {
		c.AfterGroup = u.group()
	}
}

func (u *unpacker) member(c *Change) *roster.Member {
	if len(u.room) == 0 { // more than were said to be there: the chunk's end will show it
		u.room = make([]roster.Member, 1)
	}
	m := &u.room[0]
	u.room = u.room[1:]
	unpackMember(u.r, m, c.Member, u.last)
	u.last = m
	return m
}

func (u *unpacker) group() *roster.Group {
	g := &roster.Group{}
	u.r.Fixed(g.ID[:])
	g.Key, g.Name = u.r.Text(), u.r.Text()
	return g
}
