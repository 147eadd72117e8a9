package roster

// findLoops marks the rows whose manager is nobody here, and those whose line of managers leads back to themselves.
// Here are all who are present: people of used rows, members who are kept as they are, and rejected newcomers. Each has
// one manager at most, so each line is walked once: the whole takes O(n).
func (c *Census) findLoops() {
	next := c.chiefs()
	walked := make([]int32, len(next)) // by which walk
	for start := range next {
		walk, p := int32(start+1), person(start)
		for p >= 0 && walked[p] == 0 {
			walked[p] = walk
			p = next[p]
		}
		if p < 0 || walked[p] != walk {
			continue // the line ends, or joins one that was walked before
		}
		for at := p; ; {
			*c.mark(at) |= markLoop
			if at = next[at]; at == p {
				break
			}
		}
	}
}

// nobody is where a line of managers ends.
const nobody = person(-1)

// chiefs gives for each person their manager, and marks those whose manager is nobody here. Kept members stand there as
// they are, under the position of the member.
func (c *Census) chiefs() []person {
	next := make([]person, c.index.Len()+c.staged.len())
	for i := range next {
		p := person(i)
		next[p] = nobody
		_, staged := c.of(p)
		used := (staged || c.seen[i] != 0) && c.used(p)
		manager := c.managerOf(p)
		if manager == 0 || manager == c.emailOf(p) || !used && (staged || !c.kept(i)) {
			continue
		}
		chief, here := c.chief(manager)
		next[p] = chief
		if used && !here {
			*c.mark(p) |= markStranger
		}
	}
	return next
}

// chief finds who has an email: the person of a used row, else a kept member. One who is here but neither of these, as a
// newcomer who was rejected, has no line of their own.
func (c *Census) chief(email uint64) (p person, here bool) {
	p = nobody
	c.eachWithEmail(email, func(one person) bool {
		here = true
		if *c.mark(one)&(markCopy|markSuperseded) != 0 {
			return true
		}
		if c.used(one) {
			p = one
		}
		return false // either the only one, or in contradiction with all others
	})
	if p != nobody {
		return p, true
	}
	for pos := range c.index.ByEmail(email) {
		if c.kept(pos) {
			return person(pos), true
		}
	}
	return nobody, here
}
