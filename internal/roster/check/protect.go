package check

import (
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Protect keeps the covered members of whom the report has no row as they are: they are among Kept and not among Absent.
// An accepted row that claims the email of one who hasn't departed is struck, as with any kept member. From here on Settle
// deactivates nobody who is covered. It comes after KeepNamed and Missing.
//
// kept are those whom it keeps, by id, departed ones included. idle are the places in the tenant's list of entries that are
// in force and match nobody, neither a member nor a row.
func (f *Findings) Protect(p *roster.Protection) (kept []uuid.UUID, idle []int) {
	c := f.check
	f.protection = p
	for place, who := range p.Entries() {
		found := c.hasRow(who)
		for pos := range c.index.matching(who) {
			found = true
			if c.memberMarks[pos]&memberPresent != 0 {
				continue
			}
			c.memberMarks[pos] |= memberPresent | memberProtected
			c.rejectClaims([]int{pos})
			kept = append(kept, c.index.Member(pos))
		}
		if !found {
			idle = append(idle, place)
		}
	}
	slices.SortFunc(kept, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return kept, idle
}

// spare leaves an active member's status alone where the row would deactivate somebody who is covered. The row isn't to be
// taken for known then: when the protection ends it is judged anew.
func (f *Findings) keepActive(pos int, u *roster.User) []roster.Issue {
	if u.Kept.Has(roster.Status) || u.Values[roster.Status] != roster.Inactive {
		return nil
	}
	until, ok := f.protectedUntil(pos, roster.Key(u.ExternalID), roster.Key(u.Values[roster.Email]))
	if !ok {
		return nil
	}
	u.Kept = u.Kept.With(roster.Status)
	u.Known.Row = roster.Hash{}
	return []roster.Issue{roster.DeactivationIssue(u.Identity(), until)}
}

// spares tells whether spare would do something about a row's user.
func (f *Findings) keepsActive(r stagedRow) bool {
	if r.owner < 0 || r.status != statusInactive {
		return false
	}
	_, ok := f.protectedUntil(int(r.owner), r.external, r.email)
	return ok
}

// spared tells whether an active member with a row of these keys is covered, and until when.
func (f *Findings) protectedUntil(pos int, external, email uint64) (until string, ok bool) {
	ix := f.check.index
	if f.protection == nil || ix.state(pos) != roster.StateActive {
		return "", false
	}
	return f.protection.CoveredUntil(
		roster.PersonRef{External: *ix.external.at(pos), Email: *ix.email.at(pos)}, roster.PersonRef{External: external, Email: email})
}
