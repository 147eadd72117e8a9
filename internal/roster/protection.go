package roster

import (
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Protected is an entry in the tenant's list of people whom no sync removes.
type Protected struct {
	PersonRef
	Until string `json:"until,omitempty"` // the last day, as in 2027-01-31; "": without end
}

// Protection holds the entries of that list that are in force on a day. A covered member never departs and is never
// deactivated or deleted, whatever the directory says. All other changes apply. The zero Protection covers nobody.
type Protection struct {
	entries []protectedEntry
	byID    map[uint64]string // last day, by Key; "": without end
	byEmail map[uint64]string
}

// protectedEntry is an entry with its index in the tenant's list.
type protectedEntry struct {
	Protected
	index int
}

// NewProtection returns the entries of list that are in force on a day, written as in 2027-01-31. An entry still
// covers its last day.
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
		until = laterDay(before, until)
	}
	covered[key] = until
}

// laterDay returns the later of two last days. "" is later than any.
func laterDay(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return max(a, b)
}

// CoveredUntil reports whether any key of these people is covered, and the last day; "" means without end.
func (p *Protection) CoveredUntil(people ...PersonRef) (day string, ok bool) {
	join := func(other string, covered bool) {
		switch {
		case covered && ok:
			day = laterDay(day, other)
		case covered:
			day, ok = other, true
		}
	}
	for _, who := range people {
		byID, covered := p.byID[who.External]
		join(byID, covered)
		byEmail, covered := p.byEmail[who.Email]
		join(byEmail, covered)
	}
	return day, ok
}

// Covers reports whether a member is covered.
func (p *Protection) Covers(m *Member) bool {
	_, ok := p.CoveredUntil(keysOf(m))
	return ok
}

func keysOf(m *Member) PersonRef {
	return PersonRef{External: Key(m.ExternalID), Email: Key(m.Values[Email])}
}

// Entries yields the entries in force, each with its index in the tenant's list.
func (p *Protection) Entries() iter.Seq2[int, PersonRef] {
	return func(yield func(int, PersonRef) bool) {
		for _, entry := range p.entries {
			if !yield(entry.index, entry.PersonRef) {
				return
			}
		}
	}
}

// Revive makes covered members match rows again after their grace time: they are never deleted, so they may return.
func (p *Protection) Revive(entries iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	if len(p.entries) == 0 {
		return entries
	}
	return func(yield func(Entry, error) bool) {
		for e, err := range entries {
			if e.State == StateGraceOver {
				if _, ok := p.CoveredUntil(PersonRef{External: e.External, Email: e.Email}); ok {
					e.State = StateDeparted
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// PeopleDigest returns a hash of the protected people and the sentinels, in hex. It is "" if there are none.
func PeopleDigest(p *Protection, sentinels []PersonRef) string {
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

// ExclusionIssue returns the warning about a covered member who is kept though no row of the report is theirs.
// graceOver says that they departed so long ago that they would be deleted.
func (p *Protection) ExclusionIssue(m *Member, graceOver bool) Issue {
	until, _ := p.CoveredUntil(keysOf(m))
	what := "not in the directory: this member would have departed, but is protected"
	if graceOver {
		what = "departed longer ago than the grace time: this member would have been deleted, but is protected"
	}
	who := Identity{ExternalID: m.ExternalID, Email: m.Values[Email]}
	return CodeProtected.Issue(who, NoField).WithDetail(what + untilText(until))
}

// UnmatchedProtectionIssue returns the warning about an entry that matches neither a member nor a row. index is its
// index in the tenant's list.
func UnmatchedProtectionIssue(index int) Issue {
	return CodeProtectedUnknown.Issue(Identity{}, NoField).WithDetail(
		fmt.Sprintf("protected[%d] in the tenant's settings matches neither a member nor a row", index))
}

// DeactivationIssue returns the warning about a covered member whose row says inactive. until is the protection's
// last day.
func DeactivationIssue(who Identity, until string) Issue {
	return CodeProtected.Issue(who, Status).WithDetail(
		"the row says inactive: this member would have been deactivated, but is protected" + untilText(until))
}

func untilText(day string) string {
	if day == "" {
		return ""
	}
	return " until " + day
}
