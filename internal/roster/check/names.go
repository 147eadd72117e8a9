package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// rejectedName is the name on a rejected row without a usable email. It is hashed: names are not kept.
type rejectedName struct {
	row int32
	key uint64
}

// withName adds the name on a rejected row that has no email.
func appendName(names []rejectedName, u *roster.User) []rejectedName {
	if u.Values[roster.Email] == "" && u.Values[roster.FirstName] != "" && u.Values[roster.LastName] != "" {
		names = append(names, rejectedName{int32(u.Row), nameKey(u.Values)})
	}
	return names
}

func nameKey(v roster.Values) uint64 {
	return roster.Key(strings.ToLower(v[roster.FirstName]) + "\x00" + strings.ToLower(v[roster.LastName]))
}

// Unidentified is how many rejected rows are nobody's so far and have no usable email, only a name.
func (f *Findings) Unidentified() int { return len(f.check.names) }

// KeepNamed keeps a member who would be absent but has the name of an unidentified row: each of that name counts as
// present. It tells whether it did. Claims on the member's email are void, as on that of any kept member.
func (f *Findings) KeepNamed(m roster.Member) bool {
	c := f.check
	pos, ok := c.index.ByMember(m.ID)
	if !ok || c.memberMarks[pos]&memberPresent != 0 || !c.index.state(pos).Present() {
		return false
	}
	if _, ok := slices.BinarySearchFunc(c.names, nameKey(m.Values), func(n rejectedName, key uint64) int {
		return cmp.Compare(n.key, key)
	}); !ok {
		return false
	}
	c.memberMarks[pos] |= memberPresent
	c.rejectClaims([]int{pos})
	return true
}

// dropNames forgets the names on rows that are somebody's.
func (c *Check) dropNames() {
	c.names = slices.DeleteFunc(c.names, func(n rejectedName) bool {
		p, ok := c.byRow(int(n.row))
		return !ok || c.owner(p) >= 0
	})
	slices.SortFunc(c.names, func(a, b rejectedName) int { return cmp.Compare(a.key, b.key) })
}
