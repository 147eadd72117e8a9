package index

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Record is all that is kept of one member: what a roster.Entry and a roster.KnownRow are made of.
type Record struct {
	Member   uuid.UUID
	State    roster.State // as the member's own status says: never roster.StateGone
	Departed int64        // when, in microseconds since 1970; 0 unless departed

	External uint64 // roster.Key of the external id
	Kind     uint64 // roster.Key of the external kind
	Email    uint64 // roster.Key of the email
	Manager  uint64 // roster.Key of the manager's email

	Row         roster.Hash // zero: the member knows none
	Columns     uint64      // filled in that row
	HasWarnings bool        // that row had warnings
}

// Of is the record of a member.
func NewRecord(m *roster.Member) Record {
	r := Record{
		Member:   m.ID,
		External: roster.Key(m.ExternalID), Kind: roster.Key(m.ExternalKind),
		Email: roster.Key(m.Values[roster.Email]), Manager: roster.Key(m.Values[roster.ManagerEmail]),
		Row: m.Known.Row, Columns: m.Known.Columns, HasWarnings: m.Known.Issues != 0,
	}
	switch m.Values[roster.Status] {
	case roster.Inactive:
		r.State = roster.StateInactive
	case roster.Departed:
		r.State, r.Departed = roster.StateDeparted, microseconds(m.DepartedAt)
	}
	return r
}

func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Entry is what matching needs of r. Who departed before gone, in microseconds since 1970, is roster.StateGone.
func (r *Record) Entry(gone int64) roster.Entry {
	e := roster.Entry{
		Member: r.Member, External: r.External, Kind: r.Kind, Email: r.Email, Manager: r.Manager,
		State: r.State, HasRow: r.Row != roster.Hash{}, HasWarnings: r.HasWarnings,
	}
	if e.State == roster.StateDeparted && r.Departed < gone {
		e.State = roster.StateGraceOver
	}
	return e
}
