package check

import (
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Findings is the result of a Check. Call KeepNamed first if there are Unidentified rows, then Missing and Protect
// if the tenant names people, then the other methods. It is not safe for concurrent use, except as WorstResult
// says.
type Findings struct {
	check      *Check
	protection *roster.Protection // nil: nobody is covered
	settled    bool               // settle has run
}

// RowIssues are the issues of a known row. They lack external id and email, which the caller adds from the member.
// If one has severity Rejected, the member stays unchanged and is among Kept.
type RowIssues struct {
	Member uuid.UUID
	Row    int
	Issues []roster.Issue
}

// Identify ties an accepted user to its member, or to the id of a new member, and completes Known. It returns false
// if the row isn't used: it contradicts another row, or another row replaces it. The issues come from the
// comparison with other rows.
func (f *Findings) Identify(u roster.User) (roster.User, []roster.Issue, bool) {
	c := f.check
	p, ok := c.byRow(u.Row)
	if !ok {
		return u, nil, false
	}
	issues := f.issues(p, u.Row, u.Identity())
	used := c.used(p)
	r, _ := c.of(p)
	if c.assignMember(&u, r); r.owner >= 0 {
		issues = append(issues, f.keepActive(int(r.owner), &u)...)
	} else if !used {
		u.Member, u.New = uuid.Nil, false
	}
	if pos, takes := c.takes[p]; takes {
		u.Takes = c.index.Member(int(pos))
	}
	u.Relinked, u.Linked = r.flags&flagRelinked != 0, r.flags&flagLinked != 0
	if r.mark&markNoEmail != 0 { // the row must be read again, because it says more than its member has
		u.Known.Row, u.Recognised = roster.Hash{}, false
		if u.Kept = u.Kept.With(roster.Email); r.owner >= 0 && c.memberMarks[r.owner]&memberReleased != 0 {
			u.Kept, u.Values[roster.Email] = u.Kept.Without(roster.Email), ""
		}
	}
	return u, issues, used
}

// Rejected returns the member to whom a rejected row belongs (uuid.Nil if none) and the issues beyond the row's
// own.
func (f *Findings) Rejected(u roster.User) (member uuid.UUID, issues []roster.Issue) {
	c := f.check
	p, ok := c.byRow(u.Row)
	if !ok {
		return uuid.Nil, nil
	}
	if pos := c.owner(p); pos >= 0 {
		member = c.index.Member(pos)
	}
	return member, f.issues(p, u.Row, u.Identity())
}

// Known yields the known rows that have issues, in the order of member ids.
func (f *Findings) Known() iter.Seq[RowIssues] {
	return func(yield func(RowIssues) bool) {
		f.settle()
		c := f.check
		for pos := range f.positions(f.mayHaveIssues) {
			for _, row := range append([]int{int(c.seen[pos])}, c.moreRows(rowRef(pos))...) {
				doubt := RowIssues{Member: c.index.Member(pos), Row: row}
				doubt.Issues = f.issues(rowRef(pos), row, roster.Identity{Row: row})
				if len(doubt.Issues) > 0 && !yield(doubt) {
					return
				}
			}
		}
	}
}

// mayHaveIssues reports whether a known row may have issues.
func (f *Findings) mayHaveIssues(pos int) bool {
	c := f.check
	if c.seen[pos] == 0 {
		return false
	}
	manager := *c.index.manager.At(pos)
	return c.marks[pos] != 0 || manager != 0 && manager == c.emailOf(rowRef(pos)) || len(c.moreRows(rowRef(pos))) > 0
}

// NotAdded reports whether the row with a number may be used only for a present member, and belongs to none.
func (f *Findings) NotAdded(row int) bool {
	c := f.check
	p, ok := c.byRow(row)
	if used, is := c.copies[p]; is {
		p = used
	}
	return ok && *c.mark(p)&markNotAdded != 0
}

// Departed returns the number of rows by which a person has left.
func (f *Findings) Departed() (rows int) { return f.departed(0) }

// OutOfScope returns the number of rows that the tenant's scope leaves out.
func (f *Findings) OutOfScope() (rows int) { return f.departed(flagOutOfScope) }

func (f *Findings) departed(scope rowFlags) (rows int) {
	for i := range f.check.staged.len() {
		if r := f.check.staged.at(i); r.mark&markUnused == markDeparted && r.flags&flagOutOfScope == scope {
			rows++
		}
	}
	return rows
}

// Merged returns the number of rows that aren't used because another row of the person is.
func (f *Findings) Merged() (rows int) {
	c := f.check
	c.eachRow(func(p rowRef) {
		if c.merged(p) {
			rows++
		}
	})
	for _, again := range c.repeats {
		if p := rowRef(again.pos); c.used(p) || c.merged(p) {
			rows++
		}
	}
	return rows
}

func (c *Check) merged(p rowRef) bool {
	if used, is := c.copies[p]; is {
		return c.used(used) || c.merged(used)
	}
	m := *c.mark(p)
	return m&(markSuperseded|markPosition) != 0 && m&markRejected == 0
}

// RowDeparted reports whether a row of an absent member says that the person has left, and whether only the tenant's
// scope leaves the row out.
func (f *Findings) RowDeparted(member uuid.UUID) (left, outOfScope bool) {
	pos, ok := f.check.index.ByMember(member)
	if !ok {
		return false, false
	}
	mark := f.check.memberMarks[pos]
	return mark&memberRowDeparted != 0, mark&memberOutOfScope != 0
}

// Absent yields the ids of the present members whom no row makes present, in order.
func (f *Findings) Absent() iter.Seq[uuid.UUID] {
	return f.members(func(pos int) bool {
		return f.check.memberMarks[pos]&memberPresent == 0 && f.check.index.state(pos).Present()
	})
}

// Kept yields the ids of the members who stay unchanged because none of their rows is used, in order. A departed
// member may be among them.
func (f *Findings) Kept() iter.Seq[uuid.UUID] { return f.members(f.check.kept) }

func (f *Findings) members(which func(pos int) bool) iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		for pos := range f.positions(which) {
			if !yield(f.check.index.Member(pos)) {
				return
			}
		}
	}
}

