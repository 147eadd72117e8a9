package roster

import (
	"iter"

	"github.com/google/uuid"
)

// Findings is what a census found. Use it in this order: KeepNamed, when there is anybody Unidentified; Missing and
// Protect, where the tenant names people; then all else.
// It is not safe for concurrent use.
type Findings struct {
	census     *Census
	protection *Protection // nil: nobody is covered
	walked     bool        // lines of managers
}

// Doubt is what is to be said about a known row. Its issues lack external id and email: whoever has the member fills
// them in. When one is of severity Rejected, the member stays as it is and is among Kept.
type Doubt struct {
	Member uuid.UUID
	Row    int
	Issues []Issue
}

// Settle ties an accepted user to the member it is about, or to the id that somebody new gets, and completes what the
// index is to keep. It returns false when the row isn't used: it contradicts another, or another stands for it. The
// issues are those of the roster as a whole.
func (f *Findings) Settle(u User) (User, []Issue, bool) {
	c := f.census
	p, ok := c.byRow(u.Row)
	if !ok {
		return u, nil, false
	}
	issues := f.issues(p, u.Row, u.Identity())
	used := c.used(p)
	r, _ := c.of(p)
	if c.tie(&u, r); r.owner >= 0 {
		issues = append(issues, f.spare(int(r.owner), &u)...)
	} else if !used {
		u.Member, u.New = uuid.Nil, false
	}
	return u, issues, used
}

// Rejected tells whose row a rejected one is (uuid.Nil: nobody's whom we know) and what is to be said of it beyond its
// own faults.
func (f *Findings) Rejected(u User) (member uuid.UUID, issues []Issue) {
	c := f.census
	p, ok := c.byRow(u.Row)
	if !ok {
		return uuid.Nil, nil
	}
	if pos := c.owner(p); pos >= 0 {
		member = c.index.slots.at(pos).member
	}
	return member, f.issues(p, u.Row, u.Identity())
}

// Known gives the known rows of which there is something to say, in the order of member ids.
func (f *Findings) Known() iter.Seq[Doubt] {
	return func(yield func(Doubt) bool) {
		f.walk()
		c := f.census
		for pos, row := range c.seen {
			if row == 0 {
				continue
			}
			for _, row := range append([]int{int(row)}, c.moreRows(person(pos))...) {
				doubt := Doubt{Member: c.index.slots.at(pos).member, Row: row}
				doubt.Issues = f.issues(person(pos), row, Identity{Row: row})
				if len(doubt.Issues) > 0 && !yield(doubt) {
					return
				}
			}
		}
	}
}

// Absent gives the members who were present and of whom the report has no row, by id.
func (f *Findings) Absent() iter.Seq[uuid.UUID] {
	return f.members(func(pos int) bool {
		return f.census.holds[pos]&holdOwned == 0 && f.census.index.slots.at(pos).state.present()
	})
}

// Kept gives the members who stay as they are: the report has a row of theirs, but none that is used. Departed ones may be
// among them. By id.
func (f *Findings) Kept() iter.Seq[uuid.UUID] { return f.members(f.census.kept) }

func (f *Findings) members(which func(pos int) bool) iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		for pos := range f.census.index.Len() {
			if which(pos) && !yield(f.census.index.slots.at(pos).member) {
				return
			}
		}
	}
}

// Resolve finds the member whom a membership names, by external id, or by email where the row has none; both normalised
// as in a User. It is false for anybody who isn't in the report, and for rejected newcomers.
func (f *Findings) Resolve(external, email string) (member uuid.UUID, ok bool) {
	c := f.census
	use := func(p person) bool {
		if copied, is := c.copies[p]; is {
			p = copied
		}
		switch pos := c.owner(p); {
		case pos >= 0:
			member, ok = c.index.slots.at(pos).member, true
		case c.used(p):
			member, ok = NewMemberID(c.run, c.row(p)), true
		}
		return !c.used(p) // one that is used decides
	}
	c.eachWithExternal(Key(external), use)
	if !ok {
		c.eachWithEmail(Key(email), func(p person) bool {
			return external != "" && c.externalOf(p) != 0 || use(p)
		})
	}
	return member, ok
}

// walk walks the lines of managers, once nothing more will be struck.
func (f *Findings) walk() {
	if !f.walked {
		f.walked = true
		f.census.findLoops()
	}
}

// byRow is the person of a staged row.
func (c *Census) byRow(row int) (person, bool) {
	i := c.firstFrom(row)
	return c.stagedPerson(i), i < c.staged.len() && int(c.staged.at(i).row) == row
}

// firstFrom is the place of the first staged row with that number or a higher one.
func (c *Census) firstFrom(row int) int {
	from, to := 0, c.staged.len()
	for from < to {
		if middle := (from + to) / 2; int(c.staged.at(middle).row) < row {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from
}
