package roster

import (
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Protected is an entry of a tenant's list of people whom no sync removes.
type Protected struct {
	Somebody
	Until string `json:"until,omitempty"` // the last day of it, as 2027-01-31; "": for good
}

// Protection is the part of that list that is in force on some day. Whoever it covers is neither departed nor deactivated
// nor deleted, whatever the directory says; everything else about them follows the directory. The zero Protection covers
// nobody.
type Protection struct {
	entries []protectedEntry
	byID    map[uint64]string // until when; see later
	byEmail map[uint64]string
}

// protectedEntry is an entry, and its place in the tenant's list.
type protectedEntry struct {
	Protected
	place int
}

// NewProtection is what is in force of a list on that day, written as 2027-01-31: the last day is one of them.
func NewProtection(list []Protected, day string) *Protection {
	p := &Protection{byID: map[uint64]string{}, byEmail: map[uint64]string{}}
	for place, entry := range list {
		if entry.Until != "" && entry.Until < day {
			continue
		}
		p.entries = append(p.entries, protectedEntry{entry, place})
		cover(p.byID, entry.External, entry.Until)
		cover(p.byEmail, entry.Email, entry.Until)
	}
	return p
}

func cover(covered map[uint64]string, key uint64, until string) {
	if key == 0 {
		return
	}
	if before, twice := covered[key]; twice {
		until = later(before, until)
	}
	covered[key] = until
}

// later is the later of two last days; "" is never.
func later(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return max(a, b)
}

// covers tells whether one of the keys is covered, and until when.
func (p *Protection) covers(external, email uint64) (until string, ok bool) {
	until, ok = p.byID[external]
	if other, too := p.byEmail[email]; too {
		if !ok {
			return other, true
		}
		until = later(until, other)
	}
	return until, ok
}

// Covers tells whether a member is covered.
func (p *Protection) Covers(m *Member) bool {
	_, ok := p.covers(Key(m.ExternalID), Key(m.Values[Email]))
	return ok
}

// Revive lets covered members be matched whose grace time is over: they are never deleted, so they may still come back.
func (p *Protection) Revive(entries iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	if len(p.entries) == 0 {
		return entries
	}
	return func(yield func(Entry, error) bool) {
		for e, err := range entries {
			if e.State == StateGone {
				if _, ok := p.covers(e.External, e.Email); ok {
					e.State = StateDeparted
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// PeopleDigest is equal where the same people are protected and the same are sentinels; "" for none at all.
func PeopleDigest(p *Protection, sentinels []Somebody) string {
	var lines []string
	for _, entry := range p.entries {
		lines = append(lines, fmt.Sprintf("protected %d %d", entry.External, entry.Email))
	}
	for _, who := range sentinels {
		lines = append(lines, fmt.Sprintf("sentinel %d %d", who.External, who.Email))
	}
	if len(lines) == 0 {
		return ""
	}
	slices.Sort(lines)
	digest := HashBytes([]byte(strings.Join(slices.Compact(lines), "\n")))
	return hex.EncodeToString(digest[:])
}

// Protect keeps the covered members of whom the report has no row as they are: they are among Kept and not among Absent.
// An accepted row that claims the email of one who hasn't departed is struck, as with any kept member. From here on Settle
// deactivates nobody who is covered. It comes after KeepNamed and Missing.
//
// kept are those whom it keeps, by id, departed ones included. idle are the places in the tenant's list of entries that are
// in force and match nobody, neither a member nor a row.
func (f *Findings) Protect(p *Protection) (kept []uuid.UUID, idle []int) {
	c := f.census
	f.protection = p
	for _, entry := range p.entries {
		found := c.hasRow(entry.Somebody)
		for pos := range c.index.named(entry.Somebody) {
			found = true
			if c.holds[pos]&holdOwned != 0 {
				continue
			}
			c.holds[pos] |= holdOwned | holdProtected
			c.strikeClaims([]int{pos})
			kept = append(kept, c.index.Member(pos))
		}
		if !found {
			idle = append(idle, entry.place)
		}
	}
	slices.SortFunc(kept, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return kept, idle
}

// spare leaves an active member's status alone where the row would deactivate somebody who is covered. The row isn't to be
// taken for known then: when the protection ends it is judged anew.
func (f *Findings) spare(pos int, u *User) []Issue {
	if u.Kept.Has(Status) || u.Values[Status] != Inactive {
		return nil
	}
	until, ok := f.spared(pos, Key(u.ExternalID), Key(u.Values[Email]))
	if !ok {
		return nil
	}
	u.Kept = u.Kept.With(Status)
	u.Known.Row = Hash{}
	return []Issue{detailed(CodeProtected.Of(u.Identity(), Status),
		"the row says inactive: this member would have been deactivated, but is protected"+untilWords(until))}
}

// spares tells whether spare would do something about a row's user.
func (f *Findings) spares(r stagedRow) bool {
	if r.owner < 0 || r.status != statusInactive {
		return false
	}
	_, ok := f.spared(int(r.owner), r.external, r.email)
	return ok
}

// spared tells whether an active member with a row of these keys is covered, and until when.
func (f *Findings) spared(pos int, external, email uint64) (until string, ok bool) {
	ix := f.census.index
	if f.protection == nil || ix.state(pos) != StateActive {
		return "", false
	}
	until, ok = f.protection.covers(*ix.external.at(pos), *ix.email.at(pos))
	if other, too := f.protection.covers(external, email); too {
		if ok {
			other = later(until, other)
		}
		until, ok = other, true
	}
	return until, ok
}

// Spared is the issue of a covered member who was kept though the report has no row of theirs. over tells that they
// departed so long ago that they would be deleted.
func (p *Protection) Spared(m *Member, over bool) Issue {
	until, _ := p.covers(Key(m.ExternalID), Key(m.Values[Email]))
	what := "not in the directory: this member would have departed, but is protected"
	if over {
		what = "departed longer ago than the grace time: this member would have been deleted, but is protected"
	}
	return detailed(CodeProtected.Of(Identity{ExternalID: m.ExternalID, Email: m.Values[Email]}, NoField), what+untilWords(until))
}

// IdleProtection is the issue of an entry, by its place in the tenant's list, that matches nobody.
func IdleProtection(place int) Issue {
	return detailed(CodeProtectedUnknown.Of(Identity{}, NoField),
		fmt.Sprintf("protected[%d] in the tenant's settings matches nobody, neither a member nor a row", place))
}

func untilWords(day string) string {
	if day == "" {
		return ""
	}
	return " until " + day
}
