package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/workflows"
)

// The rows about groups in docs/rules.md, section 4.
func TestRowsAndTheGroupReport(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"the group report changes and the rows don't":                     otherGroups,
		"a row names a group that isn't there (any more)":                 unknownGroups,
		"a groups cell that is damaged or has no known name":              unreadableGroups,
		"a group name that arrives damaged (bytes that aren't UTF-8 too)": damagedGroupNames,
		"`;` inside a name": semicolonsInNames,
		"rows of people who stay though their row is rejected are forgotten": groupsOfTheRejected,
	} {
		t.Run(name, test)
	}
}

// inGroup returns four persons with this groups cell.
func inGroup(cell any) []person {
	return each(people(4), func(row person) { row["Groups"] = cell })
}

// groupsOf returns the names of the groups that a person is in, sorted and joined by "|".
func (o *harness) groupsOf(i int) string {
	o.t.Helper()
	kept, err := o.kept.Groups(o.t.Context(), acme)
	require.NoError(o.t, err)
	names := map[uuid.UUID]string{}
	for _, group := range kept {
		names[group.ID] = group.Name
	}
	member, in := o.members()[email(i)], []string{}
	for membership, err := range o.kept.Memberships(o.t.Context(), acme) {
		require.NoError(o.t, err)
		if membership.Member == member.ID {
			in = append(in, names[membership.Group])
		}
	}
	slices.Sort(in)
	return strings.Join(in, "|")
}

// groupIssues returns the codes of the issues about the groups of a person.
func (o *harness) groupIssues(result run.Result, i int) (codes []roster.Code) {
	o.t.Helper()
	for _, issue := range o.issues(result) {
		if issue.Field == "groups" && issue.Email == email(i) {
			codes = append(codes, issue.Code)
		}
	}
	return codes
}

// otherGroups shows that the same two reports give the same memberships, whatever came before.
func otherGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cell          any
		before, after []string
		want          string
	}{
		"a group of the exact name is added":    {"alpha", []string{"Alpha"}, []string{"Alpha", "alpha"}, "alpha"},
		"only the case of its name changes":     {"Alpha", []string{"Alpha"}, []string{"ALPHA"}, "ALPHA"},
		"a group that rows name is added":       {"Alpha; Beta", []string{"Alpha"}, []string{"Alpha", "Beta"}, "Alpha|Beta"},
		"likewise, where rows have a list":      {[]string{"Alpha", "Beta"}, []string{"Alpha"}, []string{"Alpha", "Beta"}, "Alpha|Beta"},
		"the first group is added":              {"Alpha", nil, []string{"Alpha"}, "Alpha"},
		"a group of the whole cell is added":    {"Arts; Crafts", []string{"Arts", "Crafts"}, []string{"Arts", "Crafts", "Arts; Crafts"}, "Arts; Crafts"},
		"one of two groups goes":                {"Alpha; Beta", []string{"Alpha", "Beta"}, []string{"Beta"}, "Beta"},
		"all groups go":                         {"Alpha", []string{"Alpha"}, nil, ""},
		"one of two groups that differ in case": {"ALPHA", []string{"Alpha", "alpha"}, []string{"Alpha"}, "Alpha"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users, o.source.groups = inGroup(c.cell), namedGroups(c.before...)
			o.sync(run.Applied)
			compared, err := o.kept.State(t.Context(), acme)
			require.NoError(t, err)
			o.source.groups = namedGroups(c.after...)
			changed := o.sync(run.Applied)
			require.Equal(t, c.want, o.groupsOf(0))
			require.Zero(t, changed.Changes.Drift, "nobody edited anything")
			require.Zero(t, changed.Changes.Updated)
			state, err := o.kept.State(t.Context(), acme)
			require.NoError(t, err)
			require.Equal(t, compared.ComparedAt, state.ComparedAt, "the full compare is still due")
			require.Equal(t, changed.Snapshot, o.sync(run.Unchanged).Snapshot)
			require.Equal(t, c.want, o.groupsOf(0))

			fresh := open(t)
			fresh.source.users, fresh.source.groups = o.source.users, o.source.groups
			first := fresh.sync(run.Applied)
			require.Equal(t, c.want, fresh.groupsOf(0))
			require.Equal(t, fresh.groupIssues(first, 0), o.groupIssues(changed, 0))
		})
	}
	t.Run("a preview shows it", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users, o.source.groups = inGroup("Alpha; Beta"), namedGroups("Alpha")
		o.sync(run.Applied)
		o.source.groups = namedGroups("Alpha", "Beta")
		shown, err := o.round(workflows.PreviewName)
		require.NoError(t, err)
		require.Equal(t, run.ChangeCounts{GroupsAdded: 1, MembershipsAdded: 4}, shown.Changes)
		kept, err := o.kept.Run(t.Context(), acme, mustID(t, shown.Run))
		require.NoError(t, err)
		rows, err := stage.NewRun(o.kept, kept).Rows(t.Context())
		require.NoError(t, err)
		read := 0
		for _, err := range rows.All {
			require.NoError(t, err)
			read++
		}
		require.Equal(t, 4, read, "the rows that were judged can be shown")
		require.Equal(t, "Alpha", o.groupsOf(0))
	})
	t.Run("after an undo", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.users, o.source.groups = inGroup("Alpha; Beta"), namedGroups("Alpha")
		o.sync(run.Applied)
		o.source.groups = namedGroups("Alpha", "Beta")
		o.undo(o.sync(run.Applied))
		require.Equal(t, "Alpha", o.groupsOf(0))
		o.sync(run.Applied)
		require.Equal(t, "Alpha|Beta", o.groupsOf(0))
	})
	t.Run("where groups list their members, users are read once", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.from, o.source.users = workos.Source(), people(4)
		for _, row := range o.source.users {
			row["idp_id"], row["state"] = row["Employee_ID"], "active"
			delete(row, "Employee_ID")
		}
		o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Alpha"}}
		o.sync(run.Applied)
		o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "ALPHA"}}
		result := o.sync(run.Applied)
		require.Equal(t, run.ChangeCounts{GroupsUpdated: 1}, result.Changes)
		require.Zero(t, o.chunksOf(result, ledger.StageUsersAgain))
	})
}

