package plan_test

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

const letters = "abcdef"

// Tests that run side by side each have generators of their own: a generator that another is made of is written to while it is used.

// letter draws the name of somebody, or of a group.
func letter() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return string(letters[rapid.IntRange(0, len(letters)-1).Draw(t, "letter")])
	})
}

// anyMember draws any member with that name, sensible or not.
func anyMember(t *rapid.T, name string) roster.Member {
	m := active(name)
	m.Version = rapid.Int64Range(1, 3).Draw(t, "version")
	m.ExternalID = rapid.SampledFrom([]string{"", name, "z"}).Draw(t, "external id")
	m.ExternalKind = rapid.SampledFrom([]string{"k", "w"}).Draw(t, "kind")
	m.Values[roster.City] = rapid.SampledFrom([]string{"", "Oslo", "Rome"}).Draw(t, "city")
	m.Values[roster.Status] = rapid.SampledFrom(
		[]string{roster.Active, roster.Inactive, roster.Departed}).Draw(t, "status")
	if m.Values[roster.Status] == roster.Departed {
		m.DepartedAt = today.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "days")) * 24 * time.Hour)
	}
	m.Known = rapid.SampledFrom([]roster.Known{{}, known("1"), known("2")}).Draw(t, "known")
	return m
}

// anyState draws any state.
func anyState() *rapid.Generator[plan.Current] {
	return rapid.Custom(func(t *rapid.T) plan.Current {
		var s plan.Current
		for _, name := range rapid.SliceOfDistinct(letter(), rapid.ID[string]).Draw(t, "members") {
			s.Members = append(s.Members, anyMember(t, name))
			for _, group := range rapid.SliceOfDistinct(letter(), rapid.ID[string]).Draw(t, "groups") {
				s.Memberships = append(s.Memberships, joined(name, group)...)
			}
		}
		for _, name := range rapid.SliceOfDistinct(letter(), rapid.ID[string]).Draw(t, "groups") {
			s.Groups = append(s.Groups, roster.Group{
				ID: id(name), Key: name, Name: rapid.SampledFrom([]string{"G", "H"}).Draw(t, "name"),
			})
		}
		slices.SortFunc(s.Groups, func(a, b roster.Group) int { return byID(a.ID, b.ID) })
		slices.SortFunc(s.Members, func(a, b roster.Member) int { return byID(a.ID, b.ID) })
		slices.SortFunc(s.Memberships, byMembership)
		return s
	})
}

func byID(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

func byMembership(a, b roster.Membership) int {
	return cmp.Or(byID(a.Member, b.Member), byID(a.Group, b.Group))
}

func TestApplyingTheDiffOfAnyTwoStatesToTheFirstGivesTheSecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, target := anyState().Draw(t, "m"), anyState().Draw(t, "t")
		after := apply(t, m, plan.Diff(m, plan.Goal{Current: target}))
		if !same(after, target) {
			t.Fatalf("got %+v", after)
		}
	})
}

func TestTheDiffOfAStateToItselfIsEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState().Draw(t, "s")
		if list := plan.Diff(s, plan.Goal{Current: s}); len(list) > 0 {
			t.Fatalf("%v", story(list))
		}
	})
}

func TestAChangeCountsTheVersionUpByOneButForRemember(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, target := anyState().Draw(t, "m"), anyState().Draw(t, "t")
		for _, c := range plan.Diff(m, plan.Goal{Current: target}) {
			if c.After == nil {
				continue
			}
			want := int64(1)
			if c.Before != nil {
				want = c.Before.Version + 1
			}
			if c.Verb == plan.Remember {
				want = c.Before.Version
			}
			if c.After.Version != want {
				t.Fatalf("%s: version %d, want %d", c.Verb, c.After.Version, want)
			}
		}
	})
}

func TestEveryChangeHasAReasonFromTheListAndAnOp(t *testing.T) {
	t.Parallel()
	reasons := plan.Whys()
	rapid.Check(t, func(t *rapid.T) {
		m, target := anyState().Draw(t, "m"), anyState().Draw(t, "t")
		recognised := map[uuid.UUID]bool{id(letter().Draw(t, "same")): true}
		for _, c := range plan.Diff(m, plan.Goal{Current: target, SameRows: recognised}) {
			if !slices.Contains(reasons, c.Why) {
				t.Fatalf("%s: reason %q", c.Verb, c.Why)
			}
			if (c.Verb.Op() == "") != (c.Verb == plan.Remember) {
				t.Fatalf("%s: op %q", c.Verb, c.Verb.Op())
			}
			if c.Drift && !recognised[c.Member] {
				t.Fatalf("%s: drift of a row that was not the same", c.Verb)
			}
		}
	})
}

func TestDiffIsTheSameForShuffledInput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, target := anyState().Draw(t, "m"), anyState().Draw(t, "t")
		seed := rapid.Uint64().Draw(t, "seed")
		mixed := plan.Diff(mix(seed, m), plan.Goal{Current: mix(seed+1, target)})
		if want := plan.Diff(m, plan.Goal{Current: target}); !assert.ObjectsAreEqual(want, mixed) {
			t.Fatalf("%v, want %v", story(mixed), story(want))
		}
	})
}

func mix(seed uint64, s plan.Current) plan.Current {
	return plan.Current{
		Groups: shuffled(
			seed,
			s.Groups,
		), Members: shuffled(seed, s.Members), Memberships: shuffled(seed, s.Memberships),
	}
}

func TestDiffDoesNotTouchItsInput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, target := anyState().Draw(t, "m"), anyState().Draw(t, "t")
		copied := plan.Current{
			Groups: slices.Clone(m.Groups), Members: slices.Clone(m.Members), Memberships: slices.Clone(m.Memberships),
		}
		for _, c := range plan.Diff(m, plan.Goal{Current: target}) {
			if c.After != nil {
				c.After.Version = 99
			}
		}
		if !assert.ObjectsAreEqual(copied, m) {
			t.Fatal("changed")
		}
	})
}

func TestApplyRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	before, after := active("a"), moved(active("a"))
	after.Version = 2
	stale := before
	stale.Version = 7
	for name, c := range map[string]plan.Change{
		"a member who is gone":          {Verb: plan.Update, Member: id("b"), Before: &before, After: &after},
		"a member at another version":   {Verb: plan.Update, Member: id("a"), Before: &stale, After: &after},
		"a new one who is there before": {Verb: plan.Add, Member: id("a"), After: &after},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := plan.Apply(plan.Current{Members: members(before)}, []plan.Change{c})
			assert.Error(t, err)
		})
	}
}

func TestARemovedMembershipCanHaveItsMembersRowForgotten(t *testing.T) {
	t.Parallel()
	s := plan.Current{Members: members(active("a")), Memberships: joined("a", "g")}
	list := slices.Collect(plan.Listing{
		Group: id("g"), Current: []uuid.UUID{id("a")}, Removed: true, Forget: true,
	}.Changes())
	after := apply(t, s, list)
	assert.Empty(t, after.Memberships)
	assert.Zero(t, after.Members[0].Known)
}
