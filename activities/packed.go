package activities

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// Pack is of chunk.Packed.
func (c *usersChunk) Pack(w *chunk.Writer) {
	if c.sheets != nil {
		c.sheets.Pack(w)
	} else {
		(*roster.Rows)(&c.Rows).Pack(w)
	}
	w.Int(int64(c.First))
	w.Count(len(c.Page))
	for _, position := range c.Page {
		w.Int(int64(position))
	}
	packRest(w, c.State)
	w.Bool(c.Tail != nil)
	if c.Tail == nil {
		return
	}
	w.Int(int64(c.Tail.From))
	w.Count(len(c.Tail.Rows))
	for _, step := range c.Tail.Rows {
		w.Int(int64(step))
	}
	w.Count(len(c.Tail.More))
	for _, again := range c.Tail.More {
		w.Int(int64(again.Rank))
		w.Int(int64(again.Row))
	}
}

// Unpack is of chunk.Unpacked.
func (c *usersChunk) Unpack(r *chunk.Reader) {
	if c.each == nil {
		c.room = rowRooms.lend()
		c.Rows = c.room.Unpack(r)
	} else {
		for row := range c.room.Each(r) {
			c.each(row)
		}
	}
	c.First = int(r.Int())
	c.Page = chunk.List[int](r)
	for i := range c.Page {
		c.Page[i] = int(r.Int())
	}
	unpackRest(r, &c.State)
	if !r.Bool() {
		return
	}
	c.Tail = &sights{From: int(r.Int())}
	c.Tail.Rows = chunk.List[int](r)
	for i := range c.Tail.Rows {
		c.Tail.Rows[i] = int(r.Int())
	}
	c.Tail.More = chunk.List[more](r)
	for i := range c.Tail.More {
		c.Tail.More[i] = more{Rank: int(r.Int()), Row: int(r.Int())}
	}
}

// rowRooms are memory for the rows of a chunk.
var rowRooms lender[roster.RowRoom] //nolint:gochecknoglobals // memory only

// release gives the memory of the rows back; what they say stays.
func (c *usersChunk) release() {
	if c.room != nil {
		rowRooms.giveBack(c.room)
		c.room, c.Rows = nil, nil
	}
}

// Release is of lent: gives the memory back that the rows were packed in.
func (c *usersChunk) Release() { c.sheets.Release() }

// packRest packs what there is little of, as JSON.
func packRest[T any](w *chunk.Writer, rest *T) {
	if rest == nil {
		w.Text("")
		return
	}
	text, err := json.Marshal(rest)
	if err != nil {
		panic(err) // numbers, texts and lists of them
	}
	w.Text(string(text))
}

func unpackRest[T any](r *chunk.Reader, rest **T) {
	text := r.Text()
	if text == "" {
		return
	}
	*rest = new(T)
	if json.Unmarshal([]byte(text), *rest) != nil {
		r.Fail()
	}
}

// Pack is of chunk.Packed.
func (c *groupsChunk) Pack(w *chunk.Writer) {
	w.Count(len(c.Groups))
	for _, group := range c.Groups {
		w.Int(int64(group.Row))
		w.Text(group.Key)
		w.Text(group.Name)
	}
	w.Count(len(c.Memberships))
	of := ""
	for _, m := range c.Memberships {
		w.Bool(m.Group != of)
		if m.Group != of {
			of = m.Group
			w.Text(of)
		}
		w.Text(m.User)
		w.Text(m.Email)
	}
}

// Unpack is of chunk.Unpacked.
func (c *groupsChunk) Unpack(r *chunk.Reader) {
	c.Groups = chunk.List[directory.Group](r)
	for i := range c.Groups {
		c.Groups[i] = directory.Group{Row: int(r.Int()), Key: r.Text(), Name: r.Text()}
	}
	c.Memberships = chunk.List[directory.Membership](r)
	of := ""
	for i := range c.Memberships {
		if r.Bool() {
			of = r.Text()
		}
		c.Memberships[i] = directory.Membership{Group: of, User: r.Text(), Email: r.Text()}
	}
}

// Release is of lent: gives the memory back that the users stand in.
func (c *rosterChunk) Release() {
	for _, piece := range c.judged {
		piece.rules, piece.tail = nil, nil
		judgements.giveBack(piece)
	}
}

// Pack is of chunk.Packed.
func (c *rosterChunk) Pack(w *chunk.Writer) {
	packRest(w, c.Groups)
	(*roster.Users)(&c.Users).Pack(w)
	packIDs(w, c.Absent)
	packIDs(w, c.Kept)
	w.Count(len(c.Listings))
	for _, l := range c.Listings {
		w.Text(l.Group)
		packIDs(w, l.Members)
	}
}

// Unpack is of chunk.Unpacked.
func (c *rosterChunk) Unpack(r *chunk.Reader) {
	c.Groups = nil
	unpackRest(r, &c.Groups)
	(*roster.Users)(&c.Users).Unpack(r)
	c.Absent, c.Kept = unpackIDs(r), unpackIDs(r)
	c.Listings = chunk.List[listing](r)
	for i := range c.Listings {
		c.Listings[i] = listing{Group: r.Text(), Members: unpackIDs(r)}
	}
}

func packIDs(w *chunk.Writer, ids []uuid.UUID) {
	w.Count(len(ids))
	for i := range ids {
		w.Fixed(ids[i][:])
	}
}

func unpackIDs(r *chunk.Reader) []uuid.UUID {
	ids := chunk.List[uuid.UUID](r)
	for i := range ids {
		r.Fixed(ids[i][:])
	}
	return ids
}
