package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// newcomers draws a chunk of the roster in which all are new.
func newcomers(t *rapid.T) (users []roster.User) {
	for i := range rapid.IntRange(1, 12).Draw(t, "users") {
		u := row(string(rune('A' + i)))
		u.New, u.Member = true, roster.NewMemberID(id("r"), i+1)
		for f := range u.Values {
			if f != int(roster.Email) {
				u.Values[f] = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "value")
			}
		}
		u.Values[roster.Status] = rapid.SampledFrom([]string{roster.Active, roster.Inactive}).Draw(t, "status")
		if rapid.Bool().Draw(t, "keeps") {
			u.Kept = u.Kept.With(roster.Status).With(roster.Locale)
		}
		if rapid.Bool().Draw(t, "names no group") {
			u.Kept &^= 1 << roster.Groups
		}
		users = append(users, u)
	}
	return users
}

func adding(m roster.Member) plan.Change {
	return plan.Change{Verb: plan.Add, Member: m.ID, After: &m, Why: plan.Appeared}
}

// What is planned of newcomers by name is what Diff would say of each.
func TestABatchOfNewcomersIsWhatDiffSaysOfThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, users := []plan.Change{adding(active("a"))}, newcomers(t)
		target, err := plan.Target(plan.Input{Now: today, Grace: grace, Users: users})
		require.NoError(t, err)
		changes := plan.Diff(plan.State{}, target)

		var parts [2][]plan.Chunk
		var summaries [2]plan.Summary
		for i := range 2 {
			b := plan.NewBuilder(func(batch *plan.Sheet) error {
				data, err := chunk.Encode(batch)
				require.NoError(t, err)
				batch.Release()
				var c plan.Chunk
				require.NoError(t, chunk.Decode(data, &c))
				if c.Roster > 0 {
					require.Equal(t, 8, c.Roster)
					require.Empty(t, c.Changes)
					c.Changes, err = new(plan.Room).Additions(users)
					require.NoError(t, err)
				}
				parts[i] = append(parts[i], c)
				return nil
			})
			require.NoError(t, b.Add(before...))
			if i == 0 {
				require.NoError(t, b.Add(changes...))
			} else {
				n, ok := plan.NewcomersOf(7, users)
				require.True(t, ok)
				require.NoError(t, b.AddNewcomers(n))
			}
			require.NoError(t, b.Add(adding(active("b"))))
			summaries[i], err = b.Close(never)
			require.NoError(t, err)
		}
		require.Equal(t, of(plan.PartAdditions, parts[0]), of(plan.PartAdditions, parts[1]))
		require.Equal(t, 1+len(users), parts[1][2].First, "what follows is numbered as if it had been there")
		require.Equal(t, 3, summaries[1].Additions.Chunks, "a batch of their own")
		summaries[1].Additions.Chunks = summaries[0].Additions.Chunks
		require.Equal(t, summaries[0], summaries[1], "the same id, the same counts")
	})
}

func TestOnlyNewcomersInNoGroupArePlannedByName(t *testing.T) {
	t.Parallel()
	newcomer, known, grouped, listed := row("a"), row("b"), row("c"), row("d")
	newcomer.New, grouped.New, listed.New = true, true, true
	grouped.Kept, grouped.Groups = 0, []string{"sales"}
	listed.Groups = []string{"says nothing"}
	for name, c := range map[string]struct {
		users []roster.User
		want  bool
	}{
		"newcomers":                  {[]roster.User{newcomer, listed}, true},
		"one who is known":           {[]roster.User{newcomer, known}, false},
		"one in a group":             {[]roster.User{newcomer, grouped}, false},
		"nobody":                     {nil, false},
		"more than a batch may have": {make([]roster.User, plan.MostNewcomers+1), false},
	} {
		for i := range c.users {
			c.users[i].New = c.users[i].New || name == "more than a batch may have"
		}
		n, ok := plan.NewcomersOf(3, c.users)
		require.Equal(t, c.want, ok, name)
		if ok {
			require.Equal(t, len(c.users), n.Users, name)
		}
	}
}
