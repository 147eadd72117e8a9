package plan_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// anyInput draws members and what a directory might say about them.
func anyInput() *rapid.Generator[plan.Input] {
	return rapid.Custom(func(t *rapid.T) plan.Input {
		s := anyState().Draw(t, "state")
		input := plan.Input{
			Now: today, Grace: grace, Members: s.Members, Memberships: s.Memberships, Groups: plan.GroupIDs(s.Groups),
		}
		for i := range input.Members {
			input.Members[i].ExternalID, input.Members[i].ExternalKind = string(input.Members[i].ID[15]), "k"
		}
		for _, name := range rapid.SliceOfDistinct(letter(), rapid.ID[string]).Draw(t, "said of") {
			switch rapid.SampledFrom([]string{"row", "row", "absent", "kept"}).Draw(t, "said") {
			case "absent":
				input.Absent = append(input.Absent, id(name))
			case "kept":
				input.Kept = append(input.Kept, id(name))
			default:
				u := with(row(name), roster.Status, rapid.SampledFrom([]string{"active", "inactive"}).Draw(t, "status"))
				if rapid.Bool().Draw(t, "names groups") {
					u = in(u, rapid.SliceOfDistinct(letter(), rapid.ID[string]).Draw(t, "groups")...)
				}
				u.Recognised = rapid.Bool().Draw(t, "recognised")
				input.Users = append(input.Users, u)
			}
		}
		return input
	})
}

func TestTargetIsTheSameForShuffledInput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in, seed := anyInput().Draw(t, "in"), rapid.Uint64().Draw(t, "seed")
		mixed := in
		mixed.Members, mixed.Memberships = shuffled(seed, in.Members), shuffled(seed, in.Memberships)
		mixed.Users, mixed.Absent, mixed.Kept = shuffled(
			seed,
			in.Users,
		), shuffled(
			seed,
			in.Absent,
		), shuffled(
			seed,
			in.Kept,
		)
		if want, got := goal(t, in), goal(t, mixed); !assert.ObjectsAreEqual(want, got) {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestBatchesGiveWhatTheWholeWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput().Draw(t, "in")
		whole := story(changes(t, in))
		var parts []string
		for _, name := range letters {
			member := id(string(name))
			one := in
			one.Members = only(in.Members, func(m roster.Member) bool { return m.ID == member })
			one.Memberships = only(in.Memberships, func(m roster.Membership) bool { return m.Member == member })
			one.Users = only(in.Users, func(u roster.User) bool { return u.Member == member })
			one.Absent = only(in.Absent, func(other uuid.UUID) bool { return other == member })
			one.Kept = only(in.Kept, func(other uuid.UUID) bool { return other == member })
			parts = append(parts, story(changes(t, one))...)
		}
		if len(whole)+len(parts) > 0 && !slices.Equal(whole, parts) {
			t.Fatalf("%v, want %v", parts, whole)
		}
	})
}

func only[T any](list []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !is(v) })
}

func TestOfTwoRowsTiedToOneMemberTheFirstIsTaken(t *testing.T) {
	t.Parallel()
	first, second := with(row("a"), roster.City, "Oslo"), with(row("a"), roster.City, "Rome")
	first.Row, second.Row = 1, 2
	for _, list := range [][]roster.User{{first, second}, {second, first}} {
		target := goal(t, plan.Input{Now: today, Grace: grace, Users: list})
		assert.Len(t, target.Members, 1)
		assert.Equal(t, "Oslo", target.Members[0].Values[roster.City])
	}
}

func TestAMemberWhoIsGoneMeanwhileIsAddedUnderTheSameID(t *testing.T) {
	t.Parallel()
	list := changes(t, plan.Input{Now: today, Grace: grace, Users: users(row("a"))})
	assert.Equal(t, []string{"add a (appeared)"}, story(list))
	assert.Equal(t, int64(1), list[0].After.Version)
}

func TestMembersWhoStayForgetARowThatTheyKnowByOtherRules(t *testing.T) {
	t.Parallel()
	for _, before := range []roster.Member{active("a"), inactive("a"), departed("a", 1)} {
		before.Known = known("a")
		in := plan.Input{
			Now: today, Grace: grace, Members: members(before), Memberships: joined("a", "g"), Kept: []uuid.UUID{id("a")},
			Groups: map[string]uuid.UUID{"g": id("g")},
		}
		assert.Empty(t, changes(t, in))
		in.Forget = true
		list := changes(t, in)
		assert.Len(t, list, 1, "memberships stay")
		assert.Equal(t, plan.Remember, list[0].Verb)
		assert.Equal(t, roster.Known{}, list[0].After.Known)
		in.Members = members(*list[0].After)
		assert.Empty(t, changes(t, in))
	}
}
