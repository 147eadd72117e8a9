package roster

import (
	"cmp"
	"sort"
)

// stagedRows are the rows that were read, by row number once they are sorted.
type stagedRows struct {
	external slab[uint64]
	email    slab[uint64]
	records  slab[record]
	hashes   []Hash // of the rows that the index knows, as they came
}

// record is what is kept of a staged row besides its keys.
type record struct {
	manager uint64
	content uint64
	row     int32
	hash    int32 // place in hashes; -1: the index doesn't know the row
	owner   int32 // position of the member whose row it is; -1: nobody's
	status  status
	mark    mark
	boss    bool // manager says something; else the member's own stays
}

func (s *stagedRows) add(u User, m mark) {
	r := record{content: contentOf(u), row: int32(u.Row), hash: -1, owner: -1, mark: m}
	if !u.Kept.Has(ManagerEmail) {
		r.manager, r.boss = Key(u.Values[ManagerEmail]), true
	}
	switch {
	case u.Kept.Has(Status):
	case u.Values[Status] == Active:
		r.status = statusActive
	case u.Values[Status] == Inactive:
		r.status = statusInactive
	}
	if u.Recognised && u.Known.Row != (Hash{}) {
		r.hash = int32(len(s.hashes))
		s.hashes = append(s.hashes, u.Known.Row)
	}
	s.external.add(Key(u.ExternalID))
	s.email.add(Key(u.Values[Email]))
	s.records.add(r)
}

func (s *stagedRows) len() int { return s.records.len() }

func (s *stagedRows) at(i int) *record { return s.records.at(i) }

// sort puts rows in order; those that are in order already are only looked through.
func (s *stagedRows) sort() {
	if by := (byRow{s}); !sort.IsSorted(by) {
		sort.Sort(by)
	}
}

// find is the place of a row.
func (s *stagedRows) find(row int) (place int, ok bool) {
	n := s.len()
	if n == 0 {
		return 0, false
	}
	if guess := row - int(s.at(0).row); guess >= 0 && guess < n && int(s.at(guess).row) == row {
		return guess, true // no row is missing before it
	}
	return sort.Find(n, func(i int) int { return cmp.Compare(row, int(s.at(i).row)) })
}

type byRow struct{ *stagedRows }

func (s byRow) Len() int           { return s.len() }
func (s byRow) Less(i, j int) bool { return s.at(i).row < s.at(j).row }

func (s byRow) Swap(i, j int) {
	s.external.swap(i, j)
	s.email.swap(i, j)
	s.records.swap(i, j)
}
