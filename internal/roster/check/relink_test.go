package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

// docs/rules.md, section 3: people under new ids, and several rows of one person.
func TestRelinking(t *testing.T) {
	t.Parallel()
	ann, bob := someone(1, "E001", "ann@x.org"), someone(2, "E002", "bob@x.org", named("Bob"))
	two := []roster.Member{memberOf(1, ann), memberOf(2, bob)}
	inactive := with(roster.Status, roster.Inactive)

	t.Run("the same person under a new id", func(t *testing.T) {
		t.Parallel()
		for name, id := range map[string]string{"a prefix lost": "1", "a float": "1.0", "a contractor hired": "C9"} {
			u := someone(5, id, "ann@x.org")
			f := taken(t, employeeID, two, nil, u, bob)
			require.True(t, is(t, f, u, 1).Relinked, name)
			hasIssue(t, f, u, roster.CodeRelinked)
			absent(t, f)
			kept(t, f)
			require.Zero(t, f.Merged())
		}
		renamed := someone(5, "C9", "ann@x.org", named("aNN"))
		members := []roster.Member{memberOf(1, someone(1, "E001", "ann@x.org", named("Ann")))}
		require.True(t, is(t, taken(t, employeeID, members, nil, renamed), renamed, 1).Relinked, "names are folded")
		back := someone(5, "C9", "ann@x.org")
		f := taken(t, employeeID, []roster.Member{departed(two[0])}, nil, back)
		require.True(t, is(t, f, back, 1).Relinked, "within the grace time")
		f = taken(t, employeeID, []roster.Member{departed(two[0])}, []int{1}, back)
		isNew(t, f, back)
	})

	t.Run("whose ended row is still there", func(t *testing.T) {
		t.Parallel()
		hired := someone(5, "C9", "ann@x.org")
		for name, ended := range map[string]any{
			"inactive":              someone(6, "E001", "ann@x.org", inactive),
			"under another address": someone(6, "E001", "old@x.org", inactive),
			"departed":              roster.Verdict{User: someone(6, "E001", "ann@x.org"), Departed: true},
		} {
			f := taken(t, employeeID, two, nil, hired, ended, bob)
			require.True(t, is(t, f, hired, 1).Relinked, name)
			absent(t, f)
			kept(t, f)
			require.Equal(t, 1, f.Merged(), name)
			require.Zero(t, f.Departed(), name)
		}
		f := taken(t, employeeID, two, nil, hired, ann, bob)
		_, _, used := f.Identify(hired)
		require.False(t, used, "two active rows contradict each other")
		kept(t, f, 1)
	})

	t.Run("it is not clear", func(t *testing.T) {
		t.Parallel()
		left := departed(memberOf(1, someone(1, "E001", "ann@x.org", with(roster.Country, "Canada"))))
		other := someone(5, "C9", "ann@x.org", with(roster.Country, "France"))
		f := taken(t, employeeID, []roster.Member{left}, nil, other)
		isNot(t, f, other, roster.CodeRelinkUnclear, memberID(1).String())
		kept(t, f, 1)
		silent := someone(5, "C9", "ann@x.org")
		is(t, taken(t, employeeID, []roster.Member{left}, nil, silent), silent, 1)

		twins := []roster.Member{memberOf(1, ann), departed(memberOf(2, someone(2, "E002", "ann@x.org")))}
		u := someone(5, "C9", "ann@x.org")
		f = taken(t, employeeID, twins, nil, u)
		isNot(t, f, u, roster.CodeRelinkUnclear, "several members")
		absent(t, f)
		kept(t, f, 1, 2)
	})

	t.Run("an id written in other letter case", func(t *testing.T) {
		t.Parallel()
		for name, u := range map[string]roster.User{
			"with the email": someone(5, "e001", "ann@x.org", named("Anna")),
			"with the names": someone(5, "e001", "new@x.org"),
		} {
			f := taken(t, employeeID, two, nil, u, bob)
			require.True(t, is(t, f, u, 1).Relinked, name)
			absent(t, f)
		}
		stranger := someone(5, "e001", "new@x.org", named("Zoe"))
		isNew(t, taken(t, employeeID, two, nil, stranger, bob), stranger)
		u := someone(5, "e001", "new@x.org")
		isNew(t, taken(t, employeeID, two, nil, u, ann, bob), u)
		members := []roster.Member{memberOf(1, someone(1, "EA1", "ann@x.org"))}
		once, twice := someone(5, "ea1", "new@x.org"), someone(6, "eA1", "newer@x.org")
		is(t, taken(t, employeeID, members, nil, once), once, 1)
		f := taken(t, employeeID, members, nil, once, twice)
		isNew(t, f, once)
		isNew(t, f, twice)
	})

	t.Run("an ended and an active row with one email and different ids", func(t *testing.T) {
		t.Parallel()
		active, ended := someone(5, "C9", "new@x.org"), someone(6, "C8", "new@x.org", inactive)
		f := taken(t, employeeID, two, nil, ann, bob, active, ended)
		isNew(t, f, active)
		isNot(t, f, ended, roster.CodeSupersededRow, "")
		require.Equal(t, 1, f.Merged())
		again := someone(7, "C7", "new@x.org")
		f = taken(t, employeeID, two, nil, ann, bob, active, ended, again)
		for _, u := range []roster.User{active, ended, again} {
			isNot(t, f, u, roster.CodeDuplicateEmail, "")
		}
	})

	t.Run("several rows of one worker (same id)", func(t *testing.T) {
		t.Parallel()
		cook, chef := someone(5, "C9", "new@x.org", with(roster.JobTitle, "Cook")),
			someone(6, "C9", "new@x.org", with(roster.JobTitle, "Chef"))
		used := func(f *Findings) (used []int) {
			for _, u := range []roster.User{cook, chef} {
				if _, _, ok := f.Identify(u); ok {
					used = append(used, u.Row)
				}
			}
			return used
		}
		f := taken(t, employeeID, two, nil, ann, bob, cook, chef)
		first := used(f)
		require.Len(t, first, 1, "the first by content")
		require.Equal(t, 1, f.Merged())
		require.Equal(t, first, used(taken(t, employeeID, two, nil, chef, bob, cook, ann)), "whatever the order")
		for _, u := range []roster.User{cook, chef} {
			member := memberOf(3, u)
			member.Known.Row = roster.Hash{} // so that the row is read
			require.Equal(t, []int{u.Row}, used(taken(t, employeeID, []roster.Member{member}, nil, cook, chef)),
				"the one that matches the member")
		}
		third := someone(7, "C9", "new@x.org", with(roster.JobTitle, "Pâtissière"))
		f = taken(t, employeeID, two, nil, ann, bob, third, chef, cook)
		require.Equal(t, 2, f.Merged(), "three positions are one person")
		resting := someone(7, "C9", "new@x.org", with(roster.JobTitle, "料理長"), inactive)
		f = taken(t, employeeID, two, nil, ann, bob, resting, cook)
		isNew(t, f, cook)
		hasIssue(t, f, cook, roster.CodeSeveralPositions)
		left := roster.Verdict{User: someone(7, "C9", ""), Departed: true}
		f = taken(t, employeeID, two, nil, ann, bob, cook, left)
		hasIssue(t, f, cook, roster.CodeSeveralPositions)
		require.Zero(t, f.Departed())
		other := someone(8, "C9", "other@x.org")
		f = taken(t, employeeID, two, nil, ann, bob, cook, other)
		isNot(t, f, cook, roster.CodeDuplicateExternalID, "row 8")
		isNot(t, f, other, roster.CodeDuplicateExternalID, "row 5")
		same := someone(8, "C9", "new@x.org", named("Other"))
		f = taken(t, employeeID, two, nil, ann, bob, cook, same)
		isNot(t, f, cook, roster.CodeDuplicateExternalID, "row 8")
	})
}
