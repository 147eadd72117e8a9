package check

import (
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Protect keeps the covered members without a row in the report: they are among Kept and not among Absent. It
// rejects rows with the email of one who hasn't departed, as for any kept member. Afterwards Identify deactivates
// no covered member. Call it after KeepNamed and Missing.
//
// kept are the ids of the members that it keeps, departed ones included, in order. unmatched are the indexes in the
// tenant's list of the entries in force that match neither a member nor a row.
func (f *Findings) Protect(p *roster.Protection) (kept []uuid.UUID, unmatched []int) {
	c := f.check
	f.protection = p
	for i, who := range p.Entries() {
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
			unmatched = append(unmatched, i)
		}
	}
	slices.SortFunc(kept, roster.CompareIDs)
	return kept, unmatched
}

// keepActive keeps the status of an active, covered member whose row says inactive. The row must not be known then,
// so that it is judged again when the protection ends.
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

// keepsActive reports whether keepActive would change a row's user.
func (f *Findings) keepsActive(r stagedRow) bool {
	if r.owner < 0 || r.status != statusInactive {
		return false
	}
	_, ok := f.protectedUntil(int(r.owner), r.external, r.email)
	return ok
}

// protectedUntil reports whether an active member with a row of these keys is covered, and the last day.
func (f *Findings) protectedUntil(pos int, external, email uint64) (until string, ok bool) {
	ix := f.check.index
	if f.protection == nil || ix.state(pos) != roster.StateActive {
		return "", false
	}
	return f.protection.CoveredUntil(
		roster.PersonRef{External: *ix.external.At(pos), Email: *ix.email.At(pos)},
		roster.PersonRef{External: external, Email: email})
}
