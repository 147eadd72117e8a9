package check

import (
	"github.com/rollcall/rollcall/internal/roster"
)

// Intake is a piece of a report, taken in beside the census: several may be filled at once, each in a goroutine of its own,
// while the census adds those before. The zero Intake is ready for Begin.
type Batch struct {
	check   *Check
	rows    []stagedRow
	records []record // of theirs
	names   []rejectedName
}

// Begin begins a piece, in place of one that was added.
func (b *Batch) Reset(c *Check) {
	*b = Batch{check: c, rows: b.rows[:0], records: b.records[:0], names: b.names[:0]}
}

// Take takes in a judged row. An accepted user is tied to the member whom it is about, as Findings.Settle would if no other
// row, and nobody's protection, got in its way: Findings.Standing tells.
func (b *Batch) Add(v *roster.Verdict) {
	c := b.check
	b.records = append(b.records, record{}) // those before may stay behind: their rows have them
	r := c.stage(&v.User, &b.records[len(b.records)-1])
	if len(v.Issues) > 0 {
		r.flags |= flagIssues
	}
	if v.Rejected {
		r.mark = markRejected
		b.names = appendName(b.names, &v.User)
	} else {
		c.assignMember(&v.User, r.record)
	}
	b.rows = append(b.rows, r)
}

// Add takes in a piece. It comes as if its rows had been accepted and rejected one by one.
func (c *Check) AddBatch(b *Batch) {
	for _, r := range b.rows {
		c.staged.add(r)
	}
	c.names = append(c.names, b.names...)
}

// tie ties a user to the owner of its row, or to the id of somebody new, and completes what the index is to keep.
func (c *Check) assignMember(u *roster.User, r *record) {
	u.Known.Content = r.content
	if r.owner < 0 {
		u.Member, u.New = roster.NewMemberID(c.run, u.Row), true
		return
	}
	u.Member, u.New = c.index.Member(int(r.owner)), false
	if u.ExternalID == "" && c.memberExternal(int(r.owner)) != 0 {
		u.Known.Row = roster.Hash{} // the member keeps its id, which this row doesn't have: sighting would take it for the row's
	}
}

// Standing is how a row that was taken in by an Intake came through the census.
type RowResult uint8

// The standings, each worse than the one before.
const (
	RowUnchanged  RowResult = iota // its user is as it was, if it has one, and nothing is to be said of it
	RowHasIssues                   // its user is as it was, but there are issues
	RowOverturned                  // its user isn't used, or is about somebody else, or differs
)

// Standing is the worst standing of the staged rows from one row number to another. It comes after Protect, as Settle
// does; once it has been asked, several goroutines may ask at once, beside Settle.
func (f *Findings) WorstResult(first, last int) RowResult {
	f.markLoops()
	c, worst := f.check, RowUnchanged
	for i := c.staged.firstFrom(first); i < c.staged.len() && int(c.staged.at(i).row) <= last; i++ {
		worst = max(worst, f.result(c.stagedRef(i), c.staged.row(i)))
	}
	return worst
}

func (f *Findings) result(p rowRef, r stagedRow) RowResult {
	c := f.check
	rejected, manager := r.mark&markRejected != 0, c.managerOf(p)
	switch {
	case !rejected && (r.mark&markUnused != 0 || r.flags&flagMoved != 0 || f.keepsActive(r)):
		return RowOverturned
	case r.mark != 0, r.flags&flagIssues != 0, manager != 0 && manager == r.email:
		return RowHasIssues
	}
	return RowUnchanged
}
