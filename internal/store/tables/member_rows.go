package tables

import (
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// PutMember adds a new member to rows made for NewMemberRows. The member gets version 1, and the batch's time as both
// of its times.
func PutMember(s database.Rows, b *ledger.Batch, m *roster.Member) {
	s.Text(b.Tenant)
	s.Bytes(m.ID[:])
	s.Number(1)
	s.Bytes(database.HashBytes(&m.Known.Row))
	s.Number(int64(m.Known.Columns))
	s.Number(int64(m.Known.Custom))
	s.Number(int64(m.Known.Issues))
	s.Number(int64(m.Known.Content))
	s.Text(m.ExternalID)
	s.Text(m.ExternalKind)
	s.Number(database.Micros(m.DepartedAt))
	s.Number(database.Micros(b.At))
	s.Number(database.Micros(b.At))
	for f := range m.Values {
		s.Text(m.Values[f])
	}
}
