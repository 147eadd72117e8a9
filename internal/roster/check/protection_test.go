package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
)

func byID(id string) roster.PersonRef       { return roster.PersonRef{External: roster.Key(id)} }
func byEmail(email string) roster.PersonRef { return roster.PersonRef{Email: roster.Key(email)} }

// protecting is what is in force today of those.
func protecting(people ...roster.PersonRef) *roster.Protection {
	var list []roster.Protected
	for _, who := range people {
		list = append(list, roster.Protected{PersonRef: who})
	}
	return roster.NewProtection(list, "2026-11-23")
}

func TestAProtectionIsInForceToItsLastDay(t *testing.T) {
	t.Parallel()
	list := []roster.Protected{
		{PersonRef: byEmail("ann@x.org"), Until: "2027-01-31"},
		{PersonRef: byID("2"), Until: "2027-01-31"},
		{PersonRef: byEmail("bob@x.org")},
	}
	ann, bob := memberOf(1, someone(1, "1", "ann@x.org")), memberOf(2, someone(2, "2", "bob@x.org"))
	for day, want := range map[string][2]bool{
		"2026-12-31": {true, true}, "2027-01-31": {true, true}, "2027-02-01": {false, true}, "2031-05-01": {false, true},
	} {
		p := roster.NewProtection(list, day)
		assert.Equal(t, want, [2]bool{p.Covers(&ann), p.Covers(&bob)}, day)
	}
	later := roster.NewProtection(list, "2027-01-31")
	assert.Contains(t, later.ExclusionIssue(&ann, false).Detail, "until 2027-01-31")
	assert.NotContains(t, later.ExclusionIssue(&bob, false).Detail, "until", "one of two entries has no end")
	assert.NotEqual(
		t,
		roster.PeopleDigest(later, nil),
		roster.PeopleDigest(roster.NewProtection(list, "2027-02-01"), nil),
	)
	assert.Equal(t, roster.PeopleDigest(roster.NewProtection(list, "2026-01-01"), nil), roster.PeopleDigest(later, nil))
}

func TestTheDigestOfPeopleIsThatOfTwoSets(t *testing.T) {
	t.Parallel()
	ann, bob := byEmail("ann@x.org"), byID("2")
	assert.Empty(t, roster.PeopleDigest(protecting(), nil))
	assert.Equal(
		t,
		roster.PeopleDigest(protecting(ann, bob), []roster.PersonRef{bob, ann}),
		roster.PeopleDigest(protecting(bob, ann), []roster.PersonRef{ann, bob}),
	)
	assert.NotEqual(t, roster.PeopleDigest(protecting(ann), nil), roster.PeopleDigest(protecting(bob), nil))
	assert.NotEqual(
		t,
		roster.PeopleDigest(protecting(ann), nil),
		roster.PeopleDigest(protecting(), []roster.PersonRef{ann}),
	)
}

func TestNobodyIsCoveredByAnEmptyKey(t *testing.T) {
	t.Parallel()
	nameless := memberOf(1, someone(1, "", ""))
	p := protecting(byID("1"), byEmail("ann@x.org"), roster.PersonRef{})
	assert.False(t, p.Covers(&nameless))
	assert.False(t, roster.NewProtection(nil, "2026-11-23").Covers(&nameless))
}

