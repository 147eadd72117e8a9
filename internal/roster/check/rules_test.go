package check

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

// memberID is a readable id for a test's member.
func memberID(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("01980000-0000-7000-8000-%012d", n))
}

// someone is a row's user: id (may be ""), email, and whatever else.
func someone(row int, id, email string, edits ...func(*roster.User)) roster.User {
	u := roster.User{Row: row, ExternalID: id, ExternalKind: "workday:Employee_ID"}
	u.Values[roster.FirstName], u.Values[roster.LastName], u.Values[roster.Email], u.Values[roster.Status] = "First", "Last", email, roster.Active
	for _, edit := range edits {
		edit(&u)
	}
	u.Known.Row = roster.HashBytes([]byte(fmt.Sprint(says(reportRow{User: u}))))
	return u
}

func with(f roster.Field, value string) func(*roster.User) {
	return func(u *roster.User) { u.Values[f] = value }
}

func keeping(f roster.Field) func(*roster.User) {
	return func(u *roster.User) { u.Kept = u.Kept.With(f) }
}

// memberOf is the member that the user's row made.
func memberOf(n int, u roster.User) roster.Member {
	u.Known.Content = roster.ContentHash(&u)
	return roster.Member{
		ID:           memberID(n),
		ExternalID:   u.ExternalID,
		ExternalKind: u.ExternalKind,
		Values:       u.Values,
		Known:        u.Known,
	}
}

func departed(m roster.Member) roster.Member {
	m.Values[roster.Status], m.Known = roster.Departed, roster.Known{}
	return m
}

// taken returns the findings for accepted, rejected and seen rows, and for links.
func taken(t *testing.T, kind string, members []roster.Member, gone []int, rows ...any) *Findings {
	t.Helper()
	r := report{members: members, gone: map[uuid.UUID]bool{}}
	for _, n := range gone {
		r.gone[memberID(n)] = true
	}
	ix := indexOf(t, r.entries()...)
	for _, row := range rows {
		if link, is := row.(roster.Link); is {
			r.links = append(r.links, link)
		}
	}
	c := New(ix, testRun, Report{Kind: kind, Primary: primaryBit}, r.links)
	for _, row := range rows {
		switch row := row.(type) {
		case rejectedUser:
			c.Add(roster.Verdict{User: roster.User(row), Rejected: true})
		case roster.Verdict:
			c.Add(row)
		case roster.User:
			if pos, ok := r.knowing(ix, row.Known.Row); ok {
				c.See(pos, row.Row)
			} else {
				c.Add(roster.Verdict{User: row})
			}
		}
	}
	f, err := c.Close(r.look)
	require.NoError(t, err)
	return f
}

type rejectedUser roster.User

const employeeID = "workday:Employee_ID"

// is asserts that a staged row is used and whose it is.
func is(t *testing.T, f *Findings, u roster.User, member int) roster.User {
	t.Helper()
	identified, issues, used := f.Identify(u)
	require.True(t, used, "%v", issues)
	require.False(t, identified.New)
	require.Equal(t, memberID(member), identified.Member)
	return identified
}

// isNew asserts that a staged row is used and makes a new member.
func isNew(t *testing.T, f *Findings, u roster.User) {
	t.Helper()
	identified, issues, used := f.Identify(u)
	require.True(t, used, "%v", issues)
	require.True(t, identified.New)
	require.Equal(t, roster.NewMemberID(testRun, u.Row), identified.Member)
}

// isNot asserts that a staged row is not used, and why.
func isNot(t *testing.T, f *Findings, u roster.User, code roster.Code, detail string) {
	t.Helper()
	_, issues, used := f.Identify(u)
	require.False(t, used)
	require.Len(t, issues, 1)
	require.Equal(t, code, issues[0].Code)
	require.Equal(
		t,
		u.Identity(),
		roster.Identity{Row: issues[0].Row, ExternalID: issues[0].ExternalID, Email: issues[0].Email},
	)
	require.Contains(t, issues[0].Detail, detail)
	require.NotEmpty(t, issues[0].Hint)
}

// gives asserts that a staged row gives way to another row of the same worker, without an issue of its own.
func gives(t *testing.T, f *Findings, u roster.User) {
	t.Helper()
	_, issues, used := f.Identify(u)
	require.False(t, used)
	require.Empty(t, issues)
}

// hasIssue asserts that a staged row is used with exactly one issue.
func hasIssue(t *testing.T, f *Findings, u roster.User, code roster.Code) {
	t.Helper()
	_, issues, used := f.Identify(u)
	require.True(t, used)
	require.Len(t, issues, 1)
	require.Equal(t, code, issues[0].Code)
}

