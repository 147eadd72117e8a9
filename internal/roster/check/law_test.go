package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
)

var testRun = uuid.MustParse("01990000-0000-7000-8000-000000000001")

// indexOf is the index of entries in any order.
func indexOf(t require.TestingT, entries ...roster.Entry) *Index {
	entries = slices.SortedFunc(
		slices.Values(entries),
		func(a, b roster.Entry) int { return roster.CompareIDs(a.Member, b.Member) },
	)
	ix, err := NewIndex(func(yield func(roster.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	require.NoError(t, err)
	return ix
}

// findings checks the report with the rows in the given order. With see, accepted rows that the
// index knows are only seen. The second result has full details of issues, so that two checks can be compared closely.
func (r *report) findings(t *rapid.T, order []int, see bool) (codes, details result) {
	ix := indexOf(t, r.entries()...)
	c := New(ix, testRun, Report{Kind: r.kind, Primary: primaryBit}, r.links)
	seenRows := map[int]uuid.UUID{}
	var in Batch
	in.Reset(c)
	presumed, presumedUsed := map[int]roster.Verdict{}, map[int]bool{}
	for n, i := range order {
		if n%2 == 0 {
			c.AddBatch(&in)
			in.Reset(c)
		}
		pos, known := r.knowing(ix, r.rows[i].Known.Row)
		r.rows[i].Recognised = known
		row := r.rows[i]
		if see && known && !row.rejected {
			c.See(pos, row.Row)
			seenRows[row.Row] = ix.Member(pos)
			continue
		}
		v := row.verdict()
		presumedUsed[row.Row] = in.Add(&v)
		presumed[row.Row] = v
	}
	c.AddBatch(&in)
	f, err := c.Close(r.look)
	require.NoError(t, err)
	if f.Unidentified() > 0 {
		for _, m := range r.members {
			f.KeepNamed(m)
		}
	}
	codes, details = result{Rows: map[int]outcome{}}, result{Rows: map[int]outcome{}}
	codes.Missing = f.Missing(r.sentinels)
	codes.Spared, codes.Idle = f.Protect(roster.NewProtection(r.protected, "2026-11-23"))
	details.Missing, details.Spared, details.Idle = codes.Missing, codes.Spared, codes.Idle
	put := func(row int, o outcome, issues []roster.Issue) {
		var short, long []string
		for _, i := range issues {
			require.Equal(t, row, i.Row)
			short = append(short, string(i.Code))
			long = append(long, fmt.Sprint(i.Code, i.Field, i.Severity, i.Detail, i.Hint))
		}
		slices.Sort(short)
		o.Issues = strings.Join(short, " ")
		codes.Rows[row] = o
		o.Issues = strings.Join(long, "; ")
		details.Rows[row] = o
	}
	doubts := map[int][]roster.Issue{}
	for d := range f.Known() {
		require.Equal(t, seenRows[d.Row], d.Member)
		doubts[d.Row] = d.Issues
	}
	for _, row := range r.rows {
		if member, is := seenRows[row.Row]; is {
			used := !slices.ContainsFunc(doubts[row.Row], func(i roster.Issue) bool {
				return i.Severity == roster.Rejected || i.Code == roster.CodeIdenticalDuplicate
			})
			o := outcome{Member: member, Used: used}
			pos, _ := ix.ByMember(member)
			if p := rowRef(pos); f.check.used(p) && used && *f.check.mark(p)&markNoEmail == 0 {
				o.Email = row.Values[roster.Email]
				if other, takes := f.check.takes[p]; takes {
					o.Takes = ix.Member(int(other))
				}
			} else {
				o.Used = f.check.used(p) && used
			}
			put(row.Row, o, doubts[row.Row])
			continue
		}
		if row.rejected {
			member, issues := f.Rejected(row.User)
			require.Equal(t, RowHasIssues, f.WorstResult(row.Row, row.Row))
			put(row.Row, outcome{Member: member}, issues)
			continue
		}
		if row.departed {
			require.Equal(t, RowUnchanged, f.WorstResult(row.Row, row.Row))
			put(row.Row, outcome{}, nil)
			continue
		}
		u, issues, used := f.Identify(row.User)
		standing := RowUnchanged
		switch {
		case !used && !presumedUsed[row.Row] && !rejectsAny(issues) && !isCopy(f, row.Row):
			// A row that nobody assumed to be used may be called overturned without need.
			standing = max(RowHasIssues, f.WorstResult(row.Row, row.Row))
		case !used || !reflect.DeepEqual(presumed[row.Row].User, u):
			standing = RowOverturned
		case len(issues) > 0:
			standing = RowHasIssues
		}
		require.Equal(
			t,
			standing,
			f.WorstResult(row.Row, row.Row),
			"row %d was presumed to be %+v and is %+v",
			row.Row,
			presumed[row.Row].User,
			u,
		)
		o := outcome{Member: u.Member, New: u.New, Used: used, Linked: u.Relinked}
		if o.Used {
			if o.Takes = u.Takes; !u.Kept.Has(roster.Email) {
				o.Email = u.Values[roster.Email]
			}
		}
		put(row.Row, o, issues)
	}
	codes.Absent, codes.Kept = slices.Collect(f.Absent()), slices.Collect(f.Kept())
	for _, member := range codes.Absent {
		if left, _ := f.RowDeparted(member); left {
			codes.Left = append(codes.Left, member)
		}
	}
	for member := range f.Released() {
		codes.Freed = append(codes.Freed, member)
	}
	codes.Merged = f.Merged()
	details.Freed, details.Merged = codes.Freed, codes.Merged
	details.Absent, details.Left, details.Kept = codes.Absent, codes.Left, codes.Kept
	return codes, details
}

func rejectsAny(issues []roster.Issue) bool {
	return slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Severity == roster.Rejected })
}

func isCopy(f *Findings, row int) bool {
	p, _ := f.check.byRow(row)
	return *f.check.mark(p)&markUnused&^markNotAdded != 0
}

func some[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }

func drawUser(t *rapid.T, kind string) roster.User {
	u := roster.User{ExternalKind: kind}
	if kind != "" {
		u.ExternalID = some(t, "external id", "", "1", "2", "a", "A", "b", "B")
	}
	u.Values[roster.FirstName], u.Values[roster.LastName] = some(t, "first name", "Ann", "Bo"), "Li"
	u.Values[roster.Email] = some(t, "email", "a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org")
	u.Values[roster.Country] = some(t, "country", "", "CA", "FR")
	u.Values[roster.JobTitle] = some(t, "title", "", "", "Cook")
	u.Values[roster.Status] = some(t, "status", roster.Active, roster.Active, roster.Inactive)
	u.Values[roster.ManagerEmail] = some(
		t,
		"manager",
		"",
		"a@x.org",
		"b@x.org",
		"c@x.org",
		"d@x.org",
		"e@x.org",
		"f@x.org",
	)
	for _, f := range []roster.Field{roster.Status, roster.ManagerEmail} {
		if some(t, "kept", false, false, false, true) {
			u.Kept = u.Kept.With(f)
		}
	}
	u.Known.Columns = some(t, "primary", 0, 0, primaryBit)
	u.Known.Row = reportRow{User: u}.rawHash(some(t, "raw", 1, 2))
	return u
}

// rawHash stands for the hash of raw bytes: other bytes may say the same.
func (r reportRow) rawHash(variant int) roster.Hash {
	return roster.HashBytes([]byte(fmt.Sprint(says(r), r.Known.Columns, variant)))
}

func drawReport(t *rapid.T) *report {
	r := &report{kind: some(t, "kind", "now", "now", ""), gone: map[uuid.UUID]bool{}}
	known := map[roster.Hash]bool{}
	for i := range rapid.IntRange(0, 7).Draw(t, "members") {
		u := drawUser(t, "now")
		m := roster.Member{ID: roster.NewMemberID(uuid.Max, i), ExternalID: u.ExternalID, Values: u.Values}
		if m.ExternalID != "" {
			m.ExternalKind = some(t, "kind of member", "now", "now", "before")
		}
		m.Values[roster.Status] = some(
			t,
			"state",
			roster.Active,
			roster.Active,
			roster.Inactive,
			roster.Departed,
			"gone",
		)
		switch {
		case m.Values[roster.Status] == "gone":
			m.Values[roster.Status], r.gone[m.ID] = roster.Departed, true
		case m.Values[roster.Status] != roster.Departed && rapid.Bool().Draw(t, "known"):
			if m.ExternalKind != r.kind {
				u.ExternalID = ""
			}
			u.Values[roster.Status] = m.Values[roster.Status]
			if u.Known.Row = (reportRow{User: u}).rawHash(1); !known[u.Known.Row] {
				known[u.Known.Row] = true
				m.Known = roster.Known{Row: u.Known.Row, Columns: u.Known.Columns, Content: roster.ContentHash(&u)}
				r.take(t, u)
			}
		}
		r.members = append(r.members, m)
	}
	for range rapid.IntRange(0, 8).Draw(t, "rows") {
		if n := len(r.rows); n > 0 && some(t, "copy", true, false, false) {
			again := r.rows[rapid.IntRange(0, n-1).Draw(t, "of")]
			if some(t, "rejected", false, false, false, true) {
				again.rejected, again.departed, again.membersOnly = true, false, false
			}
			again.Known.Columns = some(t, "primary", 0, 0, primaryBit)
			again.Known.Row = again.rawHash(some(t, "raw", 1, 2))
			r.rows = append(r.rows, again)
			continue
		}
		u := drawUser(t, r.kind)
		if some(t, "rejected", false, false, false, true) {
			for _, f := range []roster.Field{roster.Email, roster.FirstName, roster.Status} {
				if rapid.Bool().Draw(t, "unreadable") {
					u.Values[f] = ""
				}
			}
			u.Known.Row = roster.Hash{}
			r.rows = append(r.rows, reportRow{User: u, rejected: true})
			continue
		}
		switch some(t, "says", "", "", "", "departed", "unclear") {
		case "departed":
			u.Known.Row = roster.Hash{}
			r.rows = append(r.rows, reportRow{User: u, departed: true})
			continue
		case "unclear":
			u.Known.Row, u.Kept = roster.Hash{}, u.Kept.With(roster.Status)
			r.rows = append(r.rows, reportRow{User: u, membersOnly: true})
			continue
		}
		r.take(t, u)
	}
	if rapid.Bool().Draw(t, "links") {
		r.drawLinks(t)
	}
	for i, number := range rapid.Permutation(numbers(len(r.rows))).Draw(t, "row numbers") {
		r.rows[i].Row = number + 1
	}
	return r
}

// drawLinks draws what a person decided about members and external ids. Nobody has two linked ids, former ones aside, and
// no id two members.
// The rows of those whom it concerns aren't known.
func (r *report) drawLinks(t *rapid.T) {
	for _, id := range []string{"1", "a", "B", "A"} {
		if len(r.members) == 0 {
			return
		}
		m := &r.members[rapid.IntRange(0, len(r.members)-1).Draw(t, "linked member")]
		link := roster.Link{Member: m.ID, External: roster.Key(id), Folded: roster.Key(roster.Fold(id)), Apart: rapid.Bool().Draw(t, "apart")}
		link.Former = !link.Apart && slices.ContainsFunc(r.links, func(l roster.Link) bool { return l.Member == m.ID && !l.Apart })
		r.links = append(r.links, link)
		for i := range r.members {
			if r.members[i].ID == m.ID || r.members[i].ExternalID == id {
				r.members[i].Known = roster.Known{}
			}
		}
	}
}

func (r *report) take(t *rapid.T, u roster.User) {
	if some(t, "in the report", true, true, true, false) {
		r.rows = append(r.rows, reportRow{User: u})
	}
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestSightingKnownRowsFindsTheSameAsReadingThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawReport(t)
		want := r.reference(testRun)
		order := rapid.Permutation(numbers(len(r.rows))).Draw(t, "order")

		full, fullDetails := r.findings(t, order, false)
		require.Equal(t, want, full, "reading all rows")
		fast, fastDetails := r.findings(t, rapid.Permutation(order).Draw(t, "other order"), true)
		require.Equal(t, want, fast, "sighting known rows")
		require.Equal(t, fullDetails, fastDetails)
	})
}
