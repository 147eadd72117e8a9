package roster

import (
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Protected is an entry of a tenant's list of people whom no sync removes.
type Protected struct {
	PersonRef
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
	index int
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
		until = laterDay(before, until)
	}
	covered[key] = until
}

// later is the later of two last days; "" is never.
func laterDay(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return max(a, b)
}

// Until tells whether one of the keys of some people is covered, and until which day; "" is for good.
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

// Covers tells whether a member is covered.
func (p *Protection) Covers(m *Member) bool {
	_, ok := p.CoveredUntil(keysOf(m))
	return ok
}

func keysOf(m *Member) PersonRef {
	return PersonRef{External: Key(m.ExternalID), Email: Key(m.Values[Email])}
}

// Entries iterates over the entries in force, each with its place in the tenant's list.
func (p *Protection) Entries() iter.Seq2[int, PersonRef] {
	return func(yield func(int, PersonRef) bool) {
		for _, entry := range p.entries {
			if !yield(entry.index, entry.PersonRef) {
				return
			}
		}
	}
}

// Revive lets covered members be matched whose grace time is over: they are never deleted, so they may still come back.
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

// PeopleDigest is equal where the same people are protected and the same are sentinels; "" for none at all.
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

// Spared is the issue of a covered member who was kept though the report has no row of theirs. over tells that they
// departed so long ago that they would be deleted.
func (p *Protection) ExclusionIssue(m *Member, over bool) Issue {
	until, _ := p.CoveredUntil(keysOf(m))
	what := "not in the directory: this member would have departed, but is protected"
	if over {
		what = "departed longer ago than the grace time: this member would have been deleted, but is protected"
	}
	return CodeProtected.Issue(Identity{ExternalID: m.ExternalID, Email: m.Values[Email]}, NoField).WithDetail(what + untilText(until))
}

// IdleProtection is the issue of an entry, by its place in the tenant's list, that matches nobody.
func UnmatchedProtectionIssue(place int) Issue {
	return CodeProtectedUnknown.Issue(Identity{}, NoField).WithDetail(fmt.Sprintf("protected[%d] in the tenant's settings matches nobody, neither a member nor a row", place))
}

// Deactivation is the issue of a covered member whose row says inactive. Until is the last day of the protection.
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
