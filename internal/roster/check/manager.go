package check

// findLoops marks the rows whose manager is not present, and the rows whose chain of managers leads back to
// themselves. Present are the people of used rows, kept members, and rejected new people. Only managers can be in a
// loop, and each has at most one manager, so each chain is walked once.
func (c *Check) findLoops() {
	all := c.managers()
	next := all.next(c)
	walked := make([]int32, len(next)) // number of the walk, from 1
	for start := range next {
		walk, at := int32(start+1), int32(start)
		for at >= 0 && walked[at] == 0 {
			walked[at] = walk
			at = next[at]
		}
		if at < 0 || walked[at] != walk {
			continue // the chain ends, or joins one of an earlier walk
		}
		for loop := at; ; {
			*c.mark(all.rows[loop]) |= markLoop
			if loop = next[loop]; loop == at {
				break
			}
		}
	}
	if all.unknownCount == 0 {
		return
	}
	c.eachSubordinate(func(p rowRef, manager uint64) {
		if at, _ := all.keys.find(manager); all.unknown[at] && c.inUse(p) {
			*c.mark(p) |= markUnknownManager
		}
	})
}

// managers are the distinct emails of managers, and the rows of the people who have them.
type managers struct {
	keys         keySet
	rows         []rowRef // by number in keys
	unknown      []bool   // by number: nobody present has the email
	unknownCount int
}

// noRow is the end of a chain of managers.
const noRow = rowRef(-1)

func (c *Check) managers() *managers {
	s := &managers{}
	last := uint64(0) // whole teams often follow each other
	c.eachSubordinate(func(_ rowRef, manager uint64) {
		if manager != last {
			s.keys.add(manager)
			last = manager
		}
	})
	s.rows, s.unknown = make([]rowRef, len(s.keys.keys)), make([]bool, len(s.keys.keys))
	for at, email := range s.keys.keys {
		row, here := c.managerRow(email)
		s.rows[at] = row
		if !here {
			s.unknown[at] = true
			s.unknownCount++
		}
	}
	return s
}

// next returns the number of each manager's own manager, or -1.
func (s *managers) next(c *Check) []int32 {
	next := make([]int32, len(s.rows))
	for at, p := range s.rows {
		next[at] = -1
		if p == noRow {
			continue
		}
		if manager := c.managerOf(p); manager != 0 && manager != c.emailOf(p) {
			if manager, ok := s.keys.find(manager); ok && s.rows[manager] != noRow {
				next[at] = int32(manager) //nolint:gosec // less than the number of persons
			}
		}
	}
	return next
}

// eachSubordinate calls each for the people with a manager other than themselves: those of used rows, and kept
// members by their position.
func (c *Check) eachSubordinate(each func(p rowRef, manager uint64)) {
	for i := range c.index.Len() + c.staged.len() {
		p := rowRef(i)
		manager := c.managerOf(p)
		if manager != 0 && manager != c.emailOf(p) && (c.inUse(p) || i < c.index.Len() && c.kept(i)) {
			each(p, manager)
		}
	}
}

// inUse reports whether p is a used row.
func (c *Check) inUse(p rowRef) bool {
	return (int(p) >= c.index.Len() || c.seen[p] != 0) && c.used(p)
}

// managerRow returns the row of the person with an email: a used row, else a kept member's position. For a person
// who is present without either, such as a rejected new one, it returns noRow and true.
func (c *Check) managerRow(email uint64) (p rowRef, here bool) {
	p = noRow
	c.eachWithEmail(email, func(one rowRef) bool {
		if *c.mark(one)&(markDeparted|markNoEmail) != 0 {
			return true
		}
		here = true
		if *c.mark(one)&(markCopy|markSuperseded|markPosition) != 0 {
			return true
		}
		if c.used(one) {
			p = one
		}
		return false // it is the only row, or contradicts all others
	})
	if p != noRow {
		return p, true
	}
	for pos := range c.index.ByEmail(email) {
		if c.kept(pos) {
			return rowRef(pos), true
		}
	}
	return noRow, here
}
