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

// Pack is of chunk.Packed. A member is packed as what differs from the one before it: of an update's After that is what
// the update changes, and of a new member it leaves out what many have in common.
func (c *Chunk) Pack(w *chunk.Writer) {
	w.Text(string(c.Part))
	w.Int(int64(c.Number))
	w.Int(int64(c.First))
	w.Count(len(c.Changes))
	members := 0
	for i := range c.Changes {
		members += c.Changes[i].members()
	}
	w.Count(members)
	last := &roster.Member{}
	for i := range c.Changes {
		last = c.Changes[i].pack(w, last)
	}
}

// Unpack is of chunk.Packed.
func (c *Chunk) Unpack(r *chunk.Reader) {
	*c = Chunk{Part: Part(r.Text()), Number: int(r.Int()), First: int(r.Int())}
	c.Changes = make([]Change, r.Count())
	u := unpacker{r: r, room: make([]roster.Member, r.Count()), last: &roster.Member{}}
	for i := range c.Changes {
		u.change(&c.Changes[i])
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
	c.Verb, c.Why = unpackNamed(u.r, packedVerbs), unpackNamed(u.r, whys)
	c.Drift, c.Forget = has&isDrift != 0, has&isForget != 0
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
