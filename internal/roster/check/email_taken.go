package check

import (
	"iter"

	"github.com/google/uuid"
)

// findTakes finds the used rows with the email of another member, and the members who lose their email by that: they are
// absent, have departed, or their ended row shares the email. No row may be rejected afterwards.
func (c *Check) findTakes() {
	c.takes = map[rowRef]int32{}
	noEmail := map[int]bool{} // members whose used row doesn't give them its email
	c.eachRow(func(p rowRef) {
		if *c.mark(p)&markNoEmail != 0 && c.used(p) {
			noEmail[c.owner(p)] = true
		}
	})
	for i := range c.staged.len() {
		c.take(c.stagedRef(i), noEmail)
	}
	c.index.byEmail.repeated(func(_ uint64, positions []uint32) {
		for _, pos := range positions {
			if c.seen[pos] != 0 {
				c.take(rowRef(pos), noEmail) //nolint:gosec // the index bounds it
			}
		}
	})
}

// take marks the other members who have the email of a used row.
func (c *Check) take(p rowRef, noEmail map[int]bool) {
	if !c.used(p) {
		return
	}
	for pos := range c.index.ByEmail(c.emailOf(p)) {
		if pos == c.owner(p) {
			continue
		}
		if c.memberMarks[pos]&memberUsed == 0 || noEmail[pos] {
			c.memberMarks[pos] |= memberReleased
		}
		if c.index.state(pos).Present() || c.memberMarks[pos]&memberUsed != 0 { // who returns still has it
			c.takes[p] = int32(pos)
		}
	}
}

// Released yields the ids of the members who lose their email, in order, because a used row of somebody else has it and
// none of their own does. identified says that Identify returns the member without the email.
func (f *Findings) Released() iter.Seq2[uuid.UUID, bool] {
	f.settle()
	return func(yield func(member uuid.UUID, identified bool) bool) {
		c := f.check
		for pos := range f.positions(func(pos int) bool { return c.memberMarks[pos]&memberReleased != 0 }) {
			identified := c.memberMarks[pos]&memberUsed != 0 && c.seen[pos] == 0
			if !yield(c.index.Member(pos), identified) {
				return
			}
		}
	}
}

// takes reports whether a row has the email of a present member other than its own.
func (f *Findings) takes(p rowRef) bool {
	_, takes := f.check.takes[p]
	return takes
}

// settle completes the findings, once. No row may be rejected afterwards.
func (f *Findings) settle() {
	if !f.settled {
		f.settled = true
		f.check.findTakes()
		f.check.findLoops()
	}
}
