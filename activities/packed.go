package activities

import (
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// The fields of a chunk of users.
const (
	usersRows  = 1
	usersFirst = 2
	usersPage  = 3 // without tags: how many, and each
	usersState = 4 // JSON
	usersTail  = 5
)

// The fields of a tail.
const (
	tailFrom = 1
	tailRows = 2 // without tags: how many, and each
	tailMore = 3 // without tags: how many, and each rank and row
)

// Pack is of wire.Packed.
func (c *usersChunk) Pack(w *wire.Writer) {
	if c.sheets != nil {
		roster.PackRows(w, usersRows, c.sheets...)
	} else {
		var rows roster.PackedRows
		for i := range c.Rows {
			rows.Add(&c.Rows[i])
		}
		roster.PackRows(w, usersRows, &rows)
		rows.Release()
	}
	if c.First != 0 {
		w.IntField(usersFirst, int64(c.First))
	}
	if len(c.Page) > 0 {
		packInts(w, usersPage, c.Page)
	}
	if c.State != nil {
		w.JSONField(usersState, c.State)
	}
	if c.Tail != nil {
		c.Tail.pack(w)
	}
	w.End()
}

func (s *sights) pack(w *wire.Writer) {
	w.Tag(usersTail, wire.Record)
	w.IntField(tailFrom, int64(s.From))
	packInts(w, tailRows, s.Rows)
	mark := w.Begin(tailMore)
	w.Count(len(s.More))
	for _, again := range s.More {
		w.Int(int64(again.Rank))
		w.Int(int64(again.Row))
	}
	w.Close(mark)
	w.End()
}

// Unpack is of wire.Unpacked.
func (c *usersChunk) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case usersRows:
			c.unpackRows(r)
		case usersFirst:
			c.First = int(r.Int())
		case usersPage:
			c.Page = unpackInts(r)
		case usersState:
			c.State = new(resumption)
			r.JSON(c.State)
		case usersTail:
			c.Tail = new(sights)
			c.Tail.unpack(r)
		default:
			r.Skip()
		}
	}
}

func (c *usersChunk) unpackRows(r *wire.Reader) {
	if c.each == nil {
		c.room = rowRooms.lend()
		c.Rows = c.room.Read(r)
		return
	}
	for row := range c.room.Each(r) {
		c.each(row)
	}
}

func (s *sights) unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case tailFrom:
			s.From = int(r.Int())
		case tailRows:
			s.Rows = unpackInts(r)
		case tailMore:
			sub := r.Sub()
			s.More = make([]more, sub.Count())
			for i := range s.More {
				s.More[i] = more{Rank: int(sub.Int()), Row: int(sub.Int())}
			}
			r.Join(&sub)
		default:
			r.Skip()
		}
	}
}

func packInts(w *wire.Writer, number int, list []int) {
	mark := w.Begin(number)
	w.Count(len(list))
	for _, n := range list {
		w.Int(int64(n))
	}
	w.Close(mark)
}

func unpackInts(r *wire.Reader) []int {
	sub := r.Sub()
	list := make([]int, sub.Count())
	for i := range list {
		list[i] = int(sub.Int())
	}
	r.Join(&sub)
	return list
}

// rowRooms are memory for the rows of a chunk.
var rowRooms lender[roster.RowBuffer] //nolint:gochecknoglobals // memory only

// release gives the memory of the rows back; what they say stays.
func (c *usersChunk) release() {
	if c.room != nil {
		rowRooms.giveBack(c.room)
		c.room, c.Rows = nil, nil
	}
}

// Release is of lent: gives the memory back that the rows were packed in.
func (c *usersChunk) Release() {
	for _, rows := range c.sheets {
		rows.Release()
	}
}

// The fields of a chunk of groups.
const (
	groupsGroups      = 1
	groupsMemberships = 2
)

// The fields of a group as the directory has it.
const (
	groupRow  = 1
	groupKey  = 2
	groupName = 3
)

// The fields of a membership. A group that isn't there is that of the membership before.
const (
	membershipGroup = 1
	membershipUser  = 2
	membershipEmail = 3
)

