package check

// match finds the member to whom each staged row belongs: by external id, else by email. It uses only the members
// before this sync and no findings about the rows, so a rejected row still belongs to its member.
func (c *Check) match() {
	for pos, row := range c.seen {
		if row != 0 && c.memberExternal(pos) != 0 {
			c.takeID(pos, rowRef(pos))
		}
	}
	for i := range c.staged.len() {
		row := c.staged.row(i)
		if row.hash >= 0 { // assumeOwner had not looked up who knows the row
			c.reassign(row, func() { c.assumeOwner(row) })
		}
	}
	c.ownLinked()
	for i := range c.staged.len() {
		row := c.staged.row(i)
		switch {
		case row.flags&flagByID == 0:
		case row.status == statusDeparted:
			c.memberMarks[row.owner] |= row.departure()
		default:
			c.takeID(int(row.owner), c.stagedRef(i))
		}
	}
	for i := range c.staged.len() {
		row := c.staged.row(i)
		if row.flags&flagByID != 0 {
			continue
		}
		if _, apart := c.unlinked[c.stagedRef(i)]; apart {
			continue
		}
		c.reassign(row, func() { c.matchByEmail(row, memberIDTaken) })
		if row.owner >= 0 && row.status != statusDeparted {
			c.memberMarks[row.owner] |= memberStays
		}
	}
}

// takeID marks the member with the external id of a row.
func (c *Check) takeID(pos int, p rowRef) {
	c.memberMarks[pos] |= memberIDTaken
	if c.active(p) || *c.mark(p)&markRejected != 0 {
		c.memberMarks[pos] |= memberStays
	}
}

// reassign finds the owner of a row again, and flags a change.
func (c *Check) reassign(row stagedRow, find func()) {
	assumed := row.owner
	if find(); row.owner != assumed {
		row.flags |= flagMoved
	}
}

// assumeOwner finds the owner of a staged row as if no other row had that member's external id, and without links. An owner
// found by external id is final, unless a link says otherwise.
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

// matchByEmail finds the owner of a row by email, among members without the mark.
func (c *Check) matchByEmail(row stagedRow, exclude memberMark) {
	row.owner = -1
	for pos := range c.index.ByEmail(row.email) {
		if c.memberMarks[pos]&exclude == 0 && c.sharesEmail(row, pos) {
			c.prefer(row.record, pos)
		}
	}
}

// sharesEmail reports whether a row may belong to a member with its email. It may not if the member has another
// external id of the same kind. match excludes members whose id another row has.
func (c *Check) sharesEmail(row stagedRow, pos int) bool {
	return row.external == 0 || c.memberExternal(pos) == 0
}

// prefer makes the member at pos the owner of r unless the current owner is better. Best is the member who knows
// this row, then one who is present, then the newest.
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

// knowsRow reports whether this row is the known row of the member, who is one of several candidates.
func (c *Check) knowsRow(pos int, r *record) bool {
	return r.hash >= 0 && len(c.lookedUp) > 0 && c.index.hasRow(pos) &&
		c.lookedUp[int32(pos)].known.Row == c.staged.hashes[r.hash]
}

// tiedMembers returns the positions of the members about whom prefer calls knowsRow.
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
			c.index.byExternal.find(*c.staged.external.At(i)), c.index.byEmail.find(*c.staged.email.At(i)),
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
