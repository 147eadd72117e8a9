package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// protect puts the i-th worker on the list of the protected, by id.
func (o *harness) protect(i int, until string) {
	id := worker(i)["Employee_ID"].(string)
	o.rules.Protected = append(o.rules.Protected, roster.Protected{PersonRef: roster.PersonRef{External: roster.Key(id)}, Until: until})
}

func (o *harness) watchFor(i int) {
	o.rules.Sentinels = append(o.rules.Sentinels, roster.PersonRef{Email: roster.Key(email(i))})
}

// spared are the details of the issues about protected people.
func (o *harness) spared(result run.Result) (details []string) {
	o.t.Helper()
	for _, issue := range o.issues(result) {
		if issue.Code == roster.CodeProtected {
			require.NotEmpty(o.t, issue.Email)
			require.Equal(o.t, roster.Warning, issue.Severity)
			details = append(details, issue.Detail)
		}
	}
	return details
}

// five returns a harness with five synced members and without full compares. The function pass advances the clock.
func five(t *testing.T) (o *harness, pass func(days int)) {
	t.Helper()
	o = open(t)
	start, days := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), 0
	o.do.Now = func() time.Time { return start.Add(time.Duration(days) * 24 * time.Hour) }
	o.rules.Compare = 8760 * time.Hour
	o.source.users = people(5)
	o.sync(run.Applied)
	return o, func(n int) { days += n }
}

// TestProtectedPeople holds the table of docs/rules.md section 4.
func TestProtectedPeople(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"a protected person is absent":                         protectedAbsent,
		"a protected person's row says inactive":               protectedInactive,
		"a protected person's grace time is over":              protectedExpired,
		"a protection ends, by its date or by the list":        protectionEnds,
		"a protected person is in a plan that is held":         protectedWhileHeld,
		"a protected entry matches nobody":                     protectedNobody,
		"a row claims the email of somebody protected":         protectedClaimed,
		"a protected person's groups":                          protectedInGroups,
		"the guard doesn't count whom a protection keeps":      protectedUncounted,
		"a protected person among removals rejected before":    protectedAfterReject,
		"nor is anybody deleted at once":                       protectedWithoutGrace,
		"nor does a preview show a removal":                    protectedInPreview,
		"nor does a full compare find anything to put right":   protectedInFullCompare,
		"a protected person's group, where groups list people": protectedWhereGroupsList,
	} {
		t.Run(name, test)
	}
}

func protectedAbsent(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	before := o.members()
	o.protect(2, "")
	o.source.users = without(people(5), 2)
	first := o.sync(run.Unchanged)
	require.Equal(t, []string{"not in the directory: this member would have departed, but is protected"},
		o.spared(first))
	require.Equal(t, before, o.members())
	content := o.content()
	second := o.sync(run.Unchanged)
	o.requireUntouched(content)
	require.Len(t, o.spared(second), 1, "said in every run")
	require.False(t, o.full(second))
	_, err := o.kept.Stage(t.Context(), mustID(t, second.Run), "plan")
	require.ErrorIs(t, err, ledger.ErrNotFound, "there is nothing to plan, for as long as nothing else changes")

	o.source.users = with(people(5), 2, "City", "Oslo")
	require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes, "back, and a new city")
	require.Empty(t, o.spared(o.sync(run.Unchanged)))
}

func protectedInactive(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.protect(2, "2026-12-31")
	o.source.users = with(with(people(5), 2, "Status", "inactive"), 2, "City", "Oslo")
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes, "updates still flow")
	require.Equal(t, []string{"the row says inactive: this member would have been deactivated, but is protected until 2026-12-31"}, o.spared(result))
	require.Equal(t, 1, result.Rows.Warnings)
	require.Equal(t, map[string]int{roster.Active: 5}, o.statuses())
	content := o.content()
	require.Len(t, o.spared(o.sync(run.Unchanged)), 1)
	o.requireUntouched(content)

	o.rules.Protected = nil
	require.Equal(t, run.ChangeCounts{Deactivated: 1}, o.sync(run.Applied).Changes,
		"the row is the same, and it isn't drift")
	o.sync(run.Unchanged)

	o.protect(2, "")
	require.Empty(t, o.spared(o.sync(run.Unchanged)), "who is inactive already stays so")
	require.Equal(t, map[string]int{roster.Active: 4, roster.Inactive: 1}, o.statuses())
}

