package roster

import (
	"iter"
	"math/bits"
	"slices"

	"github.com/rollcall/rollcall/internal/chunk"
)

// What comes in great numbers packs itself in lists. Values that are those of the one before are left out: a report goes
// by departments and offices, and most of what an index keeps is alike for all.

// Rows are rows that pack themselves.
type Rows []Row

// What a packed row has beside its number, hash and cells.
const (
	rowRecognised = 1 << iota
	rowUnsorted   // its cells aren't one each of rising columns below 64: they are packed one by one
)

// Pack is of chunk.Packed.
func (rows *Rows) Pack(w *chunk.Writer) {
	var sheet Sheet
	for i := range *rows {
		sheet.Add(&(*rows)[i])
	}
	sheet.Pack(w)
	sheet.Release()
}

// packCells packs cells as the masks of their columns, and of those with more to them than one value.
func (r *Row) packCells(w *chunk.Writer) {
	flags := r.flags()
	var filled, rich uint64
	before := -1
	for i := range r.Cells {
		cell := &r.Cells[i]
		if cell.Column <= before || cell.Column >= maxColumns {
			flags |= rowUnsorted
			break
		}
		before = cell.Column
		filled |= 1 << cell.Column
		if len(cell.Values) != 1 || cell.IDs != nil {
			rich |= 1 << cell.Column
		}
	}
	w.Uint(flags)
	if flags&rowUnsorted != 0 {
		w.Count(len(r.Cells))
	} else {
		w.Uint(filled)
		w.Uint(rich)
	}
	for i := range r.Cells {
		cell := &r.Cells[i]
		switch {
		case flags&rowUnsorted != 0:
			w.Int(int64(cell.Column))
			packTexts(w, cell.Values)
			packTexts(w, cell.IDs)
		case rich&(1<<cell.Column) != 0:
			packTexts(w, cell.Values)
			packTexts(w, cell.IDs)
		default:
			w.Text(cell.Values[0])
		}
	}
}

func (r *Row) flags() uint64 {
	if r.Recognised {
		return rowRecognised
	}
	return 0
}

// packTexts packs a list; nil and an empty one are the same.
func packTexts(w *chunk.Writer, texts []string) {
	w.Count(len(texts))
	for _, text := range texts {
		w.Text(text)
	}
}

// Unpack is of chunk.Unpacked.
func (rows *Rows) Unpack(r *chunk.Reader) { *rows = new(RowRoom).Unpack(r) }

// RowRoom is memory in which rows are unpacked, one list after the other: each takes the place of the one before. The texts
// are the chunk's own and stay.
type RowRoom struct {
	rows  []Row
	cells []Cell
	texts []string
}

// Unpack unpacks what Rows packed; nil for none.
func (room *RowRoom) Unpack(r *chunk.Reader) []Row {
	count := r.Count()
	room.rows = slices.Grow(room.rows[:0], count)[:count]
	room.cells = slices.Grow(room.cells[:0], r.Count())
	room.texts = slices.Grow(room.texts[:0], r.Count())
	number := 0
	for i := range room.rows {
		number = room.unpack(r, &room.rows[i], number)
	}
	if count == 0 {
		return nil
	}
	return room.rows
}

// Each yields what Rows packed, each row in the place of the one before: room for one is enough, and stays at hand.
func (room *RowRoom) Each(r *chunk.Reader) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		count := r.Count()
		r.Count()
		r.Count()
		var row Row
		for range count {
			room.cells, room.texts = room.cells[:0], room.texts[:0]
			if room.unpack(r, &row, row.Number); !yield(row) {
				return
			}
		}
	}
}

// unpack unpacks a row that comes after one of that number, and returns its own.
func (room *RowRoom) unpack(r *chunk.Reader, row *Row, after int) (number int) {
	*row = Row{Number: after + int(r.Int())}
	r.Fixed(row.Hash[:])
	flags := r.Uint()
	row.Recognised = flags&rowRecognised != 0
	from := len(room.cells)
	if flags&rowUnsorted != 0 {
		for range r.Count() {
			room.cells = append(room.cells, Cell{Column: int(r.Int()), Values: room.list(r), IDs: room.list(r)})
		}
	} else {
		filled, rich := r.Uint(), r.Uint()
		for ; filled != 0; filled &= filled - 1 {
			column := bits.TrailingZeros64(filled)
			if rich&(1<<column) != 0 {
				room.cells = append(room.cells, Cell{Column: column, Values: room.list(r), IDs: room.list(r)})
				continue
			}
			at := len(room.texts)
			room.texts = append(room.texts, r.Text())
			room.cells = append(room.cells, Cell{Column: column, Values: room.texts[at : at+1 : at+1]})
		}
	}
	if len(room.cells) > from {
		row.Cells = room.cells[from:len(room.cells):len(room.cells)]
	}
	return row.Number
}

