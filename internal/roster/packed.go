package roster

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/wire"
)

// A stored list of users or members holds, for each item, only the fields that differ from the item before. That is
// little, because a report is grouped by departments and offices, and a change leaves most of a member alone. An absent
// field has the value of the item before.
//
// Values and the external id use their numbers in the field table. The other fields use the numbers 20 to 31, which the
// table leaves free and which take one byte, and 33, which it leaves free as well.
const (
	packedID      = 20 // of the member
	packedKind    = 21 // of the external id
	packedHash    = 22 // of the row
	packedColumns = 23
	packedIssues  = 24
	packedContent = 25
	packedCustom  = 33 // mask of the custom fields

	// Only in a user.
	packedRow    = 26 // difference to the row before
	packedKept   = 27 // FieldSet.Numbers
	packedFlags  = 28
	packedGroups = 29 // absent: no groups
	packedTakes  = 30

	// Only in a member.
	packedVersion    = 26
	packedDepartedAt = 27
	packedCreatedAt  = 28
	packedUpdatedAt  = 29
	packedWhole      = 30 // comes first: absent fields are zero, not those of the item before
)

// The bits of packedFlags.
const (
	flagNew = 1 << iota
	flagRecognised
	flagRelinked
	flagLinked
)

// packed refers to the fields that users and members share.
type packed struct {
	id, kind *string
	values   *Values
	known    *Known
}

func (u *User) packed() packed {
	return packed{&u.ExternalID, &u.ExternalKind, &u.Values, &u.Known}
}

func (m *Member) packed() packed {
	return packed{&m.ExternalID, &m.ExternalKind, &m.Values, &m.Known}
}

func (p packed) write(w *wire.Writer, last packed) {
	for f := range p.values {
		if p.values[f] != last.values[f] {
			w.TextField(fieldTable[f].number, p.values[f])
		}
	}
	if *p.id != *last.id {
		w.TextField(ExternalID.Number(), *p.id)
	}
	if *p.kind != *last.kind {
		w.TextField(packedKind, *p.kind)
	}
	if p.known.Row != last.known.Row {
		w.FixedField(packedHash, p.known.Row)
	}
	if p.known.Columns != last.known.Columns {
		w.UintField(packedColumns, p.known.Columns)
	}
	if p.known.Custom != last.known.Custom {
		w.UintField(packedCustom, p.known.Custom)
	}
	if p.known.Issues != last.known.Issues {
		w.UintField(packedIssues, uint64(p.known.Issues))
	}
	if p.known.Content != last.known.Content {
		w.WordField(packedContent, p.known.Content)
	}
}

// read reads one field. It returns false if users and members don't share it.
func (p packed) read(r *wire.Reader, number int) bool {
	if f := FieldNumbered(number); int(f) < ValueCount {
		p.values[f] = r.Text()
		return true
	} else if f == ExternalID {
		*p.id = r.Text()
		return true
	}
	switch number {
	case packedKind:
		*p.kind = r.Text()
	case packedHash:
		p.known.Row = r.Fixed()
	case packedColumns:
		p.known.Columns = r.Uint()
	case packedCustom:
		p.known.Custom = r.Uint()
	case packedIssues:
		p.known.Issues = WarningSet(r.Uint())
	case packedContent:
		p.known.Content = r.Word()
	default:
		return false
	}
	return true
}

// PackUsers writes users as a list in the field with the given number.
func PackUsers(w *wire.Writer, number int, users []User) {
	w.ListField(number, len(users))
	last := &User{}
	for i := range users {
		w.Item()
		users[i].pack(w, last)
		last = &users[i]
	}
	w.End()
}

