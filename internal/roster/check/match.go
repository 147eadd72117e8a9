package check

// match finds whose each staged row is: by external id; else by email. It goes by the members as they are before this
// sync and by nothing that is found out about the rows, so that a row rejected in the end still counts as its member's.
func (c *Check) match() {
	for pos, row := range c.seen {
		if row != 0 && c.memberExternal(pos) != 0 {
			c.memberMarks[pos] |= memberIDTaken
		}
	}
	for i := range c.staged.len() {
		row := c.staged.row(i)
		if row.hash >= 0 { // it was presumed without a look at who knows it
			c.reassign(row, func() { c.assumeOwner(row) })
		}
		if row.flags&flagByID != 0 {
			c.memberMarks[row.owner] |= memberIDTaken
		}
	}
	for i := range c.staged.len() {
		if row := c.staged.row(i); row.flags&flagByID == 0 {
			c.reassign(row, func() { c.matchByEmail(row, memberIDTaken) })
		}
	}
}

// move finds the owner of a row anew, and notes when it is another.
func (c *Check) reassign(row stagedRow, find func()) {
	presumed := row.owner
	if find(); row.owner != presumed {
		row.flags |= flagMoved
	}
}

// presume finds whose a staged row is unless another row has that member's external id. What is found by the row's own
// external id holds in any case.
func (c *Check) assumeOwner(row stagedRow) {
	row.owner = -1
	if row.external != 0 {
		for pos := range c.index.ByExternal(c.kind, row.external) {
			c.prefer(row.record, pos)
		}
	}
	if row.owner >= 0 {
		row.flags |= flagByID
		return
	}
	c.matchByEmail(row, 0)
}

// byEmail finds whose a row is by email, but for members who are marked so.
func (c *Check) matchByEmail(row stagedRow, exclude memberMark) {
	row.owner = -1
	for pos := range c.index.ByEmail(row.email) {
		if c.memberMarks[pos]&exclude == 0 && c.sharesEmail(row, pos) {
			c.prefer(row.record, pos)
		}
	}
}

// sharesEmail tells whether a row may be the member's by their common email. It never is when the member has a different
// external id of the same kind; nor, as match sees to, when another row has the member's.
func (c *Check) sharesEmail(row stagedRow, pos int) bool {
	return row.external == 0 || c.memberExternal(pos) == 0
}

// prefer makes the member at pos the owner of r when no better one is. Where several could be, it is the one who was
// brought in step with this very row, else one who is present before one who departed, else the youngest.
func (c *Check) prefer(r *record, pos int) {
	if r.owner < 0 {
		r.owner = int32(pos)
		return
	}
	known, other := c.knowsRow(pos, r), c.knowsRow(int(r.owner), r)
	present, otherPresent := c.index.state(pos).Present(), c.index.state(int(r.owner)).Present()
	switch {
	case known != other:
		if known {
			r.owner = int32(pos)
		}
	case present != otherPresent:
		if present {
			r.owner = int32(pos)
		}
	case pos > int(r.owner):
		r.owner = int32(pos)
	}
}

// knows tells whether one of several members who could be the owner of r was brought in step with it.
func (c *Check) knowsRow(pos int, r *record) bool {
	return r.hash >= 0 && len(c.lookedUp) > 0 && c.index.hasRow(pos) && c.lookedUp[int32(pos)].Row == c.staged.hashes[r.hash]
}

// tied are the positions of those members of whom prefer asks whether they know a row.
func (c *Check) tiedMembers() []int32 {
	if len(c.staged.hashes) == 0 {
		return nil
	}
	var tied []int32
	for i := range c.staged.len() {
		if c.staged.at(i).hash < 0 {
			continue
		}
		for _, positions := range [...][]uint32{
			c.index.byExternal.find(*c.staged.external.at(i)), c.index.byEmail.find(*c.staged.email.at(i)),
		} {
			if len(positions) < 2 {
				continue
			}
			for _, pos := range positions {
				tied = append(tied, int32(pos))
			}
		}
	}
	return tied
}
