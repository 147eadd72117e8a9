package check

// findLoops marks the rows whose manager is nobody here, and those whose line of managers leads back to themselves.
// Here are all who are present: people of used rows, members who are kept as they are, and rejected newcomers. Only those
// who manage somebody can be in a loop, and each has one manager at most: so each of their lines is walked once.
func (c *Check) findLoops() {
	all := c.all()
	next := all.next(c)
	walked := make([]int32, len(next)) // by which walk
	for start := range next {
		walk, at := int32(start+1), int32(start)
		for at >= 0 && walked[at] == 0 {
			walked[at] = walk
			at = next[at]
		}
		if at < 0 || walked[at] != walk {
			continue // the line ends, or joins one that was walked before
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

// chiefs are all emails of somebody's manager, and who has them.
type managers struct {
	keys         keySet
	rows         []rowRef // by place in keys
	unknown      []bool   // nobody here has it
	unknownCount int
}

// nobody is where a line of managers ends.
const noRow = rowRef(-1)

func (c *Check) all() *managers {
	s := &managers{}
	last := uint64(0) // whole teams often come one after the other
	c.eachSubordinate(func(_ rowRef, manager uint64) {
		if manager != last {
			s.keys.add(manager)
			last = manager
		}
	})
	s.rows, s.unknown = make([]rowRef, len(s.keys.keys)), make([]bool, len(s.keys.keys))
	for at, email := range s.keys.keys {
		manager, here := c.manager(email)
		s.rows[at] = manager
		if !here {
			s.unknown[at] = true
			s.unknownCount++
		}
	}
	return s
}

// next gives for each chief the place of theirs; -1: they have none, or none who is here.
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

// eachSubordinate goes through those with a manager other than themselves: people of used rows, and kept members, under the
// position of the member.
func (c *Check) eachSubordinate(each func(p rowRef, manager uint64)) {
	for i := range c.index.Len() + c.staged.len() {
		p := rowRef(i)
		if manager := c.managerOf(p); manager != 0 && manager != c.emailOf(p) && (c.inUse(p) || i < c.index.Len() && c.kept(i)) {
			each(p, manager)
		}
	}
}

// inUse tells whether p is a used row.
func (c *Check) inUse(p rowRef) bool {
	return (int(p) >= c.index.Len() || c.seen[p] != 0) && c.used(p)
}

// chief finds who has an email: the person of a used row, else a kept member. One who is here but neither of these, as a
// newcomer who was rejected, has no line of their own.
func (c *Check) manager(email uint64) (p rowRef, here bool) {
	p = noRow
	c.eachWithEmail(email, func(one rowRef) bool {
		here = true
		if *c.mark(one)&(markCopy|markSuperseded) != 0 {
			return true
		}
		if c.used(one) {
			p = one
		}
		return false // either the only one, or in contradiction with all others
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
