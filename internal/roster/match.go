package roster

// match finds whose each staged row is: by external id; else by email. It goes by the members as they are before this
// sync and by nothing that is found out about the rows, so that a row rejected in the end still counts as its member's.
func (c *Census) match() {
	for pos, row := range c.seen {
		if row != 0 && c.memberExternal(pos) != 0 {
			c.holds[pos] |= holdTaken
		}
	}
	for i := range c.staged.len() {
		if external := *c.staged.external.at(i); external != 0 {
			r := c.staged.at(i)
			for pos := range c.index.ByExternal(c.kind, external) {
				c.prefer(r, pos)
			}
			if r.owner >= 0 {
				c.holds[r.owner] |= holdTaken
			}
		}
	}
	for i := range c.staged.len() {
		if r := c.staged.at(i); r.owner < 0 {
			for pos := range c.index.ByEmail(*c.staged.email.at(i)) {
				if c.sharesEmail(*c.staged.external.at(i), pos) {
					c.prefer(r, pos)
				}
			}
		}
	}
}

// sharesEmail tells whether a row with that external id may be the member's by their common email. It never is when the
// member has a different external id of the same kind, or when another row has the member's.
func (c *Census) sharesEmail(external uint64, pos int) bool {
	return c.holds[pos]&holdTaken == 0 && (external == 0 || c.memberExternal(pos) == 0)
}

// prefer makes the member at pos the owner of r when no better one is. Where several could be, it is the one who was
// brought in step with this very row, else one who is present before one who departed, else the youngest.
func (c *Census) prefer(r *record, pos int) {
	if r.owner < 0 {
		r.owner = int32(pos)
		return
	}
	known, other := c.knows(pos, r), c.knows(int(r.owner), r)
	present, otherPresent := c.index.state(pos).present(), c.index.state(int(r.owner)).present()
	switch {
	case known != other:
		if known {
			r.owner = int32(pos)
		}
	case present != otherPresent:
		if present {
			r.owner = int32(pos)
		}
	case compareIDs(c.index.members.at(pos), c.index.members.at(int(r.owner))) > 0:
		r.owner = int32(pos)
	}
}

// knows tells whether one of several members who could be the owner of r was brought in step with it.
func (c *Census) knows(pos int, r *record) bool {
	return r.hash >= 0 && c.index.knows(pos) && c.looked[int32(pos)].Row == c.staged.hashes[r.hash]
}

// tied are the positions of those members of whom prefer asks whether they know a row.
func (c *Census) tied() []int32 {
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
