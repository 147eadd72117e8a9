package activities_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// ids returns the members' ids, by email.
func (o *harness) ids() map[string]uuid.UUID {
	o.t.Helper()
	found := map[string]uuid.UUID{}
	for email, member := range o.members() {
		found[email] = member.ID
	}
	return found
}

// later advances the clock.
func (o *harness) later(by time.Duration) {
	now := o.do.Now
	if now == nil {
		now = time.Now
	}
	o.do.Now = func() time.Time { return now().Add(by) }
}

// each changes a copy of every row.
func each(all []person, change func(person)) []person {
	changed := make([]person, len(all))
	for i, row := range all {
		changed[i] = maps.Clone(row)
		change(changed[i])
	}
	return changed
}

func rename(from, to string) func(person) {
	return func(row person) {
		if value, ok := row[from]; ok {
			row[to] = value
			delete(row, from)
		}
	}
}

// codes are the codes of a run's issues, sorted.
func (o *harness) codes(result run.Result) (codes []roster.Code) {
	o.t.Helper()
	for _, issue := range o.issues(result) {
		codes = append(codes, issue.Code)
	}
	slices.Sort(codes)
	return codes
}

func TestAPersonWhoReturnsAfterTheGraceTimeIsANewMember(t *testing.T) {
	t.Parallel()
	for _, seen := range []bool{true, false} { // whether a sync has deleted the old one meanwhile
		o := open(t)
		o.rules.Compare = 100000 * time.Hour
		all := people(4)
		o.source.users = all
		o.sync(run.Applied)
		before := o.ids()
		o.source.users = without(all, 1)
		o.sync(run.Applied)
		o.later(721 * time.Hour)
		if seen {
			require.Equal(t, run.ChangeCounts{Deleted: 1}, o.sync(run.Applied).Changes)
		}
		o.source.users = all
		result := o.sync(run.Applied)
		require.Equal(t, 1, result.Changes.Added)
		require.Zero(t, result.Changes.Returned)
		require.NotEqual(t, before[email(1)], o.ids()[email(1)])
		require.Len(t, o.members(), 4)
		o.sync(run.Unchanged)
		require.Len(t, o.members(), 4)
	}
}

func TestAnotherKindOfExternalIDRenamesAndRemovesNobody(t *testing.T) {
	t.Parallel()
	wid := func(row person) { row["WID"] = "wid-" + row["Employee_ID"].(string) }
	moves := map[string]func(*harness, []person) []person{
		"the field map names another column": func(o *harness, all []person) []person {
			o.rules.Fields = roster.FieldMap{"Global_Key": {roster.ExternalID}}
			return each(all, func(row person) { row["Global_Key"] = "g-" + row["Employee_ID"].(string) })
		},
		"the column is another one": func(_ *harness, all []person) []person {
			return each(all, func(row person) { wid(row); delete(row, "Employee_ID") })
		},
		"from Workday to WorkOS": func(o *harness, all []person) []person {
			o.source.from = workos.Source()
			return each(all, rename("Employee_ID", "idp_id"))
		},
		"there are none any more": func(_ *harness, all []person) []person {
			return each(all, func(row person) { delete(row, "Employee_ID") })
		},
	}
	for name, move := range moves {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.rules.Limits.Removals, o.rules.Limits.Percent = 0, 0
			all := people(40)
			o.source.users = all
			o.sync(run.Applied)
			before := o.ids()
			o.source.users = move(o, all)
			result, err := o.round("Sync")
			require.NoError(t, err)
			require.Nil(t, result.Held)
			require.Zero(t, result.Changes.Added+result.Changes.Departed+result.Changes.Deleted, "%+v", result.Changes)
			require.Equal(t, before, o.ids())
			o.sync(run.Unchanged)
			// What is then known of each is by the new kind.
			o.source.users = with(o.source.users, 3, "Work_Email", "renamed@acme.example")
			if name != "there are none any more" {
				require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
				require.Equal(t, before[email(3)], o.ids()["renamed@acme.example"])
			}
		})
	}
}

