package check

import (
	"cmp"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// rejectedName is the hashed name on a rejected row without a usable email. Names are not stored.
type rejectedName struct {
	row int32
	key uint64
}

// appendName appends the name on a rejected row that has no email.
func appendName(names []rejectedName, u *roster.User) []rejectedName {
	if u.Values[roster.Email] == "" && u.Values[roster.FirstName] != "" && u.Values[roster.LastName] != "" {
		names = append(names, rejectedName{int32(u.Row), nameKey(&u.Values)})
	}
	return names
}

func nameKey(v *roster.Values) uint64 {
	return roster.Key(roster.Fold(v[roster.FirstName]) + "\x00" + roster.Fold(v[roster.LastName]))
}

// shortName returns a hash of both names, folded, or 0 if one is missing.
func shortName(v *roster.Values) uint32 {
	if v[roster.FirstName] == "" || v[roster.LastName] == "" {
		return 0
	}
	return max(uint32(nameKey(v)>>32), 1) //nolint:gosec // half of the hash
}

// Unidentified returns the number of rejected rows that belong to no member and have a name but no usable email.
func (f *Findings) Unidentified() int { return len(f.check.names) }

// KeepNamed keeps a member who would be absent, without any row, but has the name of an unidentified row. It reports
// whether it did.
// Every member with the name counts as present. Rows with the member's email are rejected, as for any kept member.
func (f *Findings) KeepNamed(m roster.Member) bool {
	c := f.check
	pos, ok := c.index.ByMember(m.ID)
	if !ok || c.memberMarks[pos]&(memberPresent|memberRowDeparted) != 0 || !c.index.state(pos).Present() {
		return false
	}
	if _, ok := slices.BinarySearchFunc(c.names, nameKey(&m.Values), func(n rejectedName, key uint64) int {
		return cmp.Compare(n.key, key)
	}); !ok {
		return false
	}
	c.memberMarks[pos] |= memberPresent
	c.rejectClaims([]int{pos})
	return true
}

// KeepAbsent keeps each member without any row, departed ones included, because a row that can't be read may be theirs.
// Members whose rows say that they have left aren't kept. It returns the number of kept members who haven't departed.
// Call it after KeepNamed and Missing.
func (f *Findings) KeepAbsent() (present int) {
	c := f.check
	var kept []int
	for pos := range c.memberMarks {
		if c.memberMarks[pos]&(memberPresent|memberRowDeparted) != 0 {
			continue
		}
		c.memberMarks[pos] |= memberPresent
		kept = append(kept, pos)
		if c.index.state(pos).Present() {
			present++
		}
	}
	c.rejectClaims(kept)
	return present
}

// dropNames forgets the names on rows that belong to a member.
func (c *Check) dropNames() {
	c.names = slices.DeleteFunc(c.names, func(n rejectedName) bool {
		p, ok := c.byRow(int(n.row))
		return !ok || c.owner(p) >= 0
	})
	slices.SortFunc(c.names, func(a, b rejectedName) int { return cmp.Compare(a.key, b.key) })
}
