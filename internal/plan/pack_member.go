package plan

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/roster"
)

// What of a packed member differs from the one before it: a bit for each value, then these.
const (
	newExternalID = 1 << (iota + roster.ValueCount)
	newExternalKind
	newVersion
	newDepartedAt
	newCreatedAt
	newUpdatedAt
	newRow
	newColumns
	newIssues
	newContent
	otherID // than the change is of

	whole = otherID - 1 // all but that
)

// differing is what of m differs from last, in the order in which it is packed; all, where last isn't known.
func differing(m *roster.Member, of uuid.UUID, last *roster.Member) (differs uint64) {
	if last == nil {
		if m.ID != of {
			return whole | otherID
		}
		return whole
	}
	for f := range m.Values {
		if m.Values[f] != last.Values[f] {
			differs |= 1 << f
		}
	}
	for i, other := range [...]bool{
		m.ExternalID != last.ExternalID, m.ExternalKind != last.ExternalKind, m.Version != last.Version,
		!m.DepartedAt.Equal(last.DepartedAt), !m.CreatedAt.Equal(last.CreatedAt), !m.UpdatedAt.Equal(last.UpdatedAt),
		m.Known.Row != last.Known.Row, m.Known.Columns != last.Known.Columns, m.Known.Issues != last.Known.Issues,
		m.Known.Content != last.Known.Content, m.ID != of,
	} {
		if other {
			differs |= 1 << (i + roster.ValueCount)
		}
	}
	return differs
}

func packMember(w *chunk.Writer, m *roster.Member, of uuid.UUID, last *roster.Member) {
	differs := differing(m, of, last)
	w.Uint(differs)
	for f := range m.Values {
		if differs&(1<<f) != 0 {
			w.Text(m.Values[f])
		}
	}
	if differs&newExternalID != 0 {
		w.Text(m.ExternalID)
	}
	if differs&newExternalKind != 0 {
		w.Text(m.ExternalKind)
	}
	if differs&newVersion != 0 {
		w.Int(m.Version)
	}
	if differs&newDepartedAt != 0 {
		packTime(w, m.DepartedAt)
	}
	if differs&newCreatedAt != 0 {
		packTime(w, m.CreatedAt)
	}
	if differs&newUpdatedAt != 0 {
		packTime(w, m.UpdatedAt)
	}
	if differs&newRow != 0 {
		w.Fixed(m.Known.Row[:])
	}
	if differs&newColumns != 0 {
		w.Uint(m.Known.Columns)
	}
	if differs&newIssues != 0 {
		w.Uint(uint64(m.Known.Issues))
	}
	if differs&newContent != 0 {
		w.Word(m.Known.Content)
	}
	if differs&otherID != 0 {
		w.Fixed(m.ID[:])
	}
}

func unpackMember(r *chunk.Reader, m *roster.Member, of uuid.UUID, last *roster.Member) {
	*m = *last
	m.ID = of
	differs := r.Uint()
	for f := range m.Values {
		if differs&(1<<f) != 0 {
			m.Values[f] = r.Text()
		}
	}
	if differs&newExternalID != 0 {
		m.ExternalID = r.Text()
	}
	if differs&newExternalKind != 0 {
		m.ExternalKind = r.Text()
	}
	if differs&newVersion != 0 {
		m.Version = r.Int()
	}
	if differs&newDepartedAt != 0 {
		m.DepartedAt = unpackTime(r)
	}
	if differs&newCreatedAt != 0 {
		m.CreatedAt = unpackTime(r)
	}
	if differs&newUpdatedAt != 0 {
		m.UpdatedAt = unpackTime(r)
	}
	if differs&newRow != 0 {
		r.Fixed(m.Known.Row[:])
	}
	if differs&newColumns != 0 {
		m.Known.Columns = r.Uint()
	}
	if differs&newIssues != 0 {
		m.Known.Issues = roster.Codes(r.Uint())
	}
	if differs&newContent != 0 {
		m.Known.Content = r.Word()
	}
	if differs&otherID != 0 {
		r.Fixed(m.ID[:])
	}
}

// packTime packs a time to the nanosecond, the zero one too.
func packTime(w *chunk.Writer, t time.Time) {
	w.Int(t.Unix())
	w.Int(int64(t.Nanosecond()))
}

func unpackTime(r *chunk.Reader) time.Time { return time.Unix(r.Int(), r.Int()).UTC() }
