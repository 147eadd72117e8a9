package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// issues returns the issues of a present row for its marks. row is the number to report, which differs from the
// row's own if a known row was seen again.
func (f *Findings) issues(p rowRef, row int, who roster.Identity) []roster.Issue {
	f.settle()
	c := f.check
	own := c.row(p)
	if used, is := c.copies[p]; is {
		own = c.row(used) // the issues of the used row apply
		p = used
	}
	m := *c.mark(p)
	if row != own && c.used(p) {
		duplicate := roster.CodeIdenticalDuplicate.Issue(who, roster.NoField)
		return []roster.Issue{duplicate.WithDetail(fmt.Sprintf("the same as row %d, which is used", own))}
	}
	var issues []roster.Issue
	if m&(markSuperseded|markNoEmail) != 0 {
		issues = append(issues, c.supersededIssue(p, who))
	}
	if m&markPositions != 0 && c.used(p) {
		issues = append(issues, roster.CodeSeveralPositions.Issue(who, roster.NoField))
	}
	if r, staged := c.of(p); staged && r.flags&flagRelinked != 0 && c.used(p) {
		issues = append(issues, roster.CodeRelinked.Issue(who, roster.ExternalID))
	}
	if m&markUnclear != 0 {
		issues = append(issues, roster.CodeRelinkUnclear.Issue(who, roster.ExternalID).WithDetail(c.unclearDetail(p)))
	}
	if m&markUnlinked != 0 {
		issues = append(issues, roster.CodeUnlinkedRow.Issue(who, roster.ExternalID).WithDetail(c.unlinkedDetail(p)))
	}
	if m&markExternal != 0 {
		others := c.others(p, c.externalOf(p), c.eachWithExternal)
		issues = append(issues, roster.CodeDuplicateExternalID.Issue(who, roster.ExternalID).
			WithDetail("differs from "+others+" with the same external id"))
	}
	if m&markEmail != 0 && m&markExternal == 0 { // one issue for one cause
		others := c.others(p, c.emailOf(p), c.eachWithEmail)
		issues = append(issues, roster.CodeDuplicateEmail.Issue(who, roster.Email).
			WithDetail("differs from "+others+" with the same email"))
	}
	if m&markEmailTaken != 0 {
		issues = append(issues, roster.CodeEmailOfRejectedRow.Issue(who, roster.Email).WithDetail(c.claimed(p)))
	}
	if m&markRejected != 0 && c.owner(p) < 0 && c.emailOf(p) == 0 {
		unidentified := roster.CodeRowUnidentified.Issue(who, roster.NoField)
		if c.externalOf(p) != 0 {
			unidentified.Detail = "a rejected row has an external id that no member has, and no usable email"
		}
		issues = append(issues, unidentified)
	}
	if m&markUnused == 0 {
		issues = append(issues, c.managerIssues(p, who)...)
	}
	return issues
}

func (c *Check) managerIssues(p rowRef, who roster.Identity) []roster.Issue {
	manager := c.managerOf(p)
	switch m := *c.mark(p); {
	case manager != 0 && manager == c.emailOf(p):
		return []roster.Issue{roster.CodeManagerSelf.Issue(who, roster.ManagerEmail)}
	case m&markUnknownManager != 0:
		return []roster.Issue{roster.CodeManagerUnknown.Issue(who, roster.ManagerEmail)}
	case m&markLoop != 0:
		return []roster.Issue{roster.CodeManagerLoop.Issue(who, roster.ManagerEmail)}
	}
	return nil
}

