package tables

import (
	"database/sql"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// MemberColumns returns the columns of members without the tenant: the fixed ones, then one for each field in the
// fields' order.
func MemberColumns() []string {
	columns := []string{
		"id", "version", "row_hash", "row_columns", "row_custom", "row_issues", "row_content", "external_id", "external_kind",
		"departed_at", "created_at", "updated_at",
	}
	for f := range roster.ValueFields() {
		columns = append(columns, f.String())
	}
	return columns
}

// NewMemberRows returns the insertion of members that don't exist yet.
func NewMemberRows() database.Insertion {
	return database.Insertion{Table: "members", Columns: append([]string{"tenant"}, MemberColumns()...)}
}

// MemberScan scans the members of one stream. It reuses its memory from row to row.
type MemberScan struct {
	member                                                       roster.Member
	hash                                                         sql.RawBytes
	columns, custom, issues, content, departed, created, updated int64

	into []any // pointers to the fields above, in the order of MemberColumns
}

// Scan reads a row whose columns are MemberColumns.
func (s *MemberScan) Scan(rows *sql.Rows) (roster.Member, error) {
	m := &s.member
	if s.into == nil {
		s.into = []any{
			&m.ID, &m.Version, &s.hash, &s.columns, &s.custom, &s.issues, &s.content, &m.ExternalID, &m.ExternalKind, &s.departed,
			&s.created,
			&s.updated,
		}
		for f := range m.Values {
			s.into = append(s.into, &m.Values[f])
		}
	}
	if err := rows.Scan(s.into...); err != nil {
		return roster.Member{}, err
	}
	m.Known = roster.Known{
		Columns: uint64(s.columns), Custom: uint64(s.custom), Issues: roster.WarningSet(s.issues), Content: uint64(s.content),
	}
	copy(m.Known.Row[:], s.hash)
	m.DepartedAt, m.CreatedAt, m.UpdatedAt = database.FromMicros(s.departed), database.FromMicros(s.created),
		database.FromMicros(s.updated)
	return *m, nil
}

// DecodeMember reads a row in PostgreSQL's binary format, whose columns are MemberColumns. It writes the member's texts
// into buffer.
func DecodeMember(values [][]byte, buffer *roster.TextBuffer) (m roster.Member) {
	copy(m.ID[:], values[0])
	copy(m.Known.Row[:], values[2])
	m.Version = int64(database.BigInt(values[1]))
	m.Known.Columns, m.Known.Custom = database.BigInt(values[3]), database.BigInt(values[4])
	m.Known.Issues, m.Known.Content = roster.WarningSet(database.BigInt(values[5])), database.BigInt(values[6])
	departed, created, updated := int64(database.BigInt(values[9])), int64(database.BigInt(values[10])),
		int64(database.BigInt(values[11]))
	m.DepartedAt, m.CreatedAt, m.UpdatedAt = database.FromMicros(departed), database.FromMicros(created),
		database.FromMicros(updated)
	size := len(values[7]) + len(values[8])
	for _, value := range values[12:] {
		size += len(value)
	}
	buffer.Grow(size)
	m.ExternalID, m.ExternalKind = buffer.Put(values[7]), buffer.Put(values[8])
	for f := range m.Values {
		m.Values[f] = buffer.Put(values[12+f])
	}
	return m
}
