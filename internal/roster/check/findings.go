package check

import (
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Findings is what a census found. Use it in this order: KeepNamed, when there is anybody Unidentified; Missing and
// Protect, where the tenant names people; then all else.
// It is not safe for concurrent use.
type Findings struct {
	check       *Check
	protection  *roster.Protection // nil: nobody is covered
	loopsMarked bool               // lines of managers
}

// Doubt is what is to be said about a known row. Its issues lack external id and email: whoever has the member fills
// them in. When one is of severity Rejected, the member stays as it is and is among Kept.
type RowIssues struct {
	Member uuid.UUID
	Row    int
	Issues []roster.Issue
}

// Settle ties an accepted user to the member it is about, or to the id that somebody new gets, and completes what the
// index is to keep. It returns false when the row isn't used: it contradicts another, or another stands for it. The
// issues are those of the roster as a whole.
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
	return u, issues, used
}

// Rejected tells whose row a rejected one is (uuid.Nil: nobody's whom we know) and what is to be said of it beyond its
// own faults.
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

// Known gives the known rows of which there is something to say, in the order of member ids.
func (f *Findings) Known() iter.Seq[RowIssues] {
	return func(yield func(RowIssues) bool) {
		f.markLoops()
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

// doubtful tells whether there may be something to say about a known row.
func (f *Findings) mayHaveIssues(pos int) bool {
	c := f.check
	if c.seen[pos] == 0 {
		return false
	}
	manager := *c.index.manager.at(pos)
	return c.marks[pos] != 0 || manager != 0 && manager == *c.index.email.at(pos) || len(c.moreRows(rowRef(pos))) > 0
}

// Absent gives the members who were present and of whom the report has no row, by id.
func (f *Findings) Absent() iter.Seq[uuid.UUID] {
	return f.members(func(pos int) bool {
		return f.check.memberMarks[pos]&memberPresent == 0 && f.check.index.state(pos).Present()
	})
}

// Kept gives the members who stay as they are: the report has a row of theirs, but none that is used. Departed ones may be
// among them. By id.
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

// positions are those of some members, by id.
func (f *Findings) positions(which func(pos int) bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for pos := range f.check.index.Len() {
			if which(pos) && !yield(pos) {
				return
			}
		}
	}
}

// Resolve finds the member whom a membership names, by external id, or by email where the row has none; both normalised
// as in a User. It is false for anybody who isn't in the report, and for rejected newcomers.
func (f *Findings) Resolve(external, email string) (member uuid.UUID, ok bool) {
	c := f.check
	use := func(p rowRef) bool {
		if copied, is := c.copies[p]; is {
			p = copied
		}
		switch pos := c.owner(p); {
		case pos >= 0:
			member, ok = c.index.Member(pos), true
		case c.used(p):
			member, ok = roster.NewMemberID(c.run, c.row(p)), true
		}
		return !c.used(p) // one that is used decides
	}
	c.eachWithExternal(roster.Key(external), use)
	if !ok {
		c.eachWithEmail(roster.Key(email), func(p rowRef) bool {
			return external != "" && c.externalOf(p) != 0 || use(p)
		})
	}
	return member, ok
}

// walk walks the lines of managers, once nothing more will be struck.
func (f *Findings) markLoops() {
	if !f.loopsMarked {
		f.loopsMarked = true
		f.check.findLoops()
	}
}

// byRow is the person of a staged row.
func (c *Check) byRow(row int) (rowRef, bool) {
	place, ok := c.staged.find(row)
	return c.stagedRef(place), ok
}

// Sighted tells whether a known row is that of a member.
func (f *Findings) Seen(member uuid.UUID) bool {
	pos, ok := f.check.index.ByMember(member)
	return ok && f.check.seen[pos] != 0
}