func TestProtectedPeople(t *testing.T) {
	t.Parallel()
	ann, bob, cat := someone(1, "1", "ann@x.org"), someone(2, "2", "bob@x.org"), someone(3, "3", "cat@x.org")
	three := []roster.Member{memberOf(1, ann), memberOf(2, bob), memberOf(3, cat)}
	inactive := with(roster.Status, roster.Inactive)

	t.Run("a protected person is absent", func(t *testing.T) {
		t.Parallel()
		for _, who := range []roster.PersonRef{byID("2"), byEmail("bob@x.org")} {
			f := taken(t, employeeID, three, nil, ann)
			spared, idle := f.Protect(protecting(who))
			require.Equal(t, ids([]int{2}), spared)
			require.Empty(t, idle)
			absent(t, f, 3)
			kept(t, f, 2)
		}
	})
	t.Run("by an id of another kind than this report's", func(t *testing.T) {
		t.Parallel()
		f := taken(t, "workday:WID", three, nil, someone(1, "W1", "ann@x.org"))
		f.Protect(protecting(byID("2")))
		absent(t, f, 3)
	})
	t.Run("a protected person's row says inactive", func(t *testing.T) {
		t.Parallel()
		u := someone(2, "2", "bob@x.org", inactive, with(roster.City, "Oslo"))
		f := taken(t, employeeID, three, nil, ann, u, cat)
		f.Protect(protecting(byID("2")))
		identified, issues, used := f.Identify(u)
		require.True(t, used)
		require.True(t, identified.Kept.Has(roster.Status), "the member's own status stays")
		require.Equal(t, "Oslo", identified.Values[roster.City], "all else follows the row")
		require.Zero(t, identified.Known.Row, "judged again when the protection ends")
		require.Len(t, issues, 1)
		require.Equal(t, roster.CodeProtected, issues[0].Code)
		require.Equal(
			t,
			roster.Identity{Row: 2, ExternalID: "2", Email: "bob@x.org"},
			roster.Identity{Row: issues[0].Row, ExternalID: issues[0].ExternalID, Email: issues[0].Email},
		)
		require.Equal(t, roster.Warning, issues[0].Severity)
	})
	t.Run("an inactive row with a new address, by the old one and by the new one", func(t *testing.T) {
		t.Parallel()
		u := someone(2, "2", "new@x.org", inactive)
		for _, email := range []string{"bob@x.org", "new@x.org"} {
			f := taken(t, employeeID, three, nil, ann, u, cat)
			f.Protect(protecting(byEmail(email)))
			require.Equal(t, []roster.Code{roster.CodeProtected}, warningsOf(t, f, u))
		}
	})
	t.Run("who is inactive already, new, or back is not kept from it", func(t *testing.T) {
		t.Parallel()
		away := memberOf(2, someone(2, "2", "bob@x.org", inactive))
		for _, members := range [][]roster.Member{{away}, {departed(memberOf(2, bob))}, nil} {
			u := someone(2, "2", "bob@x.org", inactive, with(roster.City, "Oslo"))
			f := taken(t, employeeID, members, nil, u)
			f.Protect(protecting(byID("2")))
			identified, issues, used := f.Identify(u)
			require.True(t, used)
			require.Empty(t, issues)
			require.False(t, identified.Kept.Has(roster.Status))
			require.NotZero(t, identified.Known.Row)
		}
	})
	t.Run("a row that is rejected keeps its member, protected or not", func(t *testing.T) {
		t.Parallel()
		f := taken(t, employeeID, three, nil, ann, rejectedUser(bob), cat)
		spared, idle := f.Protect(protecting(byID("2")))
		require.Empty(t, spared)
		require.Empty(t, idle)
		kept(t, f, 2)
	})
	t.Run("a protected person's grace time is over", func(t *testing.T) {
		t.Parallel()
		entry := func(state roster.EntryState) roster.Entry {
			return roster.Entry{
				Member:   memberID(2),
				External: roster.Key("2"),
				Kind:     roster.Key(employeeID),
				Email:    roster.Key("bob@x.org"),
				State:    state,
			}
		}
		list := func(yield func(roster.Entry, error) bool) { yield(entry(roster.StateGraceOver), nil) }
		for _, p := range []*roster.Protection{protecting(byID("2")), protecting(byEmail("bob@x.org"))} {
			for e, err := range p.Revive(list) {
				require.NoError(t, err)
				require.Equal(t, entry(roster.StateDeparted), e, "may still come back")
			}
		}
		for e := range protecting(byID("9")).Revive(list) {
			require.Equal(t, entry(roster.StateGraceOver), e)
		}
		f := taken(t, employeeID, []roster.Member{memberOf(1, ann), departed(memberOf(2, bob))}, nil, ann)
		spared, _ := f.Protect(protecting(byID("2")))
		require.Equal(t, ids([]int{2}), spared)
		kept(t, f, 2)
	})
	t.Run("a row that claims the address of somebody protected who is absent", func(t *testing.T) {
		t.Parallel()
		u := someone(2, "7", "bob@x.org", named("Bea"))
		f := taken(t, employeeID, three, nil, ann, u, cat)
		f.Protect(protecting(byID("2")))
		isNot(t, f, u, roster.CodeEmailOfRejectedRow, "who is protected though not in the directory")
	})
	t.Run("a protected absentee under a new id", func(t *testing.T) {
		t.Parallel()
		u := someone(2, "7", "bob@x.org")
		f := taken(t, employeeID, three, nil, ann, u, cat)
		spared, idle := f.Protect(protecting(byID("2")))
		require.Empty(t, spared, "the row makes the member present")
		require.Empty(t, idle)
		require.True(t, is(t, f, u, 2).Relinked)
		kept(t, f)
	})
	t.Run("a protected entry matches nobody", func(t *testing.T) {
		t.Parallel()
		newPerson := someone(4, "4", "dan@x.org")
		f := taken(t, employeeID, three, nil, ann, newPerson, rejectedUser(someone(5, "5", "eve@x.org")))
		p := protecting(byID("8"), byID("4"), byEmail("eve@x.org"), byEmail("nobody@x.org"), byEmail("cat@x.org"))
		_, idle := f.Protect(p)
		require.Equal(t, []int{0, 3}, idle)
		issue := roster.UnmatchedProtectionIssue(3)
		require.Equal(t, roster.CodeProtectedUnknown, issue.Code)
		require.Equal(t, roster.Warning, issue.Severity)
		require.Contains(t, issue.Detail, "protected[3]")
	})
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	ann, bob, cat := someone(1, "1", "ann@x.org"), someone(2, "2", "bob@x.org"), someone(3, "3", "cat@x.org")
	three := []roster.Member{memberOf(1, ann), memberOf(2, bob), memberOf(3, cat)}
	always := someone(9, "0", "zoe@x.org")
	for name, c := range map[string]struct {
		rows    []any
		who     roster.PersonRef
		missing bool
	}{
		"a known row, by id":                      {[]any{bob}, byID("2"), false},
		"a known row, by email":                   {[]any{bob}, byEmail("bob@x.org"), false},
		"a row that is read, by id":               {[]any{someone(2, "2", "bob@x.org", with(roster.City, "Oslo"))}, byID("2"), false},
		"a new person's row":                      {[]any{someone(4, "4", "dan@x.org")}, byEmail("dan@x.org"), false},
		"an inactive row":                         {[]any{someone(2, "2", "bob@x.org", with(roster.Status, roster.Inactive))}, byID("2"), false},
		"a rejected row: present is present":      {[]any{rejectedUser(bob)}, byEmail("bob@x.org"), false},
		"a rejected new person's row":             {[]any{rejectedUser(someone(4, "4", "dan@x.org"))}, byID("4"), false},
		"a new address, by the old one":           {[]any{someone(2, "2", "new@x.org")}, byEmail("bob@x.org"), false},
		"a new address, by the new one":           {[]any{someone(2, "2", "new@x.org")}, byEmail("new@x.org"), false},
		"a report without ids, by the member's":   {[]any{someone(2, "", "bob@x.org")}, byID("2"), false},
		"a sentinel is missing from the snapshot": {[]any{ann, cat}, byID("2"), true},
		"missing, by email":                       {[]any{ann, cat}, byEmail("bob@x.org"), true},
		"nobody we have ever heard of":            {[]any{ann, bob, cat}, byEmail("dan@x.org"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := taken(
				t,
				employeeID,
				append(slices.Clone(three), memberOf(9, always)),
				nil,
				append(slices.Clone(c.rows), always)...)
			var want []int
			if c.missing {
				want = []int{0, 2}
			}
			require.Equal(t, want, f.Missing([]roster.PersonRef{c.who, byID("0"), c.who}))
		})
	}
	t.Run("an absent person is missing though protected", func(t *testing.T) {
		t.Parallel()
		f := taken(t, employeeID, three, nil, ann)
		require.Equal(t, []int{0}, f.Missing([]roster.PersonRef{byID("2")}))
		f.Protect(protecting(byID("2")))
		kept(t, f, 2)
	})
}