// groupsOfTheRejected shows that a row which comes back is judged by the groups of that day.
func groupsOfTheRejected(t *testing.T) {
	t.Parallel()
	for name, lack := range map[string]func(all []person) []person{
		"rejected":  func(all []person) []person { return with(all, 0, "Last_Name", "") },
		"protected": func(all []person) []person { return without(all, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.protect(0, "")
			all := inGroup("Alpha; Beta")
			o.source.users, o.source.groups = all, namedGroups("Alpha")
			o.sync(run.Applied)
			o.source.users, o.source.groups = lack(all), namedGroups("Alpha", "Beta")
			o.sync(run.Applied)
			require.Equal(t, "Alpha", o.groupsOf(0))
			require.Equal(t, "Alpha|Beta", o.groupsOf(1))
			o.source.users = all
			o.sync(run.Applied)
			require.Equal(t, "Alpha|Beta", o.groupsOf(0))
			o.sync(run.Unchanged)
		})
	}
}

func unknownGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after any
		groups        []string
		want          string
	}{
		"it has left the group report":             {"Alpha; Beta", "Alpha; Beta", []string{"Beta", "Gamma"}, "Beta"},
		"likewise, where rows have a list":         {[]string{"Alpha", "Beta"}, []string{"Alpha", "Beta"}, []string{"Beta", "Gamma"}, "Beta"},
		"it was never there":                       {"Alpha; Beta", "Alpha; Beta; Delta", []string{"Alpha", "Beta", "Gamma"}, "Alpha|Beta"},
		"and the row names another group":          {"Alpha; Beta", "Alpha; Gamma; Delta", []string{"Alpha", "Beta", "Gamma"}, "Alpha|Gamma"},
		"it has left, and is all that a row names": {"Alpha", "Alpha", []string{"Beta", "Gamma"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users, o.source.groups = inGroup(c.before), namedGroups("Alpha", "Beta", "Gamma")
			o.sync(run.Applied)
			o.source.users, o.source.groups = inGroup(c.after), namedGroups(c.groups...)
			result, err := o.round(workflows.SyncName)
			require.NoError(t, err)
			require.Equal(t, c.want, o.groupsOf(0))
			require.Contains(t, o.groupIssues(result, 0), roster.CodeUnknownGroup)
			require.Equal(t, 4, result.Rows.Warnings)
			again := o.sync(run.Unchanged)
			require.Equal(t, o.groupIssues(result, 0), o.groupIssues(again, 0), "listed in every report")
		})
	}
}

func unreadableGroups(t *testing.T) {
	t.Parallel()
	many := func(n int) (names []string) {
		for i := range n {
			names = append(names, fmt.Sprintf("Team %d", i))
		}
		return names
	}
	for name, c := range map[string]struct {
		cell any
		want string
		code roster.Code
	}{
		"another separator":          {"Alpha, Beta", "Alpha|Beta", roster.CodeGroupsUnreadable},
		"a line for each":            {"Alpha\nBeta", "Alpha|Beta", roster.CodeGroupsUnreadable},
		"something else":             {true, "Alpha|Beta", roster.CodeGroupsUnreadable},
		"a damaged name":             {"Alph\ufffd", "Alpha|Beta", roster.CodeGroupsUnreadable},
		"a damaged name among names": {"Gamma; Alph\ufffd", "Alpha|Beta", roster.CodeGroupsUnreadable},
		"likewise, in a list":        {[]string{"Gamma", "Alph\ufffd"}, "Alpha|Beta", roster.CodeGroupsUnreadable},
		"two groups differ in case":  {"delta", "Alpha|Beta", roster.CodeGroupsUnreadable},
		"too many":                   {append(many(1000), "Gamma"), "Alpha|Beta", roster.CodeTooManyGroups},
		"likewise, in one text":      {strings.Join(many(1001), ";"), "Alpha|Beta", roster.CodeTooManyGroups},
		"just not too many":          {append(many(999), "Gamma"), "Gamma", roster.CodeUnknownGroup},
		"the same one many times":    {strings.Repeat("Gamma;", 1001), "Gamma", ""},
		"empty":                      {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users = append(inGroup("Alpha; Beta"), with(people(5), 4, "Groups", "Gamma")[4])
			o.source.groups = namedGroups("Alpha", "Beta", "Gamma", "DELTA", "Delta")
			o.sync(run.Applied)
			for i := range 4 {
				o.source.users = with(o.source.users, i, "Groups", c.cell)
			}
			o.source.users = append(o.source.users, with(people(6), 5, "Groups", c.cell)[5])
			result := o.sync(run.Applied)
			require.Equal(t, c.want, o.groupsOf(0))
			require.Equal(t, "Gamma", o.groupsOf(4), "nobody else is touched")
			if issues := o.groupIssues(result, 0); c.code == "" {
				require.Empty(t, issues)
			} else {
				require.Contains(t, issues, c.code)
			}
			if c.code == roster.CodeGroupsUnreadable || c.code == roster.CodeTooManyGroups {
				require.Empty(t, o.groupsOf(5), "somebody new is in no group")
				require.Equal(t, run.ChangeCounts{Added: 1}, result.Changes)
			}
			require.Equal(t, o.groupIssues(result, 0), o.groupIssues(o.sync(run.Unchanged), 0))
		})
	}
}

func damagedGroupNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		groups []string
		want   string // groups of a person whose row names Développement and Beta
		left   int    // groups
	}{
		"the only one":                {[]string{"D\ufffdveloppement"}, "Beta|Développement", 2},
		"one of two":                  {[]string{"D\ufffdveloppement", "Beta"}, "Beta|Développement", 2},
		"while another has gone":      {[]string{"B\ufffdta", "Gamma"}, "Beta|Développement", 3},
		"beside one without a name":   {[]string{"D\ufffdveloppement", ""}, "Beta|Développement", 2},
		"of a group that nobody has":  {[]string{"G\ufffd", "Beta", "Développement"}, "Beta|Développement", 2},
		"beside one in other letters": {[]string{"D\ufffdveloppement", "BETA"}, "Beta|Développement", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users, o.source.groups = inGroup("Développement; Beta"), namedGroups("Développement", "Beta")
			o.sync(run.Applied)
			o.source.groups = namedGroups(c.groups...)
			result, err := o.round(workflows.SyncName)
			require.NoError(t, err)
			require.Contains(t, o.codes(result), roster.CodeTextDamaged)
			require.Equal(t, c.want, o.groupsOf(0))
			require.Zero(t, result.Changes.GroupsRemoved+result.Changes.MembershipsRemoved)
			o.source.users = append(o.source.users, with(people(5), 4, "Groups", "Développement; Beta")[4])
			o.sync(run.Applied)
			require.Equal(t, c.want, o.groupsOf(4), "rows resolve to a kept group")
			kept, err := o.kept.Groups(t.Context(), acme)
			require.NoError(t, err)
			require.Len(t, kept, c.left)
			o.source.groups = namedGroups("Développement", "Beta")
			_, err = o.round(workflows.SyncName)
			require.NoError(t, err)
			require.Equal(t, "Beta|Développement", o.groupsOf(4))
		})
	}
	t.Run("where groups list their members", func(t *testing.T) {
		t.Parallel()
		o := open(t)
		o.source.from, o.source.users = workos.Source(), people(2)
		for _, row := range o.source.users {
			row["idp_id"], row["state"] = row["Employee_ID"], "active"
			delete(row, "Employee_ID")
		}
		o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Alpha"}, {Row: 2, Key: "g2", Name: "Beta"}}
		o.source.memberships = []directory.Membership{{Group: "g1", User: "1000"}, {Group: "g2", User: "1001"}}
		o.sync(run.Applied)
		o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Alph\ufffd"}, {Row: 2, Key: "g2", Name: "Beta"}}
		result := o.sync(run.Unchanged)
		require.Contains(t, o.codes(result), roster.CodeTextDamaged)
		require.Equal(t, "Alpha", o.groupsOf(0))
		require.Equal(t, "Beta", o.groupsOf(1))
	})
}

func semicolonsInNames(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"R&amp;D":              "R&D",
		"R&#38;D":              "R&D",
		"R&#x26;d":             "R&D",
		"R&amp;amp;D":          "R&D", // encoded twice
		"R&amp;D; Ops":         "Ops|R&D",
		"Ops;R&D;":             "Ops|R&D",
		"Arts; Crafts":         "Arts; Crafts",
		"Arts&#59; Crafts":     "Arts; Crafts",
		"Arts&semi; Crafts; D": "Arts; Crafts|D",
		"S&lt;M":               "S&lt;M", // as the group report has it
		"S<M":                  "S&lt;M",
		"R&D":                  "R&D",
		"Ops&nbsp;&amp; D":     "", // a name that no group has
	} {
		t.Run(cell, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users = inGroup(cell)
			o.source.groups = namedGroups("R&D", "D", "Ops", "Arts; Crafts", "Arts", "S&lt;M", "M")
			o.sync(run.Applied)
			require.Equal(t, want, o.groupsOf(0))
		})
	}
}
