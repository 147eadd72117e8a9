package story

import (
	"slices"
	"time"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Presence says whether and how the person was in the snapshot of a run.
type Presence string

// Values of Presence.
const (
	RowRead      Presence = "row"          // a new or changed row, or a known row that was checked again
	SameRow      Presence = "same_row"     // a known row
	RowUnused    Presence = "kept"         // in the directory, but all rows were rejected
	Protected    Presence = "protected"    // absent, but protected by the tenant's settings
	Absent       Presence = "absent"       // not in the complete snapshot
	Departed     Presence = "departed"     // departed earlier, and still absent
	Unknown      Presence = "unknown"      // neither a member nor a row
	NotRead      Presence = "not_read"     // the run was an undo, which does not read the directory
	NotJudged    Presence = "not_judged"   // the run ended before it checked rows
	NotKept      Presence = "not_kept"     // the retention has dropped the rows and the plan
	RowOfUnknown Presence = "rejected_row" // a rejected row, and no member
)

// presence returns how the person was in the snapshot of the run.
func (t tracer) presence(r run.Run, found evidence, rows []Row) Presence {
	switch {
	case r.Origin == run.Undo:
		return NotRead
	case !found.judged:
		return NotJudged
	case found.dropped:
		return NotKept
	case len(found.users) > 0:
		return RowRead
	case len(found.absent) > 0:
		return Absent
	case len(found.unused) > 0 && slices.ContainsFunc(found.issues, protects):
		return Protected
	case len(found.unused) > 0:
		return RowUnused
	}
	switch status := t.statusAt(r.Started); {
	case status == roster.Departed:
		return Departed
	case status != "":
		return SameRow
	case len(rows) > 0:
		return RowOfUnknown
	}
	return Unknown
}

// protects reports whether an issue says that a person without a row is protected.
func protects(i roster.Issue) bool { return i.Code == roster.CodeProtected && i.Row == 0 }

// statusAt returns the status of the person at a time, from the audit. It prefers a member who has not departed. It
// returns "" if the person was no member.
func (t tracer) statusAt(at time.Time) string {
	status := ""
	for _, m := range t.person.Members {
		now := ""
		for _, c := range m.Changes {
			if !c.At.Before(at) {
				break
			}
			switch c.Op {
			case plan.Delete.Op(), plan.ErasedOp:
				now = ""
			case plan.Depart.Op():
				now = roster.Departed
			case plan.Deactivate.Op():
				now = roster.Inactive
			case plan.Add.Op(), plan.Return.Op(), plan.Reactivate.Op():
				now = roster.Active
			}
		}
		if now != "" && (status == "" || status == roster.Departed) {
			status = now
		}
	}
	return status
}