func (u *User) pack(w *wire.Writer, last *User) {
	w.IntField(packedRow, int64(u.Row-last.Row))
	w.FixedField(packedID, u.Member)
	u.packed().write(w, last.packed())
	if u.Kept != last.Kept {
		w.UintField(packedKept, u.Kept.Numbers())
	}
	if flags := u.flags(); flags != last.flags() {
		w.UintField(packedFlags, flags)
	}
	w.TextsField(packedGroups, u.Groups)
	if u.Takes != uuid.Nil {
		w.FixedField(packedTakes, u.Takes)
	}
	w.End()
}

func (u *User) flags() (flags uint64) {
	if u.New {
		flags |= flagNew
	}
	if u.Recognised {
		flags |= flagRecognised
	}
	if u.Relinked {
		flags |= flagRelinked
	}
	if u.Linked {
		flags |= flagLinked
	}
	return flags
}

// UnpackUsers reads what PackUsers wrote. It reuses the memory of users.
func UnpackUsers(r *wire.Reader, users []User) []User {
	users = slices.Grow(users[:0], r.List())
	for r.Item() {
		user := User{}
		if n := len(users); n > 0 {
			user = users[n-1]
		}
		users = append(users, user)
		users[len(users)-1].unpack(r)
	}
	return users
}

func (u *User) unpack(r *wire.Reader) {
	u.Groups, u.Takes = nil, uuid.Nil
	common := u.packed()
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case packedRow:
			u.Row += int(r.Int())
		case packedID:
			u.Member = r.Fixed()
		case packedKept:
			u.Kept = FieldSetNumbered(r.Uint())
		case packedFlags:
			flags := r.Uint()
			u.New, u.Recognised, u.Relinked = flags&flagNew != 0, flags&flagRecognised != 0, flags&flagRelinked != 0
			u.Linked = flags&flagLinked != 0
		case packedGroups:
			u.Groups = r.TextList()
		case packedTakes:
			u.Takes = r.Fixed()
		default:
			if !common.read(r, n) {
				r.Skip()
			}
		}
	}
}

// Pack writes a member in the field with the given number: only what differs from last, or everything if last is
// nil. It leaves out the id if it is of, which the reader passes in.
func (m *Member) Pack(w *wire.Writer, number int, last *Member, of uuid.UUID) {
	w.Tag(number, wire.Record)
	if last == nil {
		w.UintField(packedWhole, 1)
		last = &Member{}
	}
	if m.ID != of {
		w.FixedField(packedID, m.ID)
	}
	m.packed().write(w, last.packed())
	if m.Version != last.Version {
		w.IntField(packedVersion, m.Version)
	}
	packTime(w, packedDepartedAt, m.DepartedAt, last.DepartedAt)
	packTime(w, packedCreatedAt, m.CreatedAt, last.CreatedAt)
	packTime(w, packedUpdatedAt, m.UpdatedAt, last.UpdatedAt)
	w.End()
}

// Unpack reads what Pack wrote. Before the call, m holds the member before, with the id that Pack may have left
// out.
func (m *Member) Unpack(r *wire.Reader) {
	common := m.packed()
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case packedID:
			m.ID = r.Fixed()
		case packedWhole:
			r.Uint()
			*m = Member{ID: m.ID}
		case packedVersion:
			m.Version = r.Int()
		case packedDepartedAt:
			m.DepartedAt = unpackTime(r)
		case packedCreatedAt:
			m.CreatedAt = unpackTime(r)
		case packedUpdatedAt:
			m.UpdatedAt = unpackTime(r)
		default:
			if !common.read(r, n) {
				r.Skip()
			}
		}
	}
}

// packTime writes a time to the nanosecond, also the zero time, unless it equals last.
func packTime(w *wire.Writer, number int, t, last time.Time) {
	if t.Equal(last) {
		return
	}
	mark := w.Begin(number)
	w.Int(t.Unix())
	w.Int(int64(t.Nanosecond()))
	w.Close(mark)
}

func unpackTime(r *wire.Reader) time.Time {
	sub := r.Sub()
	t := time.Unix(sub.Int(), sub.Int()).UTC()
	r.Join(&sub)
	return t
}
