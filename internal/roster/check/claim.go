package check

// findKept finds the members who are present though no row of theirs is used, and strikes the rows that claim an email of
// theirs. A struck row's own member is kept in turn, whose email may be claimed, and so on until nothing changes; as rows
// are only ever struck, the order doesn't matter.
func (c *Check) findKept() {
	c.eachRow(func(p rowRef) {
		if pos := c.owner(p); pos >= 0 {
			c.memberMarks[pos] |= memberPresent
			if c.used(p) {
				c.memberMarks[pos] |= memberUsed
			}
		}
	})
	c.eachRow(c.keepByEmail)
	var kept []int
	for pos := range c.memberMarks {
		if c.kept(pos) {
			kept = append(kept, pos)
		}
	}
	c.rejectClaims(kept)
}

// keepByEmail keeps the present members who have the email of a refused row that can't be relied on to be about somebody
// else: nobody has its external id, or another row has it as well. An accepted row with such an email is a new person's;
// but of a refused one nobody knows whether its id is the mistake.
func (c *Check) keepByEmail(p rowRef) {
	m := *c.mark(p)
	if m&(markRejected|markExternal|markEmail) == 0 || m&markExternal == 0 && c.owner(p) >= 0 {
		return
	}
	for pos := range c.index.ByEmail(c.emailOf(p)) {
		if c.index.state(pos).Present() {
			c.memberMarks[pos] |= memberPresent
		}
	}
}

// kept tells whether a member is present though no row of theirs is used.
func (c *Check) kept(pos int) bool {
	return c.memberMarks[pos]&(memberPresent|memberUsed) == memberPresent
}

// strikeClaims strikes the rows that claim an email of these kept members. A departed member's email is free.
func (c *Check) rejectClaims(kept []int) {
	for len(kept) > 0 {
		of := kept[len(kept)-1]
		kept = kept[:len(kept)-1]
		if !c.index.state(of).Present() {
			continue
		}
		c.eachWithEmail(*c.index.email.at(of), func(p rowRef) bool {
			if !c.used(p) {
				return true
			}
			*c.mark(p) |= markEmailTaken
			if pos := c.owner(p); pos >= 0 {
				c.memberMarks[pos] &^= memberUsed
				kept = append(kept, pos)
			}
			return true
		})
	}
}

// holder is the first kept member who makes others' claims on an email void.
func (c *Check) emailHolder(email uint64, but int) (pos int, ok bool) {
	for pos := range c.index.ByEmail(email) {
		if pos != but && c.kept(pos) && c.index.state(pos).Present() {
			return pos, true
		}
	}
	return 0, false
}

// eachPerson goes through all present rows: sighted ones, then staged ones.
func (c *Check) eachRow(each func(rowRef)) {
	for pos, row := range c.seen {
		if row != 0 {
			each(rowRef(pos))
		}
	}
	for i := range c.staged.len() {
		each(c.stagedRef(i))
	}
}

// eachWithEmail goes through the present rows with an email, until each returns false.
func (c *Check) eachWithEmail(email uint64, each func(rowRef) bool) {
	for pos := range c.index.ByEmail(email) {
		if c.seen[pos] != 0 && !each(rowRef(pos)) {
			return
		}
	}
	for _, i := range c.email.find(email) {
		if !each(c.stagedRef(int(i))) {
			return
		}
	}
}

// eachWithExternal goes through the present rows with an external id, until each returns false.
func (c *Check) eachWithExternal(external uint64, each func(rowRef) bool) {
	for pos := range c.index.ByExternal(c.kind, external) {
		if c.seen[pos] != 0 && !each(rowRef(pos)) {
			return
		}
	}
	for _, i := range c.external.find(external) {
		if !each(c.stagedRef(int(i))) {
			return
		}
	}
}