func released(t *testing.T, f *Findings, members ...int) {
	t.Helper()
	var found []uuid.UUID
	for member := range f.Released() {
		found = append(found, member)
	}
	require.Equal(t, ids(members), found, "released")
}

func named(first string) func(*roster.User) { return with(roster.FirstName, first) }

func absent(t *testing.T, f *Findings, members ...int) {
	t.Helper()
	require.Equal(t, ids(members), slices.Collect(f.Absent()), "absent")
}

func kept(t *testing.T, f *Findings, members ...int) {
	t.Helper()
	require.Equal(t, ids(members), slices.Collect(f.Kept()), "kept")
}

func ids(members []int) []uuid.UUID {
	var all []uuid.UUID
	for _, n := range members {
		all = append(all, memberID(n))
	}
	return all
}

func warningsOf(t *testing.T, f *Findings, u roster.User) []roster.Code {
	t.Helper()
	_, issues, used := f.Identify(u)
	require.True(t, used)
	var codes []roster.Code
	for _, i := range issues {
		require.Equal(t, roster.Warning, i.Severity)
		codes = append(codes, i.Code)
	}
	return codes
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	ann, bob, cat := someone(1, "1", "ann@x.org"), someone(2, "2", "bob@x.org"), someone(3, "3", "cat@x.org")
	three := []roster.Member{memberOf(1, ann), memberOf(2, bob), memberOf(3, cat)}
	title := with(roster.JobTitle, "Cook")

	t.Run("match", func(t *testing.T) {
		t.Parallel()
		t.Run("by external id", func(t *testing.T) {
			t.Parallel()
			u := someone(1, "2", "other@x.org")
			f := taken(t, employeeID, three, nil, u)
			is(t, f, u, 2)
			absent(t, f, 1, 3)
			kept(t, f)
		})
		t.Run("else by email, and then the external id is learned", func(t *testing.T) {
			t.Parallel()
			members := []roster.Member{memberOf(1, someone(1, "", "ann@x.org"))}
			u := someone(1, "7", "ann@x.org")
			f := taken(t, employeeID, members, nil, u)
			require.Equal(t, "7", is(t, f, u, 1).ExternalID)
			absent(t, f)
		})
		t.Run("an email never matches a member who has a different external id of the same kind", func(t *testing.T) {
			t.Parallel()
			u := someone(1, "7", "ann@x.org", named("Bea"))
			f := taken(t, employeeID, three, nil, u)
			isNew(t, f, u)
			absent(t, f, 1, 2, 3)
		})
		t.Run("when the kind changes one sync matches by email and learns the new ids", func(t *testing.T) {
			t.Parallel()
			rows := []roster.User{
				someone(1, "W1", "ann@x.org"),
				someone(2, "W2", "bob@x.org"),
				someone(3, "1", "cat@x.org"),
			}
			f := taken(t, "workday:WID", three, nil, rows[0], rows[1], rows[2])
			for i, u := range rows {
				is(t, f, u, i+1) // though 1 was somebody else's id of the other kind
			}
			absent(t, f)
			kept(t, f)
		})
		t.Run("people without ids by email", func(t *testing.T) {
			t.Parallel()
			members := []roster.Member{
				memberOf(1, someone(1, "", "ann@x.org")),
				memberOf(2, someone(2, "", "bob@x.org")),
			}
			u := someone(1, "", "ann@x.org", title)
			f := taken(t, "", members, nil, u)
			is(t, f, u, 1)
			absent(t, f, 2)
		})
		t.Run("a row without its id is its member's by email, and is judged again every time", func(t *testing.T) {
			t.Parallel()
			u := someone(1, "", "ann@x.org")
			f := taken(t, employeeID, three, nil, u)
			require.Zero(t, is(t, f, u, 1).Known.Row)
			f = taken(t, "", three, nil, u)
			require.NotZero(t, is(t, f, u, 1).Known.Row, "a report without ids can't be mistaken")
		})
		t.Run("the row with the id gets the member, not the row with the email", func(t *testing.T) {
			t.Parallel()
			moved, other := someone(1, "1", "moved@x.org"), someone(2, "", "ann@x.org")
			f := taken(t, employeeID, three, nil, moved, other)
			is(t, f, moved, 1)
			isNew(t, f, other)
		})
		t.Run(
			"of several with the email, one who is present before one who departed, else the youngest",
			func(t *testing.T) {
				t.Parallel()
				nameless := someone(1, "", "ann@x.org")
				u := someone(9, "", "ann@x.org", title)
				f := taken(t, "", []roster.Member{memberOf(1, nameless), departed(memberOf(2, nameless))}, nil, u)
				is(t, f, u, 1)
				f = taken(
					t,
					"",
					[]roster.Member{departed(memberOf(1, nameless)), departed(memberOf(2, nameless))},
					nil,
					u,
				)
				is(t, f, u, 2)
			},
		)
	})

	t.Run("email changed, same external_id", func(t *testing.T) {
		t.Parallel()
		u := someone(1, "1", "married@x.org")
		f := taken(t, employeeID, three, nil, u, bob, cat)
		require.Equal(t, "married@x.org", is(t, f, u, 1).Values[roster.Email])
		absent(t, f)
	})

	t.Run("only the case of the email changed", func(t *testing.T) {
		t.Parallel()
		email, ok := roster.NormalEmail("ANN@X.org")
		require.True(t, ok)
		u := someone(1, "1", email)
		u.Known.Row = roster.HashBytes([]byte("other bytes"))
		f := taken(t, employeeID, three, nil, u, bob, cat)
		identified := is(t, f, u, 1)
		require.Equal(t, three[0].Values, identified.Values)
		require.Equal(t, three[0].Known.Content, identified.Known.Content)
	})

	t.Run("two people swap emails; a chain A->B->C; a cycle, across different batches", func(t *testing.T) {
		t.Parallel()
		for name, emails := range map[string][3]string{
			"swap":  {"bob@x.org", "ann@x.org", "cat@x.org"},
			"chain": {"bob@x.org", "cat@x.org", "new@x.org"},
			"cycle": {"bob@x.org", "cat@x.org", "ann@x.org"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a, b, c := someone(1, "1", emails[0]), someone(2, "2", emails[1]), someone(3, "3", emails[2])
				f := taken(t, employeeID, three, nil, b, c, a)
				is(t, f, a, 1)
				is(t, f, b, 2)
				if c.Known.Row != cat.Known.Row {
					is(t, f, c, 3)
				}
				absent(t, f)
				kept(t, f)
				require.Empty(t, slices.Collect(f.Known()))
			})
		}
	})

	t.Run(
		"somebody else gets the email of a member who is inactive or departed, or departs in this sync",
		func(t *testing.T) {
			t.Parallel()
			heir := someone(4, "4", "ann@x.org", named("Bea"))
			t.Run("gone in this very snapshot", func(t *testing.T) {
				t.Parallel()
				f := taken(t, employeeID, three, nil, heir, bob, cat)
				isNew(t, f, heir)
				absent(t, f, 1)
			})
			t.Run("departed", func(t *testing.T) {
				t.Parallel()
				f := taken(t, employeeID, []roster.Member{departed(three[0])}, nil, heir)
				isNew(t, f, heir)
			})
			t.Run("deleted", func(t *testing.T) {
				t.Parallel()
				f := taken(t, employeeID, three[1:], nil, heir, bob, cat)
				isNew(t, f, heir)
			})
			t.Run(
				"without ids, the person with that email within the grace time is taken for the same one",
				func(t *testing.T) {
					t.Parallel()
					heir := someone(4, "", "ann@x.org")
					f := taken(t, "", []roster.Member{departed(memberOf(1, someone(1, "", "ann@x.org")))}, nil, heir)
					is(t, f, heir, 1)
				},
			)
			t.Run("and the leaver, who stays withheld beside the heir, loses the email", func(t *testing.T) {
				t.Parallel()
				f := taken(t, employeeID, append(slices.Clone(three), memberOf(4, heir)), nil, heir, bob, cat)
				require.Empty(t, slices.Collect(f.Known()))
				absent(t, f, 1)
				kept(t, f)
				released(t, f, 1)
			})
			t.Run("the leaver's email becomes empty, and the newcomer is tied to the removal", func(t *testing.T) {
				t.Parallel()
				f := taken(t, employeeID, three, nil, heir, bob, cat)
				identified, _, _ := f.Identify(heir)
				require.Equal(t, memberID(1), identified.Takes)
				released(t, f, 1)
				f = taken(t, employeeID, []roster.Member{departed(three[0])}, nil, heir)
				identified, _, _ = f.Identify(heir)
				require.Zero(t, identified.Takes, "there is no removal to wait for")
				released(t, f, 1)
				leave := memberOf(1, someone(1, "1", "ann@x.org", with(roster.Status, roster.Inactive)))
				f = taken(t, employeeID, []roster.Member{leave}, nil, heir)
				released(t, f, 1)
			})
			t.Run("an ended row with the address is used without it", func(t *testing.T) {
				t.Parallel()
				ended := someone(9, "1", "ann@x.org", with(roster.Status, roster.Inactive))
				f := taken(t, employeeID, three, nil, heir, ended, bob, cat)
				isNew(t, f, heir)
				u, issues, used := f.Identify(ended)
				require.True(t, used)
				require.Equal(t, roster.CodeSupersededRow, issues[0].Code)
				require.Empty(t, u.Values[roster.Email])
				require.False(t, u.Kept.Has(roster.Email))
				require.Equal(t, roster.Inactive, u.Values[roster.Status])
				require.Zero(t, u.Known.Row)
			})
		},
	)

	t.Run("identical duplicate rows", func(t *testing.T) {
		t.Parallel()
		t.Run("both read", func(t *testing.T) {
			t.Parallel()
			one, two := someone(5, "5", "eve@x.org"), someone(2, "5", "eve@x.org")
			one.Known.Row = roster.HashBytes([]byte("the same but for a column that nothing uses"))
			f := taken(t, employeeID, nil, nil, one, two)
			isNew(t, f, two)
			isNot(t, f, one, roster.CodeIdenticalDuplicate, "row 2")
		})
		t.Run("a known row seen twice", func(t *testing.T) {
			t.Parallel()
			again := ann
			again.Row = 8
			f := taken(t, employeeID, three, nil, again, ann, bob, cat)
			doubts := slices.Collect(f.Known())
			require.Len(t, doubts, 1)
			require.Equal(t, memberID(1), doubts[0].Member)
			require.Equal(t, 8, doubts[0].Row)
			require.Equal(t, roster.CodeIdenticalDuplicate, doubts[0].Issues[0].Code)
			require.Equal(t, roster.Warning, doubts[0].Issues[0].Severity)
			kept(t, f)
			absent(t, f)
		})
		t.Run("but a row told twice is one row", func(t *testing.T) {
			t.Parallel()
			f := taken(t, employeeID, three, nil, ann, ann, bob, cat)
			require.Empty(t, slices.Collect(f.Known()))
		})
		t.Run("a known row and one that differs only where nothing is used", func(t *testing.T) {
			t.Parallel()
			again := ann
			again.Row, again.Known.Row = 8, roster.HashBytes([]byte("other bytes"))
			f := taken(t, employeeID, three, nil, again, ann, bob, cat)
			isNot(t, f, again, roster.CodeIdenticalDuplicate, "row 1")
			require.Empty(t, slices.Collect(f.Known()))
			kept(t, f)
		})
	})

	t.Run("same external_id or same email on rows that differ", func(t *testing.T) {
		t.Parallel()
		t.Run("same external id", func(t *testing.T) {
			t.Parallel()
			a, b, c := someone(4, "4", "d@x.org"), someone(5, "4", "e@x.org"), someone(6, "4", "f@x.org")
			f := taken(t, employeeID, three, nil, ann, bob, cat, a, b, c)
			isNot(t, f, a, roster.CodeDuplicateExternalID, "rows 5 and 6")
			isNot(t, f, b, roster.CodeDuplicateExternalID, "rows 4 and 6")
			isNot(t, f, c, roster.CodeDuplicateExternalID, "rows 4 and 5")
			kept(t, f)
		})
		t.Run("same email; existing members untouched", func(t *testing.T) {
			t.Parallel()
			a, b := someone(1, "1", "shared@x.org"), someone(2, "2", "shared@x.org")
			f := taken(t, employeeID, three, nil, a, b, cat)
			isNot(t, f, a, roster.CodeDuplicateEmail, "row 2")
			isNot(t, f, b, roster.CodeDuplicateEmail, "row 1")
			kept(t, f, 1, 2)
			absent(t, f)
		})
		t.Run("a known row and another: both, each naming the other", func(t *testing.T) {
			t.Parallel()
			thief := someone(9, "9", "ann@x.org")
			f := taken(t, employeeID, three, nil, thief, ann, bob, cat)
			isNot(t, f, thief, roster.CodeDuplicateEmail, "row 1")
			doubts := slices.Collect(f.Known())
			require.Len(t, doubts, 1)
			require.Equal(t, memberID(1), doubts[0].Member)
			require.Equal(t, roster.CodeDuplicateEmail, doubts[0].Issues[0].Code)
			require.Equal(t, roster.Rejected, doubts[0].Issues[0].Severity)
			require.Contains(t, doubts[0].Issues[0].Detail, "row 9")
			kept(t, f, 1)
			absent(t, f)
		})
		t.Run("one of them rejected for a fault of its own", func(t *testing.T) {
			t.Parallel()
			bad := someone(9, "1", "")
			f := taken(t, employeeID, three, nil, ann, bob, cat, rejectedUser(bad))
			member, issues := f.Rejected(bad)
			require.Equal(t, memberID(1), member)
			require.Equal(t, roster.CodeDuplicateExternalID, issues[0].Code)
			kept(t, f, 1)
		})
		t.Run("a hundred rows with one email name a few of the others", func(t *testing.T) {
			t.Parallel()
			var rows []any
			for i := 100; i > 0; i-- {
				rows = append(rows, someone(i, fmt.Sprint("id", i), "test@x.org"))
			}
			f := taken(t, employeeID, nil, nil, rows...)
			isNot(t, f, rows[0].(roster.User), roster.CodeDuplicateEmail, "rows 1, 2, 3, 4, 5 and others")
		})
		t.Run(
			"Active + inactive rows of one worker (contractor converted): the active one is used",
			func(t *testing.T) {
				t.Parallel()
				active, inactive := someone(
					5,
					"1",
					"staff@x.org",
				), someone(
					4,
					"1",
					"ann@x.org",
					with(roster.Status, roster.Inactive),
				)
				f := taken(t, employeeID, three, nil, active, inactive, bob, cat)
				is(t, f, active, 1)
				gives(t, f, inactive)
				hasIssue(t, f, active, roster.CodeSeveralPositions)
				absent(t, f)
				kept(t, f)

				f = taken(t, employeeID, three, nil, ann, inactive, bob, cat)
				gives(t, f, inactive)
				known := slices.Collect(f.Known())
				require.Len(t, known, 1, "the active one is the known one")
				require.Equal(t, roster.CodeSeveralPositions, known[0].Issues[0].Code)

				bad := someone(4, "1", "", with(roster.Status, roster.Inactive))
				f = taken(t, employeeID, three, nil, active, rejectedUser(bad), bob, cat)
				is(t, f, active, 1)
				kept(t, f)

				rejoined := someone(6, "1", "third@x.org")
				f = taken(t, employeeID, three, nil, active, inactive, rejoined, bob, cat)
				isNot(t, f, active, roster.CodeDuplicateExternalID, "row 6")
				kept(t, f, 1)
			},
		)
		t.Run("several rows of one worker (same id)", func(t *testing.T) {
			t.Parallel()
			primary := func(u *roster.User) { u.Known.Columns = primaryBit }
			second := someone(4, "1", "ann@x.org", with(roster.JobTitle, "Nurse"))
			main := someone(5, "1", "staff@x.org", with(roster.JobTitle, "Teacher"), primary)
			f := taken(t, employeeID, three, nil, second, main, bob, cat)
			is(t, f, main, 1)
			gives(t, f, second)
			hasIssue(t, f, main, roster.CodeSeveralPositions)

			f = taken(t, employeeID, three, nil, ann, main, bob, cat)
			is(t, f, main, 1)

			ended := someone(6, "1", "ann@x.org", with(roster.Status, roster.Inactive), primary)
			f = taken(t, employeeID, three, nil, second, ended, bob, cat)
			is(t, f, second, 1)
			gives(t, f, ended)

			other := someone(7, "1", "else@x.org", primary)
			f = taken(t, employeeID, three, nil, second, main, other, bob, cat)
			isNot(t, f, main, roster.CodeDuplicateExternalID, "row 7")
			gives(t, f, second)

			same := someone(3, "1", "staff@x.org", with(roster.JobTitle, "Teacher"))
			f = taken(t, employeeID, three, nil, second, same, main, bob, cat)
			is(t, f, main, 1)
		})
		t.Run("an inactive row that isn't used contradicts nobody", func(t *testing.T) {
			t.Parallel()
			active, inactive := someone(
				4,
				"4",
				"d@x.org",
			), someone(
				5,
				"4",
				"d@x.org",
				with(roster.Status, roster.Inactive),
			)
			other := someone(6, "6", "d@x.org")
			f := taken(t, employeeID, nil, nil, active, inactive, other)
			isNot(t, f, active, roster.CodeDuplicateEmail, "row 6 with")
			isNot(t, f, other, roster.CodeDuplicateEmail, "row 4 with")
			gives(t, f, inactive)
		})
		t.Run("a status that says nothing is the member's own", func(t *testing.T) {
			t.Parallel()
			leave := memberOf(1, someone(1, "1", "ann@x.org", with(roster.Status, roster.Inactive)))
			leave.Known = roster.Known{}
			unsaid, active := someone(4, "1", "ann@x.org", keeping(roster.Status)), someone(5, "1", "staff@x.org")
			f := taken(t, employeeID, []roster.Member{leave}, nil, unsaid, active)
			is(t, f, active, 1)
			gives(t, f, unsaid)
		})
	})

	t.Run("an accepted row claims the email of a member whose own row was rejected", func(t *testing.T) {
		t.Parallel()
		bad := someone(1, "1", "")
		t.Run("rejected, naming that member", func(t *testing.T) {
			t.Parallel()
			heir := someone(9, "9", "ann@x.org")
			f := taken(t, employeeID, three, nil, heir, rejectedUser(bad), bob, cat)
			isNot(t, f, heir, roster.CodeEmailOfRejectedRow, memberID(1).String()+", whose own row 1 was rejected")
			kept(t, f, 1)
			absent(t, f)
		})
		t.Run("and whose email that member had is kept in turn, down the chain", func(t *testing.T) {
			t.Parallel()
			b, c, d := someone(2, "2", "ann@x.org"), someone(3, "3", "bob@x.org"), someone(4, "4", "cat@x.org")
			f := taken(t, employeeID, three, nil, d, c, b, rejectedUser(bad))
			isNot(t, f, b, roster.CodeEmailOfRejectedRow, memberID(1).String())
			isNot(t, f, c, roster.CodeEmailOfRejectedRow, memberID(2).String()+", whose own row 2")
			isNot(t, f, d, roster.CodeEmailOfRejectedRow, memberID(3).String()+", whose own row 3")
			kept(t, f, 1, 2, 3)
			absent(t, f)
		})
		t.Run("a departed member's email is free", func(t *testing.T) {
			t.Parallel()
			heir := someone(9, "9", "ann@x.org")
			f := taken(t, employeeID, []roster.Member{departed(three[0])}, nil, heir, rejectedUser(bad))
			isNew(t, f, heir)
			kept(t, f, 1)
		})
	})

	t.Run("rehire inside the grace time", func(t *testing.T) {
		t.Parallel()
		back := someone(1, "1", "ann.again@x.org")
		f := taken(t, employeeID, []roster.Member{departed(three[0])}, nil, back)
		is(t, f, back, 1)
		absent(t, f)
	})

	t.Run("after it", func(t *testing.T) {
		t.Parallel()
		f := taken(t, employeeID, []roster.Member{departed(three[0])}, []int{1}, ann)
		isNew(t, f, ann)
		absent(t, f)
		kept(t, f)
	})
}

