package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Small groups have no limit of their own: the memberships of a tenant have one.
func TestSmallGroupsThatAllLoseTheirMembersAreHeld(t *testing.T) {
	t.Parallel()
	const groups = 5
	atWorkday := func(o *harness, perGroup int) {
		o.source.users, o.source.groups = people(12), namedGroups("그룹 0", "그룹 1", "그룹 2", "그룹 3", "그룹 4")
		for i := range groups * perGroup {
			o.source.users = with(o.source.users, i, "Groups", fmt.Sprintf("그룹 %d", i%groups))
		}
	}
	atWorkOS := func(o *harness, perGroup int) {
		o.source.from, o.source.users = workos.Source(), each(people(12), rename("Employee_ID", "idp_id"))
		for i := range groups {
			o.source.groups = append(o.source.groups, directory.Group{Row: i + 1, Key: fmt.Sprint("g", i), Name: fmt.Sprint("Équipe ", i)})
		}
		for i := range groups * perGroup {
			o.source.memberships = append(o.source.memberships, directory.Membership{
				Group: fmt.Sprint("g", i%groups), User: fmt.Sprint(1000 + i),
			})
		}
	}
	noGroups := func(o *harness) { o.source.groups, o.source.memberships = nil, nil }
	noMembers := func(o *harness) {
		o.source.memberships = nil
		if !o.source.from.ListsMembers() {
			o.source.users = each(o.source.users, func(row person) { row["Groups"] = "" })
			o.source.users = with(o.source.users, 11, "Groups", "그룹 0") // the column is there
		}
	}
	for name, c := range map[string]struct {
		fill func(*harness, int)
		lose func(*harness)
		per  int
		held bool
	}{
		"the group report is empty":                 {atWorkday, noGroups, 2, true},
		"the group report is empty, below ten":      {atWorkday, noGroups, 1, false},
		"the rows name no group":                    {atWorkday, noMembers, 2, true},
		"the rows name no group, below ten":         {atWorkday, noMembers, 1, false},
		"WorkOS lists no group":                     {atWorkOS, noGroups, 2, true},
		"WorkOS lists no group, below ten":          {atWorkOS, noGroups, 1, false},
		"the groups at WorkOS are empty":            {atWorkOS, noMembers, 2, true},
		"the groups at WorkOS are empty, below ten": {atWorkOS, noMembers, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			c.fill(o, c.per)
			o.sync(run.Applied)
			require.Equal(t, groups*c.per, o.inGroups())
			c.lose(o)
			o.source.users = with(o.source.users, 3, "City", "Oslo")
			o.origin = run.Scheduled
			result, err := o.round("Sync")
			require.NoError(t, err)
			require.Equal(t, c.held, result.Held != nil, "%+v", result)
			require.Equal(t, "Oslo", o.members()[email(3)].Values[roster.City], "people flow")
			if c.held {
				require.GreaterOrEqual(t, o.inGroups(), groups*c.per)
				require.Zero(t, result.Changes.MembershipsRemoved)
			} else {
				require.Equal(t, groups*c.per, result.Changes.MembershipsRemoved)
			}
		})
	}
}

// Two things go wrong in one sync: neither hides the other, and neither destroys what is good.
func TestTwoFaultsInOneSync(t *testing.T) {
	t.Parallel()
	t.Run("all ids are new, and the groups column is damaged", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users, o.source.groups = inGroup("Développement; Beta"), namedGroups("Développement", "Beta")
		o.sync(run.Applied)
		before := o.ids()
		o.source.users = each(o.source.users, func(row person) {
			row["Employee_ID"], row["Groups"] = "A-"+row["Employee_ID"].(string), "D\ufffdveloppement, Beta"
		})
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{Updated: 4}, result.Changes)
		require.Equal(t, before, o.ids())
		require.Equal(t, "Beta|Développement", o.groupsOf(0))
		require.Contains(t, o.groupIssues(result, 0), roster.CodeGroupsUnreadable)
		o.sync(run.Unchanged)
	})
	t.Run("a contractor was hired, and the status is an unknown word", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = withStatus(6)
		o.sync(run.Applied)
		before := o.ids()
		hired := worker(2)
		hired["Employee_ID"], hired["Status"], hired["City"] = "E77", "Sabbatical", "Rome"
		o.source.users[2]["Status"] = "Terminated"
		o.source.users = append(o.source.users, hired)
		_, err := o.round("Sync")
		require.NoError(t, err)
		require.Equal(t, before, o.ids(), "nobody is doubled")
		o.uniqueEmails()
		hired["Status"] = "Active"
		_, err = o.round("Sync")
		require.NoError(t, err)
		require.Equal(t, before, o.ids())
		member := o.members()[email(2)]
		require.Equal(t, []string{"E77", "Rome", roster.Active},
			[]string{member.ExternalID, member.Values[roster.City], member.Values[roster.Status]})
	})
	t.Run("some are out of scope, and all others are rejected", func(t *testing.T) {
		t.Parallel()
		for _, later := range []bool{false, true} {
			o := scoped(t, 6)
			written := 0
			if later {
				o.sync(run.Applied)
				written = len(o.audit())
			}
			for i, row := range o.source.users {
				if i < 3 {
					row["Country"] = "Germany"
				} else {
					row["Last_Name"] = ""
				}
			}
			failed := o.fails(fault.KindAllRejected)
			require.Contains(t, o.codes(failed), roster.CodeRequiredEmpty, "the report lists why")
			require.Len(t, o.audit(), written)
		}
	})
	t.Run("a row says departed, another has its email, and a third its person's new id", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users = withStatus(6)
		o.sync(run.Applied)
		before := o.ids()
		o.source.users[2]["Status"] = "Terminated"
		hired, other := worker(2), heir(2)
		hired["Employee_ID"], hired["Status"], other["Status"] = "E77", "Active", "Active"
		o.source.users = append(o.source.users, hired, other)
		for range 2 {
			result, err := o.round("Sync")
			require.NoError(t, err)
			require.Zero(t, result.Changes.Total(), "it isn't clear whose email it is")
			require.Contains(t, o.codes(result), roster.CodeDuplicateEmail)
			require.Equal(t, before, o.ids())
			require.Equal(t, roster.Active, o.statusOf(2))
		}
		o.source.users = o.source.users[:7]
		_, err := o.round("Sync")
		require.NoError(t, err)
		require.Equal(t, before, o.ids())
		require.Equal(t, "E77", o.members()[email(2)].ExternalID)
	})
	t.Run("a name has an HTML entity and a semicolon", func(t *testing.T) {
		t.Parallel()
		for cell, want := range map[string]string{
			"R&amp;D; Tests":               "R&D; Tests",
			"R&amp;D; Tests; Ops":          "Ops|R&D",
			"Ops; R&#38;D":                 "Ops|R&D",
			"연구&amp;개발; Caf&eacute;":       "Café|연구&개발",
			"L&#39;&eacute;quipe; R&amp;D": "L'équipe|R&D",
		} {
			o := open(t)
			o.source.users = inGroup(cell)
			o.source.groups = namedGroups("R&D; Tests", "R&D", "Ops", "D", "R", "연구&개발", "Café", "L'équipe", "amp", "39")
			o.sync(run.Applied)
			require.Equal(t, want, o.groupsOf(0), cell)
		}
	})
}