// TestTheProtectedAreNeitherAbsentNorDeactivatedWhateverTheReportSays draws members and reports, and has some of them
// protected: whether rows are read or known, nobody covered is absent, and nobody active and covered is deactivated.
func TestTheProtectedAreNeitherAbsentNorDeactivatedWhateverTheReportSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawReport(t)
		draw := func(label string) (people []roster.PersonRef) {
			for range rapid.IntRange(0, 3).Draw(t, label) {
				people = append(
					people,
					some(
						t,
						label,
						byID("1"),
						byID("2"),
						byID("4"),
						byID("9"),
						byEmail("a@x.org"),
						byEmail("c@x.org"),
						byEmail("z@x.org"),
					),
				)
			}
			return people
		}
		for _, who := range draw("protected") {
			r.protected = append(
				r.protected,
				roster.Protected{PersonRef: who, Until: some(t, "until", "", "", "2026-11-23", "2026-11-22")},
			)
		}
		r.sentinels = draw("sentinels")
		order := rapid.Permutation(numbers(len(r.rows))).Draw(t, "order")
		full, fullDetails := r.findings(t, order, false)
		fast, fastDetails := r.findings(t, rapid.Permutation(order).Draw(t, "other order"), true)
		require.Equal(t, full, fast)
		require.Equal(t, fullDetails, fastDetails)

		p := roster.NewProtection(r.protected, "2026-11-23")
		for i := range r.members {
			m := &r.members[i]
			if !p.Covers(m) || r.gone[m.ID] {
				continue
			}
			require.NotContains(t, full.Absent, m.ID)
			for _, row := range r.rows {
				of := full.Rows[row.Row]
				deactivates := m.Values[roster.Status] == roster.Active &&
					row.Values[roster.Status] == roster.Inactive &&
					!row.Kept.Has(roster.Status)
				if of.Member == m.ID && of.Used && deactivates {
					require.Contains(t, strings.Fields(of.Issues), string(roster.CodeProtected))
				}
			}
		}
		for _, id := range full.Spared {
			at := slices.IndexFunc(r.members, func(m roster.Member) bool { return m.ID == id })
			require.True(t, p.Covers(&r.members[at]))
			require.Contains(t, full.Kept, id)
		}
		for _, place := range full.Missing {
			who := r.sentinels[place]
			require.False(t, slices.ContainsFunc(r.rows, func(row reportRow) bool {
				return who.Email != 0 && roster.Key(row.Values[roster.Email]) == who.Email ||
					who.External != 0 && roster.Key(row.ExternalID) == who.External
			}), "missing though a row has the key")
		}
		require.Len(
			t,
			slices.Compact(
				slices.SortedFunc(
					slices.Values(full.Spared),
					func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) },
				),
			),
			len(full.Spared),
		)
	})
}
