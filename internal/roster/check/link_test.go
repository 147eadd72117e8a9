package check

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

// together and apart are decisions about a member and an external id.
func together(member int, external string) roster.Link {
	return roster.Link{
		Member: memberID(member), External: roster.Key(external), Folded: roster.Key(roster.Fold(external)),
		Kind: roster.Key(employeeID),
	}
}

func apart(member int, external string) roster.Link {
	link := together(member, external)
	link.Apart = true
	return link
}

// former is an id that a linked member had before.
func former(member int, external string) roster.Link {
	link := together(member, external)
	link.Former = true
	return link
}

// unknown is a member whose row isn't known, as the store leaves those about whom a person decided.
func unknown(m roster.Member) roster.Member {
	m.Known = roster.Known{}
	return m
}

// docs/rules.md, section 3: what a person decided about a member and an external id.
func TestLinks(t *testing.T) {
	t.Parallel()
	ann, bob := someone(1, "E001", "ann@x.org"), someone(2, "E002", "bob@x.org", named("Bob"))
	two := []roster.Member{unknown(memberOf(1, ann)), memberOf(2, bob)}
	hired := someone(5, "C9", "new@x.org", named("Annabel"))
	inactive := with(roster.Status, roster.Inactive)

	t.Run("a row is linked to a member", func(t *testing.T) {
		t.Parallel()
		f := taken(t, employeeID, two, nil, hired, bob, together(1, "C9"))
		require.True(t, is(t, f, hired, 1).Relinked)
		hasIssue(t, f, hired, roster.CodeRelinked)
		absent(t, f)
		kept(t, f)
		require.Equal(t, RowOverturned, f.WorstResult(5, 5), "the row is identified again")

		f = taken(t, employeeID, two, nil, ann, hired, bob, together(1, "C9"))
		is(t, f, hired, 1)
		isNot(t, f, ann, roster.CodeSupersededRow, "")
		absent(t, f)
		kept(t, f)

		f = taken(t, employeeID, two, nil, ann, bob, together(1, "C9"))
		require.False(t, is(t, f, ann, 1).Relinked, "the linked row isn't there")
		left := roster.Verdict{User: hired, Departed: true}
		is(t, taken(t, employeeID, two, nil, ann, left, bob, together(1, "C9")), ann, 1)
		f = taken(t, employeeID, two, nil, left, bob, together(1, "C9"))
		absent(t, f, 1)
		departed, _ := f.RowDeparted(memberID(1))
		require.True(t, departed)
		kept(t, taken(t, employeeID, two, nil, ann, rejectedUser(hired), bob, together(1, "C9")), 1)
	})

	t.Run("a link decides what is not clear", func(t *testing.T) {
		t.Parallel()
		twins := []roster.Member{two[0], departed(memberOf(2, someone(2, "E002", "ann@x.org")))}
		u := someone(5, "C9", "ann@x.org")
		isNot(t, taken(t, employeeID, twins, nil, u), u, roster.CodeRelinkUnclear, "several members")
		is(t, taken(t, employeeID, twins, nil, u, together(2, "C9")), u, 2)
		is(t, taken(t, employeeID, twins, nil, u, together(1, "C9")), u, 1)
		isNew(t, taken(t, employeeID, []roster.Member{twins[1]}, []int{2}, u, together(2, "C9")), u)
	})

	t.Run("a link takes the row from the member who has its id", func(t *testing.T) {
		t.Parallel()
		twice := []roster.Member{two[0], unknown(memberOf(2, someone(2, "C9", "new@x.org")))}
		f := taken(t, employeeID, twice, nil, hired, together(1, "C9"))
		require.Equal(t, memberID(2), is(t, f, hired, 1).Takes)
		absent(t, f, 2)
	})

	t.Run("no other row is taken for a member with a linked row", func(t *testing.T) {
		t.Parallel()
		onLeave := someone(5, "C9", "new@x.org", inactive)
		other := someone(6, "C8", "ann@x.org")
		f := taken(t, employeeID, two, nil, onLeave, other, bob, together(1, "C9"))
		is(t, f, onLeave, 1)
		isNew(t, f, other)
	})

	t.Run("a link of another kind", func(t *testing.T) {
		t.Parallel()
		link := together(1, "C9")
		link.Kind = roster.Key("workday:WID")
		isNew(t, taken(t, employeeID, two, nil, ann, hired, bob, link), hired)
		link.Kind = 0
		is(t, taken(t, employeeID, two, nil, ann, hired, bob, link), hired, 1)
	})

	t.Run("a row is kept apart from a member", func(t *testing.T) {
		t.Parallel()
		forgot := slices.Clone(two)
		forgot[0].ExternalID, forgot[0].ExternalKind = "", ""
		for name, u := range map[string]roster.User{
			"with the email":           ann,
			"with another one":         someone(1, "E001", "new@x.org"),
			"with that of another one": someone(1, "E001", "bob@x.org"),
		} {
			f := taken(t, employeeID, forgot, nil, u, bob, apart(1, "E001"))
			_, issues, used := f.Identify(u)
			require.False(t, used, name)
			require.Equal(t, roster.CodeUnlinkedRow, issues[0].Code, name)
			require.Contains(t, issues[0].Detail, memberID(1).String(), name)
			absent(t, f)
			require.Contains(t, slices.Collect(f.Kept()), memberID(1), name)
		}
		kept(t, taken(t, employeeID, forgot, nil, rejectedUser(ann), bob, apart(1, "E001")), 1)
		absent(t, taken(t, employeeID, forgot, nil, bob, apart(1, "E001")), 1)
		left := roster.Verdict{User: ann, Departed: true}
		f := taken(t, employeeID, forgot, nil, left, bob, apart(1, "E001"))
		absent(t, f, 1)
		departed, _ := f.RowDeparted(memberID(1))
		require.False(t, departed, "it is another person's row")
		isNot(t, taken(t, employeeID, two, nil, ann, bob, apart(1, "E001")), ann, roster.CodeUnlinkedRow, "")
	})

	t.Run("a linked member keeps earlier ids", func(t *testing.T) {
		t.Parallel()
		linked := []roster.Member{unknown(memberOf(1, hired)), memberOf(2, bob)}
		links := []any{together(1, "C9"), former(1, "E003"), former(1, "E001")}
		older := someone(3, "E003", "older@x.org")
		f := taken(t, employeeID, linked, nil, append([]any{ann, older, hired, bob}, links...)...)
		is(t, f, hired, 1)
		for _, u := range []roster.User{ann, older} {
			isNot(t, f, u, roster.CodeSupersededRow, memberID(1).String()+" to another row, which is used")
		}
		absent(t, f)
		f = taken(t, employeeID, linked, nil, append([]any{ann, older, bob}, links...)...)
		require.True(t, is(t, f, older, 1).Linked, "the newest")
		isNot(t, f, ann, roster.CodeSupersededRow, "")
		is(t, taken(t, employeeID, linked, nil, append([]any{ann, bob}, links...)...), ann, 1)
		left := roster.Verdict{User: hired, Departed: true}
		is(t, taken(t, employeeID, linked, nil, append([]any{ann, left, bob}, links...)...), ann, 1)

		renumbered := []roster.Member{unknown(memberOf(1, someone(1, "P7", "ann@x.org"))), memberOf(2, bob)}
		own := someone(4, "P7", "p7@x.org")
		f = taken(t, employeeID, renumbered, nil, append([]any{ann, own, bob}, links...)...)
		is(t, f, own, 1)
		isNot(t, f, ann, roster.CodeSupersededRow, "")
		reused := []roster.Member{linked[0], unknown(memberOf(2, someone(2, "E001", "bob@x.org", named("Bob"))))}
		is(t, taken(t, employeeID, reused, nil, append([]any{hired, someone(2, "E001", "bob@x.org", named("Bob"))},
			links...)...), someone(2, "E001", "bob@x.org", named("Bob")), 2)
	})

	t.Run("a linked or unlinked id in other letter case", func(t *testing.T) {
		t.Parallel()
		lower := someone(5, "c9", "new@x.org", named("Annabel"))
		require.True(t, is(t, taken(t, employeeID, two, nil, lower, bob, together(1, "C9")), lower, 1).Linked)
		f := taken(t, employeeID, two, nil, lower, someone(6, "C9", "other@x.org"), bob, together(1, "C9"))
		isNew(t, f, lower)
		is(t, f, someone(6, "C9", "other@x.org"), 1)
		has := []roster.Member{two[0], unknown(memberOf(2, lower))}
		is(t, taken(t, employeeID, has, nil, ann, lower, together(1, "C9")), lower, 2)

		forgot := slices.Clone(two)
		forgot[0].ExternalID, forgot[0].ExternalKind = "", ""
		u := someone(1, "e001", "ann@x.org")
		f = taken(t, employeeID, forgot, nil, u, bob, apart(1, "E001"))
		isNot(t, f, u, roster.CodeUnlinkedRow, memberID(1).String())
		absent(t, f)
		other := someone(2, "e001", "bob@x.org", named("Bob"))
		is(t, taken(t, employeeID, []roster.Member{forgot[0], unknown(memberOf(2, other))}, nil, other, apart(1, "E001")), other, 2)
	})

	t.Run("a row that is kept apart isn't that of a departed member", func(t *testing.T) {
		t.Parallel()
		u := someone(3, "E003", "cy@x.org", named("Cy"))
		for name, m := range map[string]roster.Member{
			"departed": departed(memberOf(3, u)), "inactive": unknown(memberOf(3, someone(3, "E003", "cy@x.org", inactive))),
		} {
			f := taken(t, employeeID, []roster.Member{two[0], two[1], m}, nil, u, bob, apart(1, "E003"))
			if name == "departed" {
				isNot(t, f, u, roster.CodeUnlinkedRow, "")
				absent(t, f)
				continue
			}
			is(t, f, u, 3)
			absent(t, f, 1)
		}
	})

	t.Run("a row that is kept apart isn't relinked", func(t *testing.T) {
		t.Parallel()
		u := someone(5, "C9", "ann@x.org")
		f := taken(t, employeeID, two, nil, u, bob, apart(1, "C9"))
		isNot(t, f, u, roster.CodeUnlinkedRow, "")
		kept(t, f, 1)
		f = taken(t, employeeID, two, nil, u, bob, apart(1, "C9"), together(2, "C9"))
		is(t, f, u, 2)
		forgot := []roster.Member{two[0]}
		forgot[0].ExternalID, forgot[0].ExternalKind = "", ""
		renumbered := someone(6, "E9", "ann@x.org")
		is(t, taken(t, employeeID, forgot, nil, renumbered, apart(1, "E001")), renumbered, 1)
	})
}

func TestADigestOfLinksTellsThemApart(t *testing.T) {
	t.Parallel()
	require.Empty(t, roster.LinksDigest(nil))
	one, other := together(1, "C9"), apart(2, "C9")
	both := roster.LinksDigest([]roster.Link{one, other})
	require.Equal(t, both, roster.LinksDigest([]roster.Link{other, one}), "in any order")
	again := one
	again.Request = "again"
	for _, list := range [][]roster.Link{{one}, {other}, {apart(1, "C9"), other}, {again, other}} {
		require.NotEqual(t, both, roster.LinksDigest(list))
	}
}
