package database

import (
	"bytes"
	"slices"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// Revision changes existing members. It changes a member only if the member is at the version from which the change was
// made. A column in which any of the changes differs is written for all members.
type Revision struct {
	Tenant    string
	At        int64  // microseconds
	KnownOnly bool   // write only what is known of the members' rows, and keep their versions and times
	differs   uint64 // bits of revisedColumns
	Changes   []*plan.Change
}

// MemberColumn is a column of members that a Revision may write. Exactly one of the three functions is set.
type MemberColumn struct {
	Name   string
	Text   func(*roster.Member) string
	Number func(*roster.Member) int64
	Bytes  func(*roster.Member) []byte
}

// Value returns the column's value for a member, or nil for NULL.
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

// revisedColumns are the columns in the order of a revision's bits: one for each field, then the others.
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
		MemberColumn{Name: "row_custom", Number: func(m *roster.Member) int64 { return int64(m.Known.Custom) }},
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
	revisesCustom
	revisesIssues
	revisesContent

	revisesKnown = revisesRow | revisesColumns | revisesCustom | revisesIssues | revisesContent
)

// Add adds a change of a member that exists before and after it.
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

// Columns returns the columns in which any of the changes differs.
func (r *Revision) Columns() (columns []MemberColumn) {
	for i, column := range revisedColumns {
		if r.differs&(1<<i) != 0 {
			columns = append(columns, column)
		}
	}
	return columns
}

// Sort sorts the changes by member id. Transactions that write the same members then lock them in the same order, so
// they can't deadlock.
func (r *Revision) Sort() {
	byID := func(a, b *plan.Change) int { return bytes.Compare(a.Member[:], b.Member[:]) }
	if !slices.IsSortedFunc(r.Changes, byID) {
		slices.SortFunc(r.Changes, byID)
	}
}

// HashBytes returns a row's hash as it is stored. The zero Hash is NULL.
func HashBytes(h *roster.Hash) []byte {
	if *h == (roster.Hash{}) {
		return nil
	}
	return h[:]
}
