package check

import (
	"cmp"
	"slices"
)

// findDuplicates marks identical rows, and rows that differ though they share an external id or an email. It
// includes rows that were rejected by themselves, because any of the rows may be the right one.
func (c *Check) findDuplicates(ids, emails keyGroups) {
	for rows := range ids.each {
		c.markContradictions(c.markCopies(rows), markExternal)
	}
	for rows := range emails.each {
		nameless := slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool { return c.externalOf(p) != 0 })
		c.supersede(c.markCopies(nameless)) // without an external id, the email identifies the person
		c.markContradictions(slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool {
			return *c.mark(p)&(markCopy|markSuperseded) != 0
		}), markEmail)
	}
}

// keyGroups are groups of present rows that share a key. The rows of a group are in the order of row numbers.
type keyGroups struct {
	rows []rowRef
	ends []int
}

func (s *keyGroups) each(yield func([]rowRef) bool) {
	from := 0
	for _, to := range s.ends {
		if !yield(s.rows[from:to:to]) {
			return
		}
		from = to
	}
}

// rowsByKey finds the present rows of each key that two or more of them have. A row that says that the person has left
// isn't among them.
func (c *Check) rowsByKey(known, staged *keyIndex, keyOf func(rowRef) uint64) keyGroups {
	var s keyGroups
	gather := func(key uint64, positions, places []uint32) {
		from := len(s.rows)
		for _, pos := range positions {
			if c.seen[pos] != 0 && keyOf(rowRef(pos)) == key {
				s.rows = append(s.rows, rowRef(pos))
			}
		}
		for _, i := range places {
			if c.staged.at(int(i)).mark&markDeparted == 0 {
				s.rows = append(s.rows, c.stagedRef(int(i)))
			}
		}
		if len(s.rows) < from+2 {
			s.rows = s.rows[:from]
			return
		}
		slices.SortFunc(s.rows[from:], func(a, b rowRef) int { return cmp.Compare(c.row(a), c.row(b)) })
		s.ends = append(s.ends, len(s.rows))
	}
	staged.repeated(func(key uint64, places []uint32) { gather(key, known.find(key), places) })
	if !c.anySeen {
		return s
	}
	for i := range c.staged.len() {
		key := *staged.keys.At(i)
		positions := known.find(key)
		if !slices.ContainsFunc(positions, func(pos uint32) bool { return c.seen[pos] != 0 }) {
			continue
		}
		if places := staged.find(key); len(places) == 1 {
			gather(key, positions, places)
		}
	}
	known.repeated(func(key uint64, positions []uint32) {
		if len(staged.find(key)) == 0 {
			gather(key, positions, nil)
		}
	})
	return s
}

// seenPositions returns the positions of the seen rows in s.
func (c *Check) seenPositions(s keyGroups) []int32 {
	var positions []int32
	for _, p := range s.rows {
		if int(p) < c.index.Len() {
			positions = append(positions, int32(p))
		}
	}
	return positions
}

// markCopies marks rows that are identical to one with a lower number, and returns the others.
func (c *Check) markCopies(rows []rowRef) []rowRef {
	rows = slices.Clone(rows)
	bad := func(p rowRef) int { return int(*c.mark(p) & markRejected) }
	slices.SortStableFunc(rows, func(a, b rowRef) int {
		return cmp.Or(cmp.Compare(c.contentOf(a), c.contentOf(b)), cmp.Compare(bad(a), bad(b)))
	})
	left := rows[:0]
	for _, p := range rows {
		if n := len(left); n > 0 && c.contentOf(p) != 0 && c.contentOf(p) == c.contentOf(left[n-1]) &&
			bad(p) == bad(left[n-1]) {
			*c.mark(p) |= markCopy
			c.copies[p] = left[n-1]
			continue
		}
		left = append(left, p)
	}
	return left
}

// markContradictions marks rows of one key, unless one of them is the person's only active row.
func (c *Check) markContradictions(rows []rowRef, m mark) {
	if len(rows) < 2 || m == markExternal && c.supersede(rows) {
		return
	}
	for _, p := range rows {
		*c.mark(p) |= m
	}
}

// supersede marks the inactive rows of a person who has one active row, such as a contractor who was hired. It
// returns false and marks nothing if there is no valid active row, or more than one.
func (c *Check) supersede(rows []rowRef) bool {
	active := slices.IndexFunc(rows, c.active)
	if len(rows) < 2 || active < 0 || *c.mark(rows[active])&markRejected != 0 ||
		slices.ContainsFunc(rows[active+1:], c.active) {
		return false
	}
	for i, p := range rows {
		if i != active {
			*c.mark(p) |= markSuperseded
		}
	}
	return true
}
