package check

// findKept finds the members who are present though none of their rows is used, and rejects the rows with an email
// of theirs. The member of a rejected row is kept in turn, which may affect further rows. Rows are only ever
// rejected, so the order doesn't matter.
func (c *Check) findKept() {
	c.eachRow(func(p rowRef) {
		pos := c.owner(p)
		switch {
		case pos < 0:
		case *c.mark(p)&markDeparted != 0:
			c.memberMarks[pos] |= memberRowDeparted
			if r, staged := c.of(p); staged {
				c.memberMarks[pos] |= r.departure()
			}
		default:
			c.memberMarks[pos] |= memberPresent
			if c.used(p) {
				c.memberMarks[pos] |= memberUsed
			}
		}
	})
	for _, fits := range c.unclear {
		for _, pos := range fits {
			c.memberMarks[pos] |= memberPresent
		}
	}
	c.eachRow(c.keepByEmail)
	var kept []int
	for pos := range c.memberMarks {
		if c.kept(pos) {
			kept = append(kept, pos)
		}
	}
	c.rejectClaims(kept)
}

// keepByEmail keeps the present members with the email of a refused row whose owner is uncertain: nobody has its
// external id, or another row has it too. An accepted row with that email belongs to a new person. In a refused row
// the id may be the mistake.
func (c *Check) keepByEmail(p rowRef) {
	m := *c.mark(p)
	if m&(markRejected|markExternal|markEmail|markNotAdded|markUnlinked) == 0 || m&markExternal == 0 && c.owner(p) >= 0 {
		return
	}
	for pos := range c.index.ByEmail(c.emailOf(p)) {
		if c.index.state(pos).Present() {
			c.memberMarks[pos] |= memberPresent
		}
	}
}

// findNotAdded marks the rows that may be used only for a present member, and belong to none.
func (c *Check) findNotAdded() {
	for i := range c.staged.len() {
		if r := c.staged.at(i); c.notAdded(r) {
			r.mark |= markNotAdded
		}
	}
}

func (c *Check) notAdded(r *record) bool {
	return r.flags&flagMembersOnly != 0 && (r.owner < 0 || !c.index.state(int(r.owner)).Present())
}

// kept reports whether a member is present though none of their rows is used.
func (c *Check) kept(pos int) bool {
	return c.memberMarks[pos]&(memberPresent|memberUsed) == memberPresent
}

// rejectClaims rejects the used rows with the email of a kept member. The email of a departed member is free.
func (c *Check) rejectClaims(kept []int) {
	for len(kept) > 0 {
		of := kept[len(kept)-1]
		kept = kept[:len(kept)-1]
		if !c.index.state(of).Present() {
			continue
		}
		c.eachWithEmail(*c.index.email.At(of), func(p rowRef) bool {
			if !c.used(p) || *c.mark(p)&markNoEmail != 0 {
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

// emailHolder returns the first kept, present member with an email, other than the one at position except.
func (c *Check) emailHolder(email uint64, except int) (pos int, ok bool) {
	for pos := range c.index.ByEmail(email) {
		if pos != except && c.kept(pos) && c.index.state(pos).Present() {
			return pos, true
		}
	}
	return 0, false
}

// eachRow calls each for all present rows, the seen ones first.
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

// eachWithEmail calls each for the present rows with an email, until it returns false.
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

// eachWithExternal calls each for the present rows with an external id, until it returns false.
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
