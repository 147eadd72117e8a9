package stage

import (
	"iter"

	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/wire"
)

// UsersChunk is a part of what a read of users stored: unknown rows and, in the last chunks, the row numbers of
// known rows.
type UsersChunk struct {
	Rows   []roster.Row       // as read; see Release
	Packed []*read.PackedRows // as written, in place of Rows

	// Page describes one page of a source that a read can resume after. For each row in order it has the rank of the
	// member who knows the row, or -1 for a row in Rows.
	Page  []int
	First int          // number of the page's first row, from 1
	State *ResumeState // state of the read after the page

	Seen *SeenRows

	buffer *read.RowBuffer // memory of Rows
	each   func(roster.Row)
}

// SeenRows are the row numbers of known rows.
type SeenRows struct {
	From int   // rank of the first member
	Rows []int // for each member: the row number, minus the one before; sum 0: not seen
	More []SeenAgain
}

// SeenAgain is a known row that was seen more than once.
type SeenAgain struct{ Rank, Row int }

// NewSeenRows returns the row numbers of members from a rank on. 0 means not seen.
func NewSeenRows(from int, rows []int32) *SeenRows {
	s := &SeenRows{From: from, Rows: make([]int, len(rows))}
	before := 0
	for i, row := range rows {
		s.Rows[i] = int(row) - before // mostly 1, because members are numbered in the order of rows: it packs well
		before = int(row)
	}
	return s
}

// All yields the ranks of the members whose rows were seen, with the row numbers.
func (s *SeenRows) All() iter.Seq2[int, int] {
	return func(yield func(rank, row int) bool) {
		row := 0
		for i, step := range s.Rows {
			row += step
			if row != 0 && !yield(s.From+i, row) {
				return
			}
		}
		for _, again := range s.More {
			if !yield(again.Rank, again.Row) {
				return
			}
		}
	}
}

// Counts are the counts of a read of users.
type Counts struct {
	Columns read.Columns        `json:"columns"`
	Unused  []read.UnusedColumn `json:"unused,omitempty"`
	Filled  []int               `json:"filled,omitempty"` // rows in which each of Columns has a value
	Rows    int                 `json:"rows"`
	Staged  int                 `json:"staged"` // rows that were not known
	Digest  roster.Hash         `json:"digest"` // of all rows, in any order
}

// ResumeState is the state of a read after a page.
type ResumeState struct {
	Counts
	Index roster.Hash `json:"index"` // fingerprint of the members who know a row
}

// UsersSummary seals a stage of users.
type UsersSummary struct {
	Counts
	Source roster.Source `json:"source"` // where the rows came from
	Index  roster.Hash   `json:"index"`  // fingerprint of the members who know a row
	Full   bool          `json:"full"`   // all rows are staged, known or not
	Again  bool          `json:"again"`  // the rows here are unusable: ledger.StageUsersAgain has them
	Fresh  bool          `json:"fresh"`  // ledger.StageUsersAgain has new column numbers
}

// The fields of a chunk of users.
const (
	usersRows  = 1
	usersFirst = 2
	usersPage  = 3 // without tags: how many, and each
	usersState = 4 // JSON
	usersSeen  = 5
)

// The fields of seen rows.
const (
	seenFrom = 1
	seenRows = 2 // without tags: how many, and each
	seenMore = 3 // without tags: how many, and the rank and row of each
)

// Pack implements wire.Packed.
func (c *UsersChunk) Pack(w *wire.Writer) {
	if c.Packed != nil {
		read.PackRows(w, usersRows, c.Packed...)
	} else {
		var rows read.PackedRows
		for i := range c.Rows {
			rows.Add(&c.Rows[i])
		}
		read.PackRows(w, usersRows, &rows)
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
	if c.Seen != nil {
		c.Seen.pack(w)
	}
	w.End()
}

func (s *SeenRows) pack(w *wire.Writer) {
	w.Tag(usersSeen, wire.Record)
	w.IntField(seenFrom, int64(s.From))
	packInts(w, seenRows, s.Rows)
	mark := w.Begin(seenMore)
	w.Count(len(s.More))
	for _, again := range s.More {
		w.Int(int64(again.Rank))
		w.Int(int64(again.Row))
	}
	w.Close(mark)
	w.End()
}

// Unpack implements wire.Unpacked.
func (c *UsersChunk) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case usersRows:
			c.unpackRows(r)
		case usersFirst:
			c.First = int(r.Int())
		case usersPage:
			c.Page = unpackInts(r)
		case usersState:
			c.State = new(ResumeState)
			r.JSON(c.State)
		case usersSeen:
			c.Seen = new(SeenRows)
			c.Seen.unpack(r)
		default:
			r.Skip()
		}
	}
}

func (c *UsersChunk) unpackRows(r *wire.Reader) {
	if c.each == nil {
		c.buffer = rowBuffers.Take()
		c.Rows = c.buffer.Read(r)
		return
	}
	for row := range c.buffer.Each(r) {
		c.each(row)
	}
}

// EachRow returns a chunk that passes each row to each while it is decoded. The rows share one buffer and aren't
// kept.
func EachRow(buffer *read.RowBuffer, each func(roster.Row)) UsersChunk {
	return UsersChunk{buffer: buffer, each: each}
}

// rowBuffers is a pool of memory for the rows of a chunk.
var rowBuffers reuse.Pool[read.RowBuffer] //nolint:gochecknoglobals // memory only

// Release returns the memory of Rows to a pool. Texts of the rows stay valid.
func (c *UsersChunk) Release() {
	if c.each == nil && c.buffer != nil {
		rowBuffers.Put(c.buffer)
		c.buffer, c.Rows = nil, nil
	}
}

func (s *SeenRows) unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case seenFrom:
			s.From = int(r.Int())
		case seenRows:
			s.Rows = unpackInts(r)
		case seenMore:
			sub := r.Sub()
			s.More = make([]SeenAgain, sub.Count())
			for i := range s.More {
				s.More[i] = SeenAgain{Rank: int(sub.Int()), Row: int(sub.Int())}
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