func (room *RowRoom) list(r *chunk.Reader) []string {
	count := r.Count()
	if count == 0 {
		return nil
	}
	at := len(room.texts)
	for range count {
		room.texts = append(room.texts, r.Text())
	}
	return room.texts[at:len(room.texts):len(room.texts)]
}

// Users are users that pack themselves.
type Users []User

// What of a packed user differs from the one before: a bit for each value, then these.
const (
	userKind = 1 << (iota + ValueCount)
	userKept
	userColumns
	userIssues
	userGroups // is in groups
	userNew
	userRecognised
	userUnknown // Known.Row is zero
)

// Pack is of chunk.Packed.
func (users *Users) Pack(w *chunk.Writer) {
	w.Count(len(*users))
	last := &User{}
	for i := range *users {
		user := &(*users)[i]
		user.pack(w, last)
		last = user
	}
}

func (u *User) pack(w *chunk.Writer, last *User) {
	var has uint64
	for f := range u.Values {
		if u.Values[f] != last.Values[f] {
			has |= 1 << f
		}
	}
	for i, is := range [...]bool{
		u.ExternalKind != last.ExternalKind, u.Kept != last.Kept, u.Known.Columns != last.Known.Columns,
		u.Known.Issues != last.Known.Issues, len(u.Groups) > 0, u.New, u.Recognised, u.Known.Row == Hash{},
	} {
		if is {
			has |= 1 << (i + ValueCount)
		}
	}
	w.Uint(has)
	w.Int(int64(u.Row - last.Row))
	w.Fixed(u.Member[:])
	w.Text(u.ExternalID)
	for f := range u.Values {
		if has&(1<<f) != 0 {
			w.Text(u.Values[f])
		}
	}
	if has&userKind != 0 {
		w.Text(u.ExternalKind)
	}
	if has&userKept != 0 {
		w.Uint(uint64(u.Kept))
	}
	if has&userColumns != 0 {
		w.Uint(u.Known.Columns)
	}
	if has&userIssues != 0 {
		w.Uint(uint64(u.Known.Issues))
	}
	if has&userGroups != 0 {
		packTexts(w, u.Groups)
	}
	if has&userUnknown == 0 {
		w.Fixed(u.Known.Row[:])
	}
	w.Word(u.Known.Content)
}

// Unpack is of chunk.Unpacked: in the place of the users before.
func (users *Users) Unpack(r *chunk.Reader) {
	count := r.Count()
	*users = slices.Grow((*users)[:0], count)[:count]
	last := &User{}
	for i := range *users {
		user := &(*users)[i]
		user.unpack(r, last)
		last = user
	}
}

func (u *User) unpack(r *chunk.Reader, last *User) {
	has := r.Uint()
	*u = *last
	u.Row += int(r.Int())
	r.Fixed(u.Member[:])
	u.ExternalID = r.Text()
	for f := range u.Values {
		if has&(1<<f) != 0 {
			u.Values[f] = r.Text()
		}
	}
	if has&userKind != 0 {
		u.ExternalKind = r.Text()
	}
	if has&userKept != 0 {
		u.Kept = FieldSet(r.Uint())
	}
	if has&userColumns != 0 {
		u.Known.Columns = r.Uint()
	}
	if has&userIssues != 0 {
		u.Known.Issues = Codes(r.Uint())
	}
	u.Groups = nil
	if has&userGroups != 0 {
		u.Groups = r.Texts(r.Count())
		for i := range u.Groups {
			u.Groups[i] = r.Text()
		}
	}
	u.New, u.Recognised, u.Known.Row = has&userNew != 0, has&userRecognised != 0, Hash{}
	if has&userUnknown == 0 {
		r.Fixed(u.Known.Row[:])
	}
	u.Known.Content = r.Word()
}