// others names the first few rows that share a key with p and differ. It looks at a bounded number of staged rows,
// because a whole report may share one email.
func (c *Check) others(p rowRef, key uint64, each func(uint64, func(rowRef) bool)) string {
	const named, looked = 5, 64
	var rows []int
	staged, looks := 0, 0
	each(key, func(other rowRef) bool {
		if other != p && !c.superseded(other) && *c.mark(other)&markDeparted == 0 && (c.contentOf(other) != c.contentOf(p) || c.contentOf(p) == 0) {
			rows = append(append(rows, c.row(other)), c.moreRows(other)...)
			if int(other) >= c.index.Len() {
				staged++
			}
		}
		if int(other) >= c.index.Len() {
			looks++
		}
		return staged <= named && looks < looked
	})
	slices.Sort(rows)
	switch n := len(rows); {
	case n == 0:
		return "another row"
	case n == 1:
		return "row " + strconv.Itoa(rows[0])
	case n > named:
		return "rows " + joined(rows[:named]) + " and others"
	default:
		return "rows " + joined(rows[:n-1]) + " and " + strconv.Itoa(rows[n-1])
	}
}

// moreRows returns the row numbers of a known row besides its lowest.
func (c *Check) moreRows(p rowRef) []int {
	from, _ := slices.BinarySearchFunc(c.repeats, int32(p), func(s repeatedRow, pos int32) int {
		return cmp.Compare(s.pos, pos)
	})
	var rows []int
	for _, s := range c.repeats[from:] {
		if s.pos != int32(p) {
			break
		}
		rows = append(rows, int(s.row))
	}
	return rows
}

func joined(numbers []int) string {
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// superseded reports whether p, or the row used instead of it, gives way to another row of the person.
func (c *Check) superseded(p rowRef) bool {
	if used, is := c.copies[p]; is {
		p = used
	}
	return *c.mark(p)&(markSuperseded|markPosition) != 0
}

// unclearDetail names the members to whom a row may belong.
func (c *Check) unclearDetail(p rowRef) string {
	const named = 3
	var members []string
	for _, pos := range c.unclear[p] {
		members = append(members, c.index.Member(pos).String())
	}
	slices.Sort(members)
	if len(members) == 1 {
		return "the row may be of member " + members[0] + ", who departed earlier, but a filled field differs"
	}
	if len(members) > named {
		members = append(members[:named], "others")
	}
	return "the row may be of several members: " + strings.Join(members, ", ")
}

// supersededIssue says why another row is used instead of p, or has its email.
func (c *Check) supersededIssue(p rowRef, who roster.Identity) roster.Issue {
	issue := roster.CodeSupersededRow.Issue(who, roster.NoField)
	if pos, linked := c.outranked[p]; linked { // a cause of its own in reports, by its field
		issue.Field = roster.ExternalID.String()
		issue.Detail = "a person linked member " + c.index.Member(int(pos)).String() + " to another row, which is used"
		issue.Hint = "Remove this row from the directory. If it is that of another member, say so: " +
			"`starter link TENANT MEMBER EXTERNAL_ID --by WHO`."
	}
	return issue
}

// unlinkedDetail names the members from whom a row is kept apart.
func (c *Check) unlinkedDetail(p rowRef) string {
	var members []string
	for _, pos := range c.unlinked[p] {
		members = append(members, c.index.Member(int(pos)).String())
	}
	slices.Sort(members)
	return "a person decided that the row isn't that of member " + strings.Join(members, ", ")
}

// claimed names the member who has p's email, and that member's row.
func (c *Check) claimed(p rowRef) string {
	pos, ok := c.emailHolder(c.emailOf(p), c.owner(p))
	if !ok {
		return roster.CodeEmailOfRejectedRow.Detail()
	}
	detail := "the email belongs to member " + c.index.Member(pos).String()
	if c.memberMarks[pos]&memberProtected != 0 {
		return detail + ", who is protected though not in the directory"
	}
	if row := c.rowOf(pos); row > 0 {
		return fmt.Sprintf("%s, whose own row %d was rejected", detail, row)
	}
	return detail + ", whose own row was rejected"
}

// rowOf returns the lowest number of a member's rows, or 0 if the member is present only by name.
func (c *Check) rowOf(pos int) int {
	row := int(c.seen[pos])
	first := func(p rowRef) bool {
		if c.owner(p) == pos && *c.mark(p)&markDeparted == 0 && (row == 0 || c.row(p) < row) {
			row = c.row(p)
		}
		return true
	}
	c.eachWithExternal(c.memberExternal(pos), first)
	c.eachWithEmail(*c.index.email.At(pos), first)
	return row
}
