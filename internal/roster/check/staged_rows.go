package check

import (
	"sort"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/slab"
)

// stagedRows are the rows that were read. They are sorted by row number once sort was called.
type stagedRows struct {
	external slab.Slab[uint64]
	email    slab.Slab[uint64]
	names    slab.Slab[uint32]
	records  slab.Slab[record]
	hashes   []roster.Hash // of the known rows, in the order of add
}

// record is what is stored of a staged row besides its keys.
type record struct {
	manager uint64
	content uint64
	row     int32
	hash    int32 // index in hashes; -1: the row isn't known
	owner   int32 // position of the member to whom the row belongs; -1: none. Until Close it is assumed
	status  status
	mark    mark
	flags   rowFlags
}

// stagedRow is a record with its keys.
type stagedRow struct {
	*record
	external uint64
	email    uint64
	name     uint32
	known    roster.Hash // hash of the row if it is known
}

// stage makes a staged row of a verdict, in r. Several goroutines may call it at once.
func (c *Check) stage(v *roster.Verdict, r *record) stagedRow {
	u := &v.User
	*r = record{content: roster.ContentHash(u), row: int32(u.Row), hash: -1, owner: -1}
	row := stagedRow{
		record:   r,
		external: roster.Key(u.ExternalID), email: roster.Key(u.Values[roster.Email]), name: shortName(&u.Values),
	}
	if !u.Kept.Has(roster.ManagerEmail) {
		row.manager, row.flags = roster.Key(u.Values[roster.ManagerEmail]), flagManager
	}
	if u.Known.Columns&c.primary != 0 {
		row.flags |= flagPrimary
	}
	if len(v.Issues) > 0 {
		row.flags |= flagIssues
	}
	if v.MembersOnly {
		row.flags |= flagMembersOnly
		r.content = ^r.content // such a row isn't identical to one that says the same but lacks the doubtful value
	}
	switch {
	case v.Departed:
		row.status, row.mark = statusDeparted, markDeparted
		if v.OutOfScope {
			row.flags |= flagOutOfScope
		}
	case v.Rejected:
		row.mark = markRejected
	}
	switch {
	case v.Departed, u.Kept.Has(roster.Status):
	case u.Values[roster.Status] == roster.Active:
		row.status = statusActive
	case u.Values[roster.Status] == roster.Inactive:
		row.status = statusInactive
	}
	if u.Recognised {
		row.known = u.Known.Row
	}
	c.assumeOwner(row)
	return row
}

// departure returns what a row with markDeparted says about its owner.
func (r *record) departure() memberMark {
	if r.flags&flagOutOfScope != 0 {
		return memberRowDeparted | memberOutOfScope
	}
	return memberRowDeparted
}

func (s *stagedRows) add(row stagedRow) {
	if row.known != (roster.Hash{}) {
		row.hash = int32(len(s.hashes)) //nolint:gosec // there are fewer than 2^31
		s.hashes = append(s.hashes, row.known)
	}
	s.external.Add(row.external)
	s.email.Add(row.email)
	s.names.Add(row.name)
	s.records.Add(*row.record)
}

// row returns the i-th row.
func (s *stagedRows) row(i int) stagedRow {
	return stagedRow{record: s.records.At(i), external: *s.external.At(i), email: *s.email.At(i), name: *s.names.At(i)}
}

func (s *stagedRows) len() int { return s.records.Len() }

func (s *stagedRows) at(i int) *record { return s.records.At(i) }

// sort sorts the rows by number. It only checks rows that are sorted already.
func (s *stagedRows) sort() {
	if by := (byRow{s}); !sort.IsSorted(by) {
		sort.Sort(by)
	}
}

// find returns the place of the row with the given number.
func (s *stagedRows) find(row int) (place int, ok bool) {
	place = s.firstFrom(row)
	return place, place < s.len() && int(s.at(place).row) == row
}

// firstFrom returns the place of the first row with that number or a higher one.
func (s *stagedRows) firstFrom(row int) int {
	if n := s.len(); n > 0 {
		if guess := row - int(s.at(0).row); guess >= 0 && guess < n && int(s.at(guess).row) == row {
			return guess // no row is missing before it
		}
	}
	return sort.Search(s.len(), func(i int) bool { return int(s.at(i).row) >= row })
}

// byRow implements sort.Interface.
type byRow struct{ *stagedRows }

func (s byRow) Len() int           { return s.len() }
func (s byRow) Less(i, j int) bool { return s.at(i).row < s.at(j).row }

func (s byRow) Swap(i, j int) {
	s.external.Swap(i, j)
	s.email.Swap(i, j)
	s.names.Swap(i, j)
	s.records.Swap(i, j)
}