// Pack is of wire.Packed.
func (c *groupsChunk) Pack(w *wire.Writer) {
	w.ListField(groupsGroups, len(c.Groups))
	for _, group := range c.Groups {
		w.Item()
		w.IntField(groupRow, int64(group.Row))
		w.TextField(groupKey, group.Key)
		w.TextField(groupName, group.Name)
		w.End()
	}
	w.End()
	w.ListField(groupsMemberships, len(c.Memberships))
	of := ""
	for _, m := range c.Memberships {
		w.Item()
		if m.Group != of {
			of = m.Group
			w.TextField(membershipGroup, of)
		}
		w.TextField(membershipUser, m.User)
		w.TextField(membershipEmail, m.Email)
		w.End()
	}
	w.End()
	w.End()
}

// Unpack is of wire.Unpacked.
func (c *groupsChunk) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case groupsGroups:
			c.Groups = make([]directory.Group, 0, r.List())
			for r.Item() {
				c.Groups = append(c.Groups, unpackGroup(r))
			}
		case groupsMemberships:
			c.Memberships = make([]directory.Membership, 0, r.List())
			of := ""
			for r.Item() {
				m := unpackMembership(r, of)
				c.Memberships, of = append(c.Memberships, m), m.Group
			}
		default:
			r.Skip()
		}
	}
}

func unpackGroup(r *wire.Reader) (group directory.Group) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case groupRow:
			group.Row = int(r.Int())
		case groupKey:
			group.Key = r.Text()
		case groupName:
			group.Name = r.Text()
		default:
			r.Skip()
		}
	}
	return group
}

func unpackMembership(r *wire.Reader, of string) directory.Membership {
	m := directory.Membership{Group: of}
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case membershipGroup:
			m.Group = r.Text()
		case membershipUser:
			m.User = r.Text()
		case membershipEmail:
			m.Email = r.Text()
		default:
			r.Skip()
		}
	}
	return m
}

// The fields of a chunk of the roster.
const (
	rosterGroupList = 1 // JSON
	rosterUsers     = 2
	rosterAbsent    = 3
	rosterKept      = 4
	rosterListings  = 5
)

// The fields of a listing.
const (
	listingGroup   = 1
	listingMembers = 2
)

// Release is of lent: gives the memory back that the users stand in.
func (c *rosterChunk) Release() {
	for _, piece := range c.judged {
		piece.rules, piece.tail = nil, nil
		judgements.giveBack(piece)
	}
}

// Pack is of wire.Packed.
func (c *rosterChunk) Pack(w *wire.Writer) {
	if c.Groups != nil {
		w.JSONField(rosterGroupList, c.Groups)
	}
	roster.PackUsers(w, rosterUsers, c.Users)
	w.IDsField(rosterAbsent, c.Absent)
	w.IDsField(rosterKept, c.Kept)
	if len(c.Listings) > 0 {
		w.ListField(rosterListings, len(c.Listings))
		for _, l := range c.Listings {
			w.Item()
			w.TextField(listingGroup, l.Group)
			w.IDsField(listingMembers, l.Members)
			w.End()
		}
		w.End()
	}
	w.End()
}

// Unpack is of wire.Unpacked. Users take the place of those before.
func (c *rosterChunk) Unpack(r *wire.Reader) {
	*c = rosterChunk{Users: c.Users[:0]}
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case rosterGroupList:
			c.Groups = new(rosterGroups)
			r.JSON(c.Groups)
		case rosterUsers:
			c.Users = roster.UnpackUsers(r, c.Users)
		case rosterAbsent:
			c.Absent = r.IDList()
		case rosterKept:
			c.Kept = r.IDList()
		case rosterListings:
			c.Listings = make([]listing, 0, r.List())
			for r.Item() {
				c.Listings = append(c.Listings, unpackListing(r))
			}
		default:
			r.Skip()
		}
	}
}

func unpackListing(r *wire.Reader) (l listing) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case listingGroup:
			l.Group = r.Text()
		case listingMembers:
			l.Members = r.IDList()
		default:
			r.Skip()
		}
	}
	return l
}