func TestPresentIsPresent(t *testing.T) {
	t.Parallel()
	ann, bob := someone(
		1,
		"1",
		"ann@x.org",
		with(roster.FirstName, "Ann"),
	), someone(
		2,
		"2",
		"bob@x.org",
		with(roster.FirstName, "Bob"),
	)
	two := []roster.Member{memberOf(1, ann), memberOf(2, bob)}

	t.Run("A rejected row still counts as in the directory", func(t *testing.T) {
		t.Parallel()
		for name, bad := range map[string]roster.User{
			"by external id": someone(1, "1", ""),
			"by email":       someone(1, "", "ann@x.org", with(roster.FirstName, "")),
		} {
			f := taken(t, employeeID, two, nil, rejectedUser(bad), bob)
			absent(t, f)
			kept(t, f, 1)
			require.Zero(t, f.Unidentified(), name)
		}
	})
	t.Run("by email when its external id is somebody else's", func(t *testing.T) {
		t.Parallel()
		mistyped := someone(1, "2", "ann@x.org", with(roster.FirstName, "Ann"))
		f := taken(t, employeeID, two, nil, mistyped, bob)
		absent(t, f)
		kept(t, f, 1, 2)
		isNot(t, f, mistyped, roster.CodeDuplicateExternalID, "2")
	})
	t.Run("by email when its external id is nobody's, for it may be the mistake", func(t *testing.T) {
		t.Parallel()
		f := taken(t, employeeID, two, nil, rejectedUser(someone(1, "11", "ann@x.org", with(roster.LastName, ""))), bob)
		absent(t, f)
		kept(t, f, 1)
	})
	t.Run("by name when nothing else can be read", func(t *testing.T) {
		t.Parallel()
		bad := someone(1, "", "", with(roster.FirstName, "ANN"))
		heir := someone(3, "3", "ann@x.org")
		f := taken(t, employeeID, two, nil, rejectedUser(bad), bob, heir)
		require.Equal(t, 1, f.Unidentified())
		require.False(t, f.KeepNamed(two[1]))
		require.True(t, f.KeepNamed(two[0]))
		require.False(t, f.KeepNamed(two[0]), "kept already")
		absent(t, f)
		kept(t, f, 1)
		isNot(t, f, heir, roster.CodeEmailOfRejectedRow, memberID(1).String()+", whose own row was rejected")
		_, issues := f.Rejected(bad)
		require.Equal(t, roster.CodeRowUnidentified, issues[0].Code)
	})
	t.Run("by name when all ids are new and the email is bad, as when the kind changes", func(t *testing.T) {
		t.Parallel()
		bad, other := someone(1, "W1", "", with(roster.FirstName, "Ann")), someone(2, "W2", "bob@x.org")
		f := taken(t, "workday:WID", two, nil, rejectedUser(bad), other)
		absent(t, f, 1)
		require.True(t, f.KeepNamed(two[0]))
		absent(t, f)
	})
	t.Run("a name alone keeps nobody who departed", func(t *testing.T) {
		t.Parallel()
		f := taken(
			t,
			employeeID,
			[]roster.Member{departed(two[0])},
			nil,
			rejectedUser(someone(1, "", "", with(roster.FirstName, "Ann"))),
		)
		require.False(t, f.KeepNamed(departed(two[0])))
	})
	t.Run("Only a person who is absent from a complete snapshot has left", func(t *testing.T) {
		t.Parallel()
		f := taken(
			t,
			employeeID,
			append([]roster.Member{departed(memberOf(3, someone(3, "3", "cat@x.org")))}, two...),
			nil,
			bob,
		)
		absent(t, f, 1)
	})
}

