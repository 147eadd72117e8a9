package check

import (
	"cmp"
	"slices"
)

// findDuplicates marks rows that say the same as another, and rows that contradict another: the same external id or the
// same email on rows that differ. Rows rejected for faults of their own count as well, for nobody can tell which is right.
func (c *Check) findDuplicates(ids, emails keyGroups) {
	for rows := range ids.each {
		c.markContradictions(c.markCopies(rows), markExternal)
	}
	for rows := range emails.each {
		nameless := slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool { return c.externalOf(p) != 0 })
		c.supersede(c.markCopies(nameless)) // without external ids, the email says who it is
		c.markContradictions(slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool {
			return *c.mark(p)&(markCopy|markSuperseded) != 0
		}), markEmail)
	}
}

// sharing is those present rows, by row number, that have a key in common: one such group after the other.
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

// shared finds, for each key that two or more present rows have, these rows.
func (c *Check) rowsByKey(known, staged *keyIndex, keyOf func(rowRef) uint64) keyGroups {
	var s keyGroups
	gather := func(key uint64, positions, places []uint32) {
		from := len(s.rows)
		for _, pos := range positions {
			if c.seen[pos] != 0 && keyOf(rowRef(pos)) == key {
				s.rows = append(s.rows, rowRef(pos))
			}
		}
		if len(s.rows)+len(places) < from+2 {
			s.rows = s.rows[:from]
			return
		}
		for _, i := range places {
			s.rows = append(s.rows, c.stagedRef(int(i)))
		}
		slices.SortFunc(s.rows[from:], func(a, b rowRef) int { return cmp.Compare(c.row(a), c.row(b)) })
		s.ends = append(s.ends, len(s.rows))
	}
	staged.repeated(func(key uint64, places []uint32) { gather(key, known.find(key), places) })
	if !c.anySeen {
		return s
	}
	for i := range c.staged.len() {
		key := *staged.keys.at(i)
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

// known are the positions of those in s who were sighted.
func (c *Check) seenPositions(s keyGroups) []int32 {
	var positions []int32
	for _, p := range s.rows {
		if int(p) < c.index.Len() {
			positions = append(positions, int32(p))
		}
	}
	return positions
}

// oneOfEach marks rows that say the same as one with a lower number, and gives those that are left.
func (c *Check) markCopies(rows []rowRef) []rowRef {
	rows = slices.Clone(rows)
	bad := func(p rowRef) int { return int(*c.mark(p) & markRejected) }
	slices.SortStableFunc(rows, func(a, b rowRef) int {
		return cmp.Or(cmp.Compare(c.contentOf(a), c.contentOf(b)), cmp.Compare(bad(a), bad(b)))
	})
	left := rows[:0]
	for _, p := range rows {
		if n := len(left); n > 0 && c.contentOf(p) != 0 && c.contentOf(p) == c.contentOf(left[n-1]) && bad(p) == bad(left[n-1]) {
			*c.mark(p) |= markCopy
			c.copies[p] = left[n-1]
			continue
		}
		left = append(left, p)
	}
	return left
}

// contradict marks rows of one key that differ, unless one of them is that person's one active row.
func (c *Check) markContradictions(rows []rowRef, m mark) {
	if len(rows) < 2 || m == markExternal && c.supersede(rows) {
		return
	}
	for _, p := range rows {
		*c.mark(p) |= m
	}
}

// supersede marks the inactive rows of one person who has one active row, as contractors have who were taken on. It
// does nothing when there is no good active row, or more than one.
func (c *Check) supersede(rows []rowRef) bool {
	active := slices.IndexFunc(rows, c.active)
	if len(rows) < 2 || active < 0 || *c.mark(rows[active])&markRejected != 0 || slices.ContainsFunc(rows[active+1:], c.active) {
		return false
	}
	for i, p := range rows {
		if i != active {
			*c.mark(p) |= markSuperseded
		}
	}
	return true
}