func TestMembersWhoSwapEmailsKeepTheirIdentity(t *testing.T) {
	t.Parallel()
	o := open(t)
	all := people(9)
	o.source.users = all
	o.sync(run.Applied)
	before := o.ids()
	swapped := with(with(all, 1, "Work_Email", email(7)), 7, "Work_Email", email(1))                                     // in batches of two
	swapped = with(with(with(swapped, 2, "Work_Email", email(4)), 4, "Work_Email", email(6)), 6, "Work_Email", email(2)) // a cycle
	o.source.users = swapped
	require.Equal(t, run.ChangeCounts{Updated: 5}, o.sync(run.Applied).Changes)
	after := o.ids()
	for from, to := range map[int]int{1: 7, 7: 1, 2: 4, 4: 6, 6: 2, 3: 3} {
		require.Equal(t, before[email(from)], after[email(to)])
	}
	o.sync(run.Unchanged)
}

func TestAColumnWithoutValuesKeepsItsField(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(person){
		"dropped": func(row person) { delete(row, "City") },
		"blanked": func(row person) { row["City"] = "" },
		"renamed": rename("City", "Zzz"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users = people(5)
			o.sync(run.Applied)
			before := o.members()
			all := o.source.users
			o.source.users = each(all, change)
			result, err := o.round("Sync")
			require.NoError(t, err)
			require.Zero(t, result.Changes.Total())
			for email, member := range o.members() {
				require.Equal(t, before[email].Values, member.Values)
			}
			require.Contains(t, o.codes(result), roster.CodeColumnAbsent)
			again := o.sync(run.Unchanged)
			require.Equal(t, o.codes(result), o.codes(again))
			// One newcomer with a city: the column is there again, and is empty in all other rows.
			o.source.users = append(o.source.users, worker(20))
			require.Equal(t, run.ChangeCounts{Added: 1, Updated: 5}, o.sync(run.Applied).Changes)
			o.source.users = append(all, worker(20))
			require.Equal(t, run.ChangeCounts{Updated: 5}, o.sync(run.Applied).Changes)
			require.Equal(t, "Toronto", o.members()[email(0)].Values[roster.City])
		})
	}
}

func TestALostRequiredColumnFailsSyncsUntilItReturns(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(person){
		"dropped": func(row person) { delete(row, "Management_Level") },
		"blanked": func(row person) { row["Management_Level"] = []any{} },
		"renamed": rename("Management_Level", "Mgmt_Lvl_2"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			all := people(5)
			o.source.users = all
			o.sync(run.Applied)
			before := o.content()
			o.source.users = each(all, change)
			result := o.fails(fault.KindColumnMissing)
			require.Contains(t, result.Error.Detail, "management_level")
			o.requireUntouched(before)
			before = o.content()
			o.source.users = all
			o.sync(run.Unchanged)
			o.requireUntouched(before)
		})
	}
}

