package plan_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

var (
	today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	grace = 30 * 24 * time.Hour
)

// init has rapid check more than its 100: what is found here takes a few rosters in the right order. A flag given on the
// command line comes later and wins.
func init() {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// id is the id of a member or group with that one-letter name.
func id(name string) uuid.UUID { return uuid.UUID{15: name[0]} }

// active is a member as its first row made it.
func active(name string) roster.Member {
	m := roster.Member{ID: id(name), Version: 1, ExternalID: name, ExternalKind: "k", Known: known(name)}
	m.Values[roster.Email] = name + "@x.io"
	m.Values[roster.Locale] = plan.DefaultLocale
	m.Values[roster.Status] = roster.Active
	return m
}

func inactive(name string) roster.Member {
	m := active(name)
	m.Values[roster.Status] = roster.Inactive
	return m
}

func departed(name string, ago time.Duration) roster.Member {
	m := active(name)
	m.Values[roster.Status] = roster.Departed
	m.DepartedAt = today.Add(-ago)
	m.Known = roster.Known{}
	return m
}

func known(row string) roster.Known {
	return roster.Known{Row: roster.HashBytes([]byte(row)), Columns: 7}
}

// row is the accepted row that makes active(name) of it.
func row(name string) roster.User {
	m := active(name)
	return roster.User{
		Row: int(name[0]), Member: m.ID, ExternalID: name, ExternalKind: "k", Values: m.Values, Known: known(name),
		Kept: roster.FieldSet(0).With(roster.Groups),
	}
}

// with is the row with another value, and so with another hash.
func with(u roster.User, field roster.Field, value string) roster.User {
	u.Values[field] = value
	u.Known = known(u.ExternalID + field.String() + value)
	return u
}

// keeping is the row saying nothing about field.
func keeping(u roster.User, field roster.Field) roster.User {
	u.Values[field] = ""
	u.Kept = u.Kept.With(field)
	return u
}

// in is the row naming these groups and no others.
func in(u roster.User, groups ...string) roster.User {
	u.Groups = groups
	u.Kept &^= 1 << roster.Groups
	u.Known = known(u.ExternalID + "in")
	return u
}

// joined are memberships of one member in groups of those names.
func joined(member string, groups ...string) []roster.Membership {
	var list []roster.Membership
	for _, group := range groups {
		list = append(list, roster.Membership{Group: id(group), Member: id(member)})
	}
	return list
}

func members(list ...roster.Member) []roster.Member { return list }

func users(list ...roster.User) []roster.User { return list }

// goal is Target's, which must succeed.
func goal(t failer, input plan.Input) plan.Goal {
	t.Helper()
	target, err := plan.Target(input)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// changes are those that an input leads to.
func changes(t failer, input plan.Input) []plan.Change {
	t.Helper()
	return plan.Diff(plan.Current{Members: input.Members, Memberships: input.Memberships}, goal(t, input))
}

// story is changes in short: "depart a (absent)".
func story(list []plan.Change) []string {
	lines := []string{}
	for _, c := range list {
		line := string(c.Verb)
		if c.Member != uuid.Nil {
			line += " " + string(c.Member[15])
		}
		if c.Group != uuid.Nil {
			line += " " + string(c.Group[15])
		}
		if c.Verb != plan.Remember {
			line += " (" + string(c.Why) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// apply applies and must succeed.
func apply(t failer, s plan.Current, list []plan.Change) plan.Current {
	t.Helper()
	after, err := plan.Apply(s, list)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// bare is s without what counts and dates changes, which the laws leave aside.
func bare(s plan.Current) plan.Current {
	s.Members = slices.Clone(s.Members)
	for i := range s.Members {
		m := &s.Members[i]
		m.Version, m.CreatedAt, m.UpdatedAt = 0, time.Time{}, time.Time{}
	}
	return s
}

// same compares states, nil and empty being one.
func same(a, b plan.Current) bool {
	a, b = bare(a), bare(b)
	return slices.Equal(a.Groups, b.Groups) && slices.Equal(a.Members, b.Members) &&
		slices.Equal(a.Memberships, b.Memberships)
}

// shuffled is list in another order.
func shuffled[T any](seed uint64, list []T) []T {
	list = slices.Clone(list)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