func TestManagerEmail(t *testing.T) {
	t.Parallel()
	under := func(row int, name, manager string) roster.User {
		return someone(row, fmt.Sprint(row), name+"@x.org", with(roster.ManagerEmail, manager+"@x.org"))
	}
	boss := someone(1, "1", "boss@x.org")

	t.Run("manager in this directory", func(t *testing.T) {
		t.Parallel()
		u := under(2, "u", "boss")
		require.Empty(t, warningsOf(t, taken(t, employeeID, nil, nil, u, boss), u))
	})
	t.Run("manager not in this directory", func(t *testing.T) {
		t.Parallel()
		u := under(2, "u", "nobody")
		require.Equal(
			t,
			[]roster.Code{roster.CodeManagerUnknown},
			warningsOf(t, taken(t, employeeID, nil, nil, u, boss), u),
		)
		u = under(2, "u", "boss")
		require.Equal(
			t,
			[]roster.Code{roster.CodeManagerUnknown},
			warningsOf(t, taken(t, employeeID, []roster.Member{memberOf(1, boss)}, nil, u), u),
			"left",
		)
	})
	t.Run("a manager whose row is rejected is in this directory", func(t *testing.T) {
		t.Parallel()
		u := under(2, "u", "boss")
		require.Empty(t, warningsOf(t, taken(t, employeeID, nil, nil, u, rejectedUser(boss)), u))
		bad := someone(1, "1", "")
		require.Empty(
			t,
			warningsOf(t, taken(t, employeeID, []roster.Member{memberOf(1, boss)}, nil, u, rejectedUser(bad)), u),
		)
	})
	t.Run("self", func(t *testing.T) {
		t.Parallel()
		u := under(2, "u", "u")
		require.Equal(
			t,
			[]roster.Code{roster.CodeManagerSelf},
			warningsOf(t, taken(t, employeeID, nil, nil, u, boss), u),
		)
	})
	t.Run("a loop", func(t *testing.T) {
		t.Parallel()
		a, b, c, below := under(1, "a", "b"), under(2, "b", "c"), under(3, "c", "a"), under(4, "d", "a")
		f := taken(t, employeeID, []roster.Member{memberOf(2, b)}, nil, a, b, c, below)
		require.Equal(t, []roster.Code{roster.CodeManagerLoop}, warningsOf(t, f, a))
		require.Equal(t, []roster.Code{roster.CodeManagerLoop}, warningsOf(t, f, c))
		require.Empty(t, warningsOf(t, f, below))
		doubts := slices.Collect(f.Known())
		require.Len(t, doubts, 1)
		require.Equal(
			t,
			RowIssues{
				Member: memberID(2),
				Row:    2,
				Issues: []roster.Issue{roster.CodeManagerLoop.Issue(roster.Identity{Row: 2}, roster.ManagerEmail)},
			},
			doubts[0],
		)
	})
	t.Run("a loop through somebody with two identical rows", func(t *testing.T) {
		t.Parallel()
		a, b := under(5, "a", "b"), under(2, "b", "a")
		again := under(1, "a", "b")
		again.ExternalID, again.Known.Row = a.ExternalID, roster.HashBytes([]byte("other bytes"))
		f := taken(t, employeeID, []roster.Member{memberOf(5, a)}, nil, a, b, again)
		require.Equal(t, []roster.Code{roster.CodeManagerLoop}, warningsOf(t, f, b))
		require.Equal(t, []roster.Code{roster.CodeManagerLoop}, warningsOf(t, f, again))
		require.Equal(t, roster.CodeIdenticalDuplicate, slices.Collect(f.Known())[0].Issues[0].Code)
	})
	t.Run("a loop through a member who is kept", func(t *testing.T) {
		t.Parallel()
		a, b := under(1, "a", "b"), under(2, "b", "a")
		bad := someone(2, "2", "")
		require.Equal(
			t,
			[]roster.Code{roster.CodeManagerLoop},
			warningsOf(t, taken(t, employeeID, []roster.Member{memberOf(2, b)}, nil, a, rejectedUser(bad)), a),
		)
	})
	t.Run("a manager that the row doesn't say is the member's own", func(t *testing.T) {
		t.Parallel()
		u := under(2, "u", "nobody")
		unsaid := someone(2, "2", "u@x.org", with(roster.JobTitle, "Cook"), keeping(roster.ManagerEmail))
		f := taken(t, employeeID, []roster.Member{memberOf(2, u)}, nil, unsaid)
		require.Equal(t, []roster.Code{roster.CodeManagerUnknown}, warningsOf(t, f, unsaid))
		require.Empty(t, warningsOf(t, taken(t, employeeID, nil, nil, unsaid), unsaid), "somebody new has none")
	})
	t.Run("looked at again in every sync", func(t *testing.T) {
		t.Parallel()
		u := under(2, "u", "boss")
		members := []roster.Member{memberOf(1, boss), memberOf(2, u)}
		require.Empty(t, slices.Collect(taken(t, employeeID, members, nil, boss, u).Known()))
		doubts := slices.Collect(taken(t, employeeID, members, nil, u).Known())
		require.Len(t, doubts, 1)
		require.Equal(t, roster.CodeManagerUnknown, doubts[0].Issues[0].Code)
		require.Equal(t, roster.Warning, doubts[0].Issues[0].Severity)
	})
}

