package store

import (
	"bytes"
	"slices"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// revision changes members that are there, each of them only if it is at the version from which its change was made. It
// writes the columns in which one of them differs, to all of them.
type revision struct {
	tenant  string
	at      int64 // microseconds
	known   bool  // only what the index remembers: no version, no time
	differs uint64
	changes []*plan.Change
}

// memberColumn is a column of members that changes may write, by one of three ways.
type memberColumn struct {
	name   string
	text   func(*roster.Member) string
	number func(*roster.Member) int64
	bytes  func(*roster.Member) []byte
}

// value is what the column holds of a member.
func (c memberColumn) value(m *roster.Member) any {
	switch {
	case c.text != nil:
		return c.text(m)
	case c.number != nil:
		return c.number(m)
	}
	if hash := c.bytes(m); hash != nil {
		return hash
	}
	return nil
}

// revisedColumns are the columns in the order of a revision's bits: one a field, then the others.
var revisedColumns = func() (columns []memberColumn) {
	for f := range roster.ValueFields() {
		columns = append(columns, memberColumn{
			name: f.String(), text: func(m *roster.Member) string { return m.Values[f] },
		})
	}
	return append(columns,
		memberColumn{name: "external_id", text: func(m *roster.Member) string { return m.ExternalID }},
		memberColumn{name: "external_kind", text: func(m *roster.Member) string { return m.ExternalKind }},
		memberColumn{name: "departed_at", number: func(m *roster.Member) int64 { return micros(m.DepartedAt) }},
		memberColumn{name: "row_hash", bytes: func(m *roster.Member) []byte { return hashBytes(&m.Known.Row) }},
		memberColumn{name: "row_columns", number: func(m *roster.Member) int64 { return int64(m.Known.Columns) }},
		memberColumn{name: "row_issues", number: func(m *roster.Member) int64 { return int64(m.Known.Issues) }},
		memberColumn{name: "row_content", number: func(m *roster.Member) int64 { return int64(m.Known.Content) }},
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

// add adds a change of a member that is there before and after.
func (r *revision) add(c *plan.Change) {
	r.changes = append(r.changes, c)
	b, a := c.Before, c.After
	if r.known || b.Known != a.Known {
		r.differs |= revisesKnown
	}
	if r.known {
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

// columns are those that differ.
func (r *revision) columns() (columns []memberColumn) {
	for i, column := range revisedColumns {
		if r.differs&(1<<i) != 0 {
			columns = append(columns, column)
		}
	}
	return columns
}

// sort has the members written in the order of their ids, so that of two who write the same ones at once one waits for
// the other, and not each for the other.
func (r *revision) sort() {
	byID := func(a, b *plan.Change) int { return bytes.Compare(a.Member[:], b.Member[:]) }
	if !slices.IsSortedFunc(r.changes, byID) {
		slices.SortFunc(r.changes, byID)
	}
}