func protectedExpired(t *testing.T) {
	t.Parallel()
	o, pass := five(t)
	before := o.members()[email(2)]
	o.source.users = without(people(5), 2)
	o.sync(run.Applied)
	o.protect(2, "")
	require.Empty(t, o.spared(o.sync(run.Unchanged)), "nothing is due yet")
	pass(31)
	result := o.sync(run.Unchanged)
	require.Equal(t, []string{"departed longer ago than the grace time: this member would have been deleted, but is protected"}, o.spared(result))
	content := o.content()
	again := o.sync(run.Unchanged)
	o.requireUntouched(content)
	_, err := o.kept.Stage(t.Context(), mustID(t, again.Run), "plan")
	require.ErrorIs(t, err, ledger.ErrNotFound)

	o.source.users = with(people(5), 2, "City", "Oslo")
	require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, before.ID, o.members()[email(2)].ID, "never deleted, so it is the same member")

	o.source.users = without(people(5), 2)
	o.rules.Protected = nil
	o.sync(run.Applied)
	pass(31)
	require.Equal(t, run.ChangeCounts{Deleted: 1}, o.sync(run.Applied).Changes)
}

func protectionEnds(t *testing.T) {
	t.Parallel()
	o, pass := five(t)
	o.rules.Zone = "America/Toronto"
	o.protect(2, "2026-11-24")
	o.protect(3, "")
	o.source.users = people(2)
	o.source.users = append(o.source.users, worker(4))
	o.sync(run.Unchanged)
	pass(1)
	require.Len(t, o.spared(o.sync(run.Unchanged)), 2, "the last day is one of them")
	pass(1)
	over := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Departed: 1}, over.Changes, "though the report is the same")
	require.False(t, o.full(over), "nor is everything compared for it")
	require.Equal(t, roster.Departed, o.members()[email(2)].Values[roster.Status])
	require.Len(t, o.spared(over), 1)
	o.sync(run.Unchanged)

	o.rules.Protected = nil
	require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, roster.Departed, o.members()[email(3)].Values[roster.Status])
	o.sync(run.Unchanged)
}

func protectedWhileHeld(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.approve(held)
	o.protect(20, "")
	result := o.sync(run.Applied)
	require.Equal(t, &run.ApprovedPlan{Plan: held.Held.Plan, Removals: 14, LeftOut: 1}, result.Approved)
	require.Equal(t, roster.Active, o.members()[email(20)].Values[roster.Status])
	require.Len(t, o.spared(result), 1)
	o.sync(run.Unchanged)
}

func protectedAfterReject(t *testing.T) {
	t.Parallel()
	o, held := fifteen(t)
	o.reject(held)
	o.protect(20, "")
	require.Equal(t, 14, o.sync(run.Unchanged).Withheld)
	o.rules.Protected, o.rules.Limits.Removals = nil, 20
	require.Equal(t, 15, o.sync(run.Unchanged).Withheld,
		"being protected isn't being present: what was rejected stays so")
	o.source.users = append(people(15), worker(20))
	require.Equal(t, 14, o.sync(run.Unchanged).Withheld)
}

func protectedNobody(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	idle := func(result run.Result) (details []string) {
		for _, issue := range o.issues(result) {
			if issue.Code == roster.CodeProtectedUnknown {
				details = append(details, issue.Detail)
			}
		}
		return details
	}
	o.protect(2, "")
	o.protect(77, "2026-11-01")
	o.protect(88, "")
	require.Equal(t, []string{"protected[2] in the tenant's settings matches neither a member nor a row"},
		idle(o.sync(run.Unchanged)),
		"one that is over is none to speak of")
	o.source.users = append(people(5), worker(88))
	require.Empty(t, idle(o.sync(run.Applied)))
}

func protectedClaimed(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.protect(2, "")
	o.source.users = with(with(people(5), 2, "Employee_ID", "9999"), 2, "Last_Name", "Other")
	result := o.sync(run.Unchanged)
	require.Equal(t, run.RowCounts{Accepted: 4, Rejected: 1}, result.Rows)
	require.Equal(t, roster.CodeEmailOfRejectedRow, rejected(o.issues(result))[0].Code)
	require.Len(t, o.spared(result), 1)
	require.Len(t, o.members(), 5)
}

func protectedInGroups(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.source.groups = namedGroups("Sales", "Ops")
	o.source.users = with(with(people(5), 2, "Groups", []string{"Sales", "Ops"}), 3, "Groups", []string{"Ops"})
	require.Equal(t, 3, o.sync(run.Applied).Changes.MembershipsAdded)
	o.protect(2, "")
	all := o.source.users
	o.source.users = without(all, 2)
	require.Zero(t, o.sync(run.Unchanged).Changes.MembershipsRemoved, "whoever is absent stays where they were")
	o.source.groups = namedGroups("Ops")
	require.Equal(t, run.ChangeCounts{GroupsRemoved: 1, MembershipsRemoved: 1}, o.sync(run.Applied).Changes,
		"a group that is gone goes")
	o.source.users = with(all, 2, "Groups", []string{})
	require.Equal(t, run.ChangeCounts{MembershipsRemoved: 1}, o.sync(run.Applied).Changes,
		"a present member follows the directory")
	o.sync(run.Unchanged)
}

