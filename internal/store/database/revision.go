package database

import (
	"bytes"
	"slices"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// Revision changes members that are there, each of them only if it is at the version from which its change was made. It
// writes the columns in which one of them differs, to all of them.
type Revision struct {
	Tenant    string
	At        int64 // microseconds
	KnownOnly bool  // only what the index remembers: no version, no time
	differs   uint64
	Changes   []*plan.Change
}

// MemberColumn is a column of members that changes may write, by one of three ways.
type MemberColumn struct {
	Name   string
	Text   func(*roster.Member) string
	Number func(*roster.Member) int64
	Bytes  func(*roster.Member) []byte
}

// Value is what the column holds of a member.
func (c MemberColumn) Value(m *roster.Member) any {
	switch {
	case c.Text != nil:
		return c.Text(m)
	case c.Number != nil:
		return c.Number(m)
	}
	if hash := c.Bytes(m); hash != nil {
		return hash
	}
	return nil
}

// revisedColumns are the columns in the order of a revision's bits: one a field, then the others.
var revisedColumns = func() (columns []MemberColumn) {
	for f := range roster.ValueFields() {
		columns = append(columns, MemberColumn{
			Name: f.String(), Text: func(m *roster.Member) string { return m.Values[f] },
		})
	}
	return append(columns,
		MemberColumn{Name: "external_id", Text: func(m *roster.Member) string { return m.ExternalID }},
		MemberColumn{Name: "external_kind", Text: func(m *roster.Member) string { return m.ExternalKind }},
		MemberColumn{Name: "departed_at", Number: func(m *roster.Member) int64 { return Micros(m.DepartedAt) }},
		MemberColumn{Name: "row_hash", Bytes: func(m *roster.Member) []byte { return HashBytes(&m.Known.Row) }},
		MemberColumn{Name: "row_columns", Number: func(m *roster.Member) int64 { return int64(m.Known.Columns) }},
		MemberColumn{Name: "row_issues", Number: func(m *roster.Member) int64 { return int64(m.Known.Issues) }},
		MemberColumn{Name: "row_content", Number: func(m *roster.Member) int64 { return int64(m.Known.Content) }},
	)
}()

// The bits of revisedColumns after the fields'.
const (
	revisesExternalID = 1 << (iota + roster.ValueCount)
	revisesExternalKind
	revisesDepartedAt
	revisesRow
	revisesColumns
	revisesIssues
	revisesContent

	revisesKnown = revisesRow | revisesColumns | revisesIssues | revisesContent
)

// Add adds a change of a member that is there before and after.
func (r *Revision) Add(c *plan.Change) {
	r.Changes = append(r.Changes, c)
	b, a := c.Before, c.After
	if r.KnownOnly || b.Known != a.Known {
		r.differs |= revisesKnown
	}
	if r.KnownOnly {
		return
	}
	for f := range a.Values {
		if b.Values[f] != a.Values[f] {
			r.differs |= 1 << f
		}
	}
	if b.ExternalID != a.ExternalID {
		r.differs |= revisesExternalID
	}
	if b.ExternalKind != a.ExternalKind {
		r.differs |= revisesExternalKind
	}
	if !b.DepartedAt.Equal(a.DepartedAt) {
		r.differs |= revisesDepartedAt
	}
}

// Columns are those that differ.
func (r *Revision) Columns() (columns []MemberColumn) {
	for i, column := range revisedColumns {
		if r.differs&(1<<i) != 0 {
			columns = append(columns, column)
		}
	}
	return columns
}

// Sort has the members written in the order of their ids, so that of two who write the same ones at once one waits for
// the other, and not each for the other.
func (r *Revision) Sort() {
	byID := func(a, b *plan.Change) int { return bytes.Compare(a.Member[:], b.Member[:]) }
	if !slices.IsSortedFunc(r.Changes, byID) {
		slices.SortFunc(r.Changes, byID)
	}
}

// HashBytes is how a row's hash is kept; the zero Hash is NULL.
func HashBytes(h *roster.Hash) []byte {
	if *h == (roster.Hash{}) {
		return nil
	}
	return h[:]
}
