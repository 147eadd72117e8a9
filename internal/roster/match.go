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
		if r := c.staged.at(i); r.has&hasID != 0 {
			c.holds[r.owner] |= holdTaken
		}
	}
	for i := range c.staged.len() {
		if r := c.staged.at(i); r.has&hasID == 0 {
			presumed := r.owner
			if c.byEmail(r, holdTaken); r.owner != presumed {
				r.has |= hasMoved
			}
		}
	}
}

// presume finds whose a staged row is unless another row has that member's external id. What is found by the row's own
// external id holds in any case.
func (c *Census) presume(r *record) {
	r.owner = -1
	if r.external != 0 {
		for pos := range c.index.ByExternal(c.kind, r.external) {
			c.prefer(r, pos)
		}
	}
	if r.owner >= 0 {
		r.has |= hasID
		return
	}
	c.byEmail(r, 0)
}

// byEmail finds whose a row is by email, but for members who are marked so.
func (c *Census) byEmail(r *record, but hold) {
	r.owner = -1
	for pos := range c.index.ByEmail(r.email) {
		if c.holds[pos]&but == 0 && c.sharesEmail(r, pos) {
			c.prefer(r, pos)
		}
	}
}

// sharesEmail tells whether a row may be the member's by their common email. It never is when the member has a different
// external id of the same kind; nor, as match sees to, when another row has the member's.
func (c *Census) sharesEmail(r *record, pos int) bool {
	return r.external == 0 || c.memberExternal(pos) == 0
}

// prefer makes the member at pos the owner of r when no better one is. Where several could be, it is the one who was
// brought in step with this very row, else one who is present before one who departed, else the youngest.
func (c *Census) prefer(r *record, pos int) {
	if r.owner < 0 {
		r.owner = int32(pos)
		return
	}
	known, other := r.knows == int32(pos), r.knows == r.owner
	present, otherPresent := c.index.slots.at(pos).state.present(), c.index.slots.at(int(r.owner)).state.present()
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