func protectedWhereGroupsList(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.from = workos.Source()
	o.source.users = people(4)
	for _, row := range o.source.users {
		row["idp_id"] = row["Employee_ID"]
	}
	o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Sales"}, {Row: 2, Key: "g2", Name: "Ops"}}
	in := func(group string, i int) directory.Membership {
		return directory.Membership{Group: group, User: worker(i)["Employee_ID"].(string), Email: email(i)}
	}
	o.source.memberships = []directory.Membership{in("g1", 1), in("g1", 2), in("g2", 1), in("g2", 2)}
	o.sync(run.Applied)
	o.protect(2, "")
	o.source.users = without(o.source.users, 2)
	o.source.memberships = []directory.Membership{in("g1", 1), in("g2", 1)}
	require.Zero(t, o.sync(run.Unchanged).Changes.Total())
	o.sync(run.Unchanged)
	o.source.groups, o.source.memberships = o.source.groups[:1], o.source.memberships[:1]
	require.Equal(t, run.ChangeCounts{GroupsRemoved: 1, MembershipsRemoved: 2}, o.sync(run.Applied).Changes)
	o.rules.Protected = nil
	require.Equal(t, run.ChangeCounts{Departed: 1, MembershipsRemoved: 1}, o.sync(run.Applied).Changes)
	o.sync(run.Unchanged)
}

func protectedUncounted(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.rules.Limits.Removals, o.rules.Limits.Percent = 1, 0
	o.protect(2, "")
	o.source.users = people(2)
	o.source.users = append(o.source.users, worker(4))
	require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes, "two would be held")
}

func protectedWithoutGrace(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.rules.Grace = 0
	o.protect(2, "")
	o.source.users = without(people(5), 2)
	o.sync(run.Unchanged)
	require.Len(t, o.members(), 5)
	o.rules.Protected = nil
	require.Equal(t, run.ChangeCounts{Deleted: 1}, o.sync(run.Applied).Changes)
}

func protectedInPreview(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.protect(2, "")
	o.source.users = with(without(people(5), 2), 2, "City", "Oslo")
	result, err := o.round(workflows.PreviewName)
	require.NoError(t, err)
	require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes)
	require.Len(t, o.spared(result), 1)
}

func protectedInFullCompare(t *testing.T) {
	t.Parallel()
	o, _ := five(t)
	o.protect(1, "")
	o.protect(2, "")
	o.source.users = with(without(people(5), 2), 1, "Status", "inactive")
	o.rules.Compare = 0
	o.sync(run.Unchanged)
	content := o.content()
	again := o.sync(run.Unchanged)
	require.True(t, o.full(again))
	require.Len(t, o.spared(again), 2)
	for _, table := range []string{"members", "memberships", "changes"} {
		require.Equal(t, content[table], o.content()[table], table)
	}
}

func TestASnapshotThatLacksASentinelFailsBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	t.Run("a sentinel is missing from the snapshot", func(t *testing.T) {
		t.Parallel()
		o, _ := five(t)
		o.watchFor(0)
		o.watchFor(2)
		o.watchFor(4)
		o.sync(run.Unchanged)
		content := o.content()
		o.source.users = append(without(with(people(5), 1, "City", "Oslo"), 2), worker(9))
		result := o.fails(fault.KindSentinelMissing)
		require.Equal(t, "the directory lacks 1 of 3 people who must always be in it: sentinels[1]",
			result.Error.Detail)
		require.Contains(t, result.Error.Hint, "`sentinels` in tenants.yaml")
		for _, table := range []string{"members", "memberships", "changes", "states", "claims"} {
			require.Equal(t, content[table], o.content()[table], table)
		}
		_, err := o.round(workflows.PreviewName)
		require.Error(t, err, "a preview of what isn't complete would mislead")

		o.rules.Sentinels = o.rules.Sentinels[:1]
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 1, Departed: 1}, o.sync(run.Applied).Changes)
	})
	t.Run("a rejected row counts as present", func(t *testing.T) {
		t.Parallel()
		o, _ := five(t)
		o.watchFor(2)
		o.source.users = with(people(5), 2, "Last_Name", "")
		o.sync(run.Unchanged)
		o.sync(run.Unchanged)
	})
	t.Run("a new sentinel is looked for in the same directory", func(t *testing.T) {
		t.Parallel()
		o, _ := five(t)
		o.watchFor(3)
		o.sync(run.Unchanged)
		o.watchFor(8)
		o.fails(fault.KindSentinelMissing)
	})
	t.Run("being protected doesn't stand for being there", func(t *testing.T) {
		t.Parallel()
		o, _ := five(t)
		o.watchFor(2)
		o.protect(2, "")
		o.source.users = without(people(5), 2)
		o.fails(fault.KindSentinelMissing)
	})
}
