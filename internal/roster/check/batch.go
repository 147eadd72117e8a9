package check

import (
	"github.com/rollcall/rollcall/internal/roster"
)

// Batch stages rows of a part of a report outside the Check. Several goroutines may each fill their own Batch while
// the Check adds earlier ones. Call Reset before the first Add.
type Batch struct {
	check   *Check
	rows    []stagedRow
	records []record // of rows
	names   []rejectedName
	unknown []unknownID
	linked  []linkedRow
}

// Reset empties the batch and ties it to a Check. A batch that was added may be reset.
func (b *Batch) Reset(c *Check) {
	*b = Batch{
		check: c, rows: b.rows[:0], records: b.records[:0], names: b.names[:0], unknown: b.unknown[:0],
		linked: b.linked[:0],
	}
}

// Add stages a judged row, and reports whether it is used. It ties its user to a member. The result is that of
// Findings.Identify, unless another row or a protection changes it. Findings.WorstResult says whether they did.
func (b *Batch) Add(v *roster.Verdict) (used bool) {
	c := b.check
	b.records = append(b.records, record{}) // append may move the slice: earlier rows keep their records
	r := c.stage(v, &b.records[len(b.records)-1])
	b.rows = append(b.rows, r)
	b.linked = c.links.appendLinked(b.linked, &v.User)
	switch {
	case v.Rejected:
		b.names = appendName(b.names, &v.User)
		return false
	case v.Departed:
		return false
	default:
		b.unknown = c.appendUnknown(b.unknown, &v.User, r)
		c.assignMember(&v.User, r.record)
		return !c.notAdded(r.record)
	}
}

// AddBatch adds the rows of a batch. The result is the same as with Add for each row.
func (c *Check) AddBatch(b *Batch) {
	for _, r := range b.rows {
		c.staged.add(r)
	}
	c.names = append(c.names, b.names...)
	c.unknown = append(c.unknown, b.unknown...)
	c.linked = append(c.linked, b.linked...)
}

// assignMember ties a user to the owner of its row, or to the id of a new member, and completes u.Known.
func (c *Check) assignMember(u *roster.User, r *record) {
	u.Known.Content = r.content
	if r.owner < 0 {
		u.Member, u.New = roster.NewMemberID(c.run, u.Row), true
		return
	}
	u.Member, u.New = c.index.Member(int(r.owner)), false
	if u.ExternalID == "" && c.memberExternal(int(r.owner)) != 0 {
		// The member keeps an external id that the row lacks. As a known row it would be taken to have that id.
		u.Known.Row = roster.Hash{}
	}
}

// RowResult says how the other rows of the report changed the result of a row in a Batch.
type RowResult uint8

// The results, from best to worst.
const (
	RowUnchanged  RowResult = iota // the user is unchanged and has no issues
	RowHasIssues                   // the user is unchanged and there are issues
	RowOverturned                  // the user isn't used, has another member, or has changed
)

// WorstResult returns the worst result of the staged rows with numbers from first to last. Call it after Protect.
// After the first call, several goroutines may call it and Identify at once.
func (f *Findings) WorstResult(first, last int) RowResult {
	f.settle()
	c, worst := f.check, RowUnchanged
	for i := c.staged.firstFrom(first); i < c.staged.len() && int(c.staged.at(i).row) <= last; i++ {
		worst = max(worst, f.result(c.stagedRef(i), c.staged.row(i)))
	}
	return worst
}

func (f *Findings) result(p rowRef, r stagedRow) RowResult {
	c := f.check
	unused, manager := r.mark&(markRejected|markDeparted) != 0, c.managerOf(p)
	switch {
	case !unused && (r.mark&(markUnused&^markNotAdded|markNoEmail) != 0 || r.flags&flagMoved != 0 ||
		f.keepsActive(r) || f.takes(p)):
		return RowOverturned
	case r.mark&^(markSuperseded|markPosition) == markDeparted:
		return RowUnchanged
	case r.mark != 0, r.flags&flagIssues != 0, manager != 0 && manager == r.email:
		return RowHasIssues
	}
	return RowUnchanged
}
