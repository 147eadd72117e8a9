package check

import (
	"cmp"
	"slices"
)

// findDuplicates marks identical rows, the rows of one worker that aren't used, and rows that contradict each other though
// they share an external id or an email. It includes rows that were rejected by themselves, because any of the rows may
// be the right one.
func (c *Check) findDuplicates(ids, emails keyGroups) {
	for rows := range ids.each {
		c.choosePosition(c.markCopies(rows), markExternal)
	}
	for rows := range emails.each {
		nameless := slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool { return c.externalOf(p) != 0 })
		c.choosePosition(c.markCopies(nameless), markEmail) // without an external id, the email identifies the person
		c.chooseOwner(slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool {
			return *c.mark(p)&(markCopy|markSuperseded|markPosition) != 0
		}))
	}
	c.mergeDeparted()
}

// choosePosition chooses the row to use of one worker's distinct rows: an active one before others, then one that says
// that it is the primary one. Of equal ones with the same email and names it is the one that the member matches already, else the first by content. If email or names
// differ, any may be the right one, so all are rejected with the mark.
func (c *Check) choosePosition(rows []rowRef, contradiction mark) {
	if len(rows) < 2 {
		return
	}
	best := preferred(preferred(rows, c.active), c.isPrimary)
	chosen := best[0]
	for _, p := range best[1:] {
		if !c.samePerson(p, chosen) {
			chosen = noRow
			break
		}
		if c.isKept(p) && !c.isKept(chosen) || c.isKept(p) == c.isKept(chosen) && c.contentOf(p) < c.contentOf(chosen) {
			chosen = p
		}
	}
	for _, p := range rows {
		switch {
		case p == chosen:
			*c.mark(p) |= markPositions
		case chosen == noRow && slices.Contains(best, p):
			*c.mark(p) |= contradiction
		default:
			*c.mark(p) |= markPosition
		}
	}
}

// preferred returns the rows that are better than others, or all rows if none is.
func preferred(rows []rowRef, better func(rowRef) bool) []rowRef {
	if !slices.ContainsFunc(rows, better) {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(p rowRef) bool { return !better(p) })
}

// samePerson reports whether two rows have the same email and names, and neither was rejected by itself.
func (c *Check) samePerson(p, q rowRef) bool {
	return c.emailOf(p) == c.emailOf(q) && c.nameOf(p) == c.nameOf(q) && c.nameOf(p) != 0 &&
		(*c.mark(p)|*c.mark(q))&markRejected == 0
}

// isKept reports whether a row says what its member's known row says.
func (c *Check) isKept(p rowRef) bool {
	pos := c.owner(p)
	return pos >= 0 && c.contentOf(p) != 0 && c.lookedUp[int32(pos)].known.Content == c.contentOf(p) //nolint:gosec // bounded
}

// chooseOwner decides who has an email that rows of different people share. If one of the rows is active and all others
// have ended, it is the person of the active row: a contractor who was hired, or the next owner of a mailbox. An ended
// row of another member is used without the email. Otherwise any of the rows may be the right one, so all are rejected.
func (c *Check) chooseOwner(rows []rowRef) {
	if len(rows) < 2 {
		return
	}
	active := slices.IndexFunc(rows, c.active)
	sound := func(p rowRef) bool { return *c.mark(p)&(markRejected|markExternal|markUnclear|markUnlinked) == 0 }
	if active < 0 || slices.ContainsFunc(rows[active+1:], c.active) || !allOf(rows, sound) {
		for _, p := range rows {
			*c.mark(p) |= markEmail
		}
		return
	}
	for i, p := range rows {
		switch {
		case i == active:
		case c.owner(p) < 0 || c.owner(p) == c.owner(rows[active]):
			*c.mark(p) |= markSuperseded
		case *c.mark(p)&markEmail == 0: // it may be used
			*c.mark(p) |= markNoEmail
		}
	}
}

func allOf(rows []rowRef, fits func(rowRef) bool) bool {
	return !slices.ContainsFunc(rows, func(p rowRef) bool { return !fits(p) })
}

// mergeDeparted marks the rows that say that somebody has left though another row says that they haven't: a row with the
// same external id or, if the row is no member's, with the same email. Rows that are out of scope aren't among them.
func (c *Check) mergeDeparted() {
	for i := range c.staged.len() {
		if r := c.staged.at(i); r.mark&markDeparted == 0 || r.flags&flagOutOfScope != 0 {
			continue
		}
		if c.staged.at(i).owner < 0 {
			c.eachWithEmail(*c.staged.email.At(i), func(p rowRef) bool {
				if *c.mark(p)&markDeparted == 0 {
					c.staged.at(i).mark |= markSuperseded
				}
				return true
			})
		}
		c.eachWithExternal(*c.staged.external.At(i), func(p rowRef) bool {
			if *c.mark(p)&markDeparted == 0 {
				c.staged.at(i).mark |= markPosition
				*c.mark(p) |= markPositions
			}
			return true
		})
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

// positionsOf returns the positions of the members to whom the rows in s belong, as far as that is known.
func (c *Check) positionsOf(s keyGroups) []int32 {
	var positions []int32
	for _, p := range s.rows {
		if pos := c.owner(p); pos >= 0 {
			positions = append(positions, int32(pos)) //nolint:gosec // the index bounds it
		}
	}
	return positions
}

// markCopies marks rows that are identical to another one, and returns the others. Of identical rows a primary one is
// left, else the one with the lowest number.
func (c *Check) markCopies(rows []rowRef) []rowRef {
	rows = slices.Clone(rows)
	bad := func(p rowRef) int { return int(*c.mark(p) & markRejected) }
	later := func(p rowRef) int {
		if c.isPrimary(p) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(rows, func(a, b rowRef) int {
		return cmp.Or(cmp.Compare(c.contentOf(a), c.contentOf(b)), cmp.Compare(bad(a), bad(b)), later(a)-later(b))
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