func TestResolveFindsWhomAMembershipNames(t *testing.T) {
	t.Parallel()
	ann, bob := someone(1, "1", "ann@x.org"), someone(2, "2", "bob@x.org")
	two := []roster.Member{memberOf(1, ann), memberOf(2, bob)}
	newPerson, nameless, bad := someone(3, "3", "c@x.org"), someone(4, "", "d@x.org"), someone(5, "5", "e@x.org")
	again := newPerson
	again.Row = 6
	left, joined := someone(7, "7", "g@x.org", with(roster.Status, roster.Inactive)), someone(8, "7", "h@x.org")
	f := taken(t, employeeID, two, nil, ann, newPerson, nameless, rejectedUser(bad), again, left, joined,
		rejectedUser(someone(2, "2", "")))

	for name, c := range map[string]struct {
		external, email string
		want            uuid.UUID
	}{
		"known":                          {"1", "", memberID(1)},
		"kept":                           {"2", "", memberID(2)},
		"new":                            {"3", "", roster.NewMemberID(testRun, 3)},
		"new, with an inactive row too":  {"7", "", roster.NewMemberID(testRun, 8)},
		"without an id, by email":        {"", "d@x.org", roster.NewMemberID(testRun, 4)},
		"by email though there is an id": {"", "ann@x.org", memberID(1)},
		"learned since":                  {"4", "d@x.org", roster.NewMemberID(testRun, 4)},
	} {
		member, ok := f.Resolve(c.external, c.email)
		require.True(t, ok, name)
		require.Equal(t, c.want, member, name)
	}
	for name, c := range map[string][2]string{
		"rejected new person":    {"5", "e@x.org"},
		"not in the report":      {"9", "f@x.org"},
		"the id is another's":    {"9", "ann@x.org"},
		"nothing to go by":       {"", ""},
		"a member who is absent": {"", "bob@x.org"},
	} {
		_, ok := f.Resolve(c[0], c[1])
		require.False(t, ok, name)
	}
}