func TestARejectedRowNeverRemovesItsMember(t *testing.T) {
	t.Parallel()
	all := people(6)
	for name, spoil := range map[string]func([]person) []person{
		"no level":            func(all []person) []person { return with(all, 2, "Management_Level", "") },
		"no email":            func(all []person) []person { return with(all, 2, "Work_Email", "") },
		"an email that isn't": func(all []person) []person { return with(all, 2, "Work_Email", "person2@") },
		"no id and a bad email": func(all []person) []person {
			return with(with(all, 2, "Work_Email", "x"), 2, "Employee_ID", "")
		},
		"someone else's email": func(all []person) []person { return with(all, 2, "Work_Email", email(3)) },
		"someone else's id": func(all []person) []person {
			return with(all, 2, "Employee_ID",
				all[3]["Employee_ID"])
		},
		"twice, and differing": func(all []person) []person { return append(all, with(all, 2, "Last_Name", "Roe")[2]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.rules.Limits.Removals, o.rules.Limits.Percent = 100, 100
			o.source.users = all
			o.sync(run.Applied)
			before := o.members()
			o.source.users = spoil(slices.Clone(all))
			for range 2 {
				result := o.sync(run.Unchanged)
				require.Positive(t, result.Rows.Rejected)
				require.Equal(t, before, o.members())
				for _, issue := range rejected(o.issues(result)) {
					require.NotZero(t, issue.Row)
					require.NotEmpty(t, issue.Code)
					require.NotEmpty(t, issue.Detail)
					require.NotEmpty(t, issue.Hint)
				}
			}
			// Put right it is as if nothing had been; and with a change it is an update.
			o.source.users = with(all, 2, "City", "Oslo")
			require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
			o.source.users = all
			require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
			o.sync(run.Unchanged)
		})
	}
}

func TestABadValueKeepsItsFieldUntilItIsCorrected(t *testing.T) {
	t.Parallel()
	all := with(with(with(people(5), 2, "Locale", "fr-CA"), 2, "People_Manager", "yes"), 2, "Manager_Email", email(0))
	all = with(all, 2, "Status", "Inactive")
	for field, bad := range map[string]any{
		"Locale": "de-DE", "People_Manager": "perhaps", "Manager_Email": "nobody", "Status": "Sabbatical",
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users = all
			o.sync(run.Applied)
			before := o.members()[email(2)].Values
			o.source.users = with(with(all, 2, field, bad), 2, "City", "Rome")
			result := o.sync(run.Applied)
			require.Equal(t, run.ChangeCounts{Updated: 1}, result.Changes)
			require.Equal(t, 1, result.Rows.Warnings)
			want := before
			want[roster.City] = "Rome"
			require.Equal(t, want, o.members()[email(2)].Values)
			require.Equal(t, 1, o.sync(run.Unchanged).Rows.Warnings)
			o.source.users = all
			require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
			require.Equal(t, before, o.members()[email(2)].Values)
			o.sync(run.Unchanged)
		})
	}
}

func TestTheSameRowTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	all := people(5)
	o.source.users = append(slices.Clone(all), all[2])
	first := o.sync(run.Applied)
	require.Equal(t, 5, first.Changes.Added)
	require.Contains(t, o.codes(first), roster.CodeIdenticalDuplicate)
	second := o.sync(run.Unchanged)
	require.Equal(t, o.codes(first), o.codes(second))
	require.Equal(t, first.Rows, second.Rows)
	before := o.members()
	o.source.users = all
	result, err := o.round("Sync")
	require.NoError(t, err)
	require.Zero(t, result.Changes.Total())
	require.Equal(t, before, o.members())
	require.Zero(t, result.Rows.Warnings)
}

func TestAGroupMissingForADayReturnsWithItsMembers(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(24), namedGroups("Sales", "Ops")
	for i := range 12 {
		o.source.users = with(o.source.users, i, "Groups", []string{"Sales"})
	}
	o.sync(run.Applied)
	o.source.groups = namedGroups("Ops")
	gone := o.sync(run.Held) // more than half of a group of ten
	require.Equal(t, 13, gone.Held.Removals, "twelve memberships and the group")
	require.Zero(t, gone.Changes.Total())
	require.Equal(t, 12, o.inGroups())
	o.source.groups = namedGroups("Sales", "Ops")
	back, err := o.round("Sync")
	require.NoError(t, err)
	require.Zero(t, back.Changes.Total())
	require.Equal(t, 12, o.inGroups())
	o.sync(run.Unchanged)
}

func (o *harness) inGroups() (n int) {
	o.t.Helper()
	for _, err := range o.kept.Memberships(o.t.Context(), acme) {
		require.NoError(o.t, err)
		n++
	}
	return n
}