// positions yields the positions of the members that which selects.
func (f *Findings) positions(which func(pos int) bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for pos := range f.check.index.Len() {
			if which(pos) && !yield(pos) {
				return
			}
		}
	}
}

// Resolve returns the member that a membership names by external id, or by email for rows without one. Both are
// normalised as in a User. It returns uuid.Nil for a person whose row says that they have left, and false for a person
// who isn't in the report, or is new and not added.
func (f *Findings) Resolve(external, email string) (member uuid.UUID, ok bool) {
	c := f.check
	use := func(p rowRef) bool {
		if copied, is := c.copies[p]; is {
			p = copied
		}
		switch pos := c.owner(p); {
		case *c.mark(p)&markDeparted != 0:
			ok = true
		case pos >= 0:
			member, ok = c.index.Member(pos), true
		case c.used(p):
			member, ok = roster.NewMemberID(c.run, c.row(p)), true
		}
		return !c.used(p) // a used row decides
	}
	c.eachWithExternal(roster.Key(external), use)
	if !ok {
		c.eachWithEmail(roster.Key(email), func(p rowRef) bool {
			return external != "" && c.externalOf(p) != 0 || use(p)
		})
	}
	return member, ok
}

// byRow returns the staged row with the given number.
func (c *Check) byRow(row int) (rowRef, bool) {
	place, ok := c.staged.find(row)
	return c.stagedRef(place), ok
}

// Seen reports whether the member's known row was seen.
func (f *Findings) Seen(member uuid.UUID) bool {
	pos, ok := f.check.index.ByMember(member)
	return ok && f.check.seen[pos] != 0
}
