package story

import (
	"slices"
	"time"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Presence is how a run saw the person.
type Presence string

// The presences.
const (
	RowRead      Presence = "row"          // a new or changed row, or a row that was compared again
	SameRow      Presence = "same_row"     // the row was the same as before
	RowUnused    Presence = "kept"         // in the directory, but no row of theirs was used
	Protected    Presence = "protected"    // absent, and not removed because the tenant's settings protect them
	Absent       Presence = "absent"       // not in a complete snapshot
	Departed     Presence = "departed"     // departed before, and still absent
	Unknown      Presence = "unknown"      // neither a member nor a row
	NotRead      Presence = "not_read"     // an undo, which reads no directory
	NotJudged    Presence = "not_judged"   // the run ended before it judged rows
	NotKept      Presence = "not_kept"     // the retention has dropped rows and plan
	RowOfUnknown Presence = "rejected_row" // a rejected row of nobody who is a member
)

// presence says how the run saw the person.
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

// protects tells whether an issue says that a person without a row was protected.
func protects(i roster.Issue) bool { return i.Code == roster.CodeProtected && i.Row == 0 }

// statusAt returns the status of the person at a time, from the audit. Among several members one who hasn't departed
// counts. It returns "" if nobody was a member.
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
