package index

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Record is all that the index holds of one member. A roster.Entry and a roster.KnownRow are parts of it.
type Record struct {
	Member   uuid.UUID
	State    roster.EntryState // as the member's own status says: never roster.StateGone
	Departed int64             // microseconds since 1970; 0 unless departed

	External uint64 // roster.Key of the external id
	Kind     uint64 // roster.Key of the external kind
	Email    uint64 // roster.Key of the email
	Manager  uint64 // roster.Key of the manager's email

	Row         roster.Hash // the known row; zero: none
	Columns     uint64      // mask of the columns that the row fills
	Custom      uint64      // mask of the custom fields that the row fills
	HasWarnings bool        // the row had warnings
}

// NewRecord returns the record of a member.
func NewRecord(m *roster.Member) Record {
	r := Record{
		Member:   m.ID,
		External: roster.Key(m.ExternalID), Kind: roster.Key(m.ExternalKind),
		Email: roster.Key(m.Values[roster.Email]), Manager: roster.Key(m.Values[roster.ManagerEmail]),
		Row: m.Known.Row, Columns: m.Known.Columns, Custom: m.Known.Custom, HasWarnings: m.Known.Issues != 0,
	}
	switch m.Values[roster.Status] {
	case roster.Inactive:
		r.State = roster.StateInactive
	case roster.Departed:
		r.State, r.Departed = roster.StateDeparted, microseconds(m.DepartedAt)
	}
	return r
}

// forgetRow removes what is known of the row.
func (r *Record) forgetRow() { r.Row, r.Columns, r.Custom, r.HasWarnings = roster.Hash{}, 0, 0, false }

func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Entry returns what matching needs of r. A member who departed before graceCutoff, in microseconds since 1970, has
// roster.StateGraceOver.
func (r *Record) Entry(graceCutoff int64) roster.Entry {
	e := roster.Entry{
		Member: r.Member, External: r.External, Kind: r.Kind, Email: r.Email, Manager: r.Manager,
		State: r.State, HasRow: r.Row != roster.Hash{}, HasWarnings: r.HasWarnings,
	}
	if e.State == roster.StateDeparted && r.Departed < graceCutoff {
		e.State = roster.StateGraceOver
	}
	return e
}