func TestSettleKnowsOnlyStagedRows(t *testing.T) {
	t.Parallel()
	u := someone(1, "1", "ann@x.org")
	f := taken(t, employeeID, nil, nil)
	_, _, used := f.Identify(u)
	require.False(t, used)
	member, issues := f.Rejected(u)
	require.Zero(t, member)
	require.Empty(t, issues)
}

func TestACensusLooksOnlyAtMembersWhoseRowsShareAKey(t *testing.T) {
	t.Parallel()
	var entries []roster.Entry
	for n := range 4 {
		entries = append(
			entries,
			roster.Entry{Member: memberID(n), Email: roster.Key(fmt.Sprint(n, "@x.org")), HasRow: true},
		)
	}
	entries[2].Email = entries[1].Email
	of := func(look Lookup) error {
		c := New(indexOf(t, entries...), testRun, Report{}, nil)
		for n := range entries {
			c.See(n, n+1)
		}
		_, err := c.Close(look)
		return err
	}
	var looked []uuid.UUID
	require.NoError(t, of(func(ids []uuid.UUID) ([]roster.Member, error) {
		looked = append(looked, ids...)
		return nil, nil
	}))
	require.ElementsMatch(t, ids([]int{1, 2}), looked)
	broken := errors.New("connection lost")
	require.ErrorIs(t, of(func([]uuid.UUID) ([]roster.Member, error) { return nil, broken }), broken)
}
