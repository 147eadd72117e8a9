package activities_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// uniqueEmails fails if two members share an email.
func (o *harness) uniqueEmails() {
	o.t.Helper()
	seen := map[string]bool{}
	for member, err := range o.kept.Members(o.t.Context(), acme) {
		require.NoError(o.t, err)
		email := member.Values[roster.Email]
		require.False(o.t, email != "" && seen[email], "two members have %s", email)
		seen[email] = true
	}
}

// whys lists the last n changes of the audit as "op why".
func (o *harness) whys(n int) (whys []string) {
	o.t.Helper()
	audit := o.audit()
	for _, change := range audit[len(audit)-n:] {
		whys = append(whys, change.Op+" "+change.Why)
	}
	return whys
}

// heir returns a row of somebody else with the email of the i-th person.
func heir(i int) person {
	row := worker(i)
	row["Employee_ID"], row["First_Name"] = fmt.Sprint(9000+i), "Heir"
	return row
}

func TestEverybodyUnderNewIDsStaysTheSamePeople(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from       roster.Source
		old, fresh func(i int) any
	}{
		"a prefix is added": {
			workday.Source(), func(i int) any { return fmt.Sprint(1000 + i) }, func(i int) any { return fmt.Sprintf("A-%d", i) },
		},
		"leading zeros are lost": {
			workday.Source(), func(i int) any { return fmt.Sprintf("%06d", i+1) }, func(i int) any { return i + 1 },
		},
		"a spreadsheet writes them with a decimal point": {
			workday.Source(), func(i int) any { return i + 1 },
			func(i int) any { return json.Number(fmt.Sprintf("%d.0", i+1)) },
		},
		"the directory at WorkOS has another identity provider": {
			workos.Source(), func(i int) any { return fmt.Sprintf("00u%d", i) }, func(i int) any { return uuid.NewString() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.from = c.from
			under := func(id func(int) any) {
				o.source.users = people(8)
				for i, row := range o.source.users {
					row["Employee_ID"] = id(i)
					if c.from.ListsMembers() {
						rename("Employee_ID", "idp_id")(row)
					}
				}
			}
			under(c.old)
			o.sync(run.Applied)
			before := o.members()
			under(c.fresh)
			result := o.sync(run.Applied)
			require.Equal(t, run.ChangeCounts{Updated: 8}, result.Changes)
			require.Equal(t, run.RowCounts{Accepted: 8}, result.Rows, "information is no warning")
			require.Equal(t, "updated "+string(plan.Relinked), o.whys(1)[0])
			for email, member := range o.members() {
				require.Equal(t, before[email].ID, member.ID)
				require.NotEqual(t, before[email].ExternalID, member.ExternalID)
			}
			o.sync(run.Unchanged)
		})
	}
}

func TestARenumberingBeyondTheLimitIsHeldAndDoublesNobody(t *testing.T) {
	t.Parallel()
	for _, from := range []roster.Source{workday.Source(), workos.Source()} {
		for renumbered, want := range map[int]run.Outcome{5: run.Applied, 6: run.Held} {
			t.Run(fmt.Sprint(from.Name, " ", renumbered), func(t *testing.T) {
				t.Parallel()
				o := open(t)
				o.source.from, o.rules.Limits.Changes = from, &guard.Limit{Count: 5}
				column := "Employee_ID"
				o.source.users = people(12)
				if from.ListsMembers() {
					column = "idp_id"
					o.source.users = each(o.source.users, rename("Employee_ID", column))
				}
				o.sync(run.Applied)
				before := o.ids()
				for i := range renumbered {
					o.source.users = with(o.source.users, i, column, fmt.Sprintf("N-%d", i))
				}
				o.origin = run.Scheduled
				result := o.sync(want)
				require.Equal(t, before, o.ids())
				if want == run.Held {
					require.Equal(t, renumbered, result.Held.Changes)
					require.Zero(t, result.Changes.Total())
					require.Equal(t, "1000", o.members()[email(0)].ExternalID)
					o.approve(result)
					result = o.sync(run.Applied)
				}
				require.Equal(t, run.ChangeCounts{Updated: renumbered}, result.Changes)
				require.Equal(t, "N-0", o.members()[email(0)].ExternalID)
				require.Equal(t, before, o.ids())
			})
		}
	}
}

// docs/rules.md, section 3: new ids of many people.
func TestNewIDs(t *testing.T) {
	t.Parallel()
	t.Run("many at once", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 12)
		for i, row := range o.source.users {
			row["Employee_ID"] = fmt.Sprintf("N%d", i)
		}
		o.source.users[5]["Last_Name"] = "Married"
		before := o.profiles()
		held := o.sync(run.Held)
		require.Equal(t, 12, held.Held.Changes, "the one with another name too")
		require.Zero(t, held.Held.Additions+held.Held.Removals)
		require.Equal(t, before, o.profiles(), "nobody is added or removed meanwhile")
		require.Equal(t, held.Held, o.sync(run.Held).Held)
		o.approve(held)
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 11, Departed: 1}, o.sync(run.Applied).Changes)
		o.uniqueEmails()
	})

	t.Run("a few at once", func(t *testing.T) {
		t.Parallel()
		o := guarded(t, 12)
		for i, row := range o.source.users[:2] {
			row["Employee_ID"] = fmt.Sprintf("N%d", i)
		}
		o.source.users[1]["Last_Name"] = "Heir"
		require.Equal(t, run.ChangeCounts{Added: 1, Updated: 1, Departed: 1}, o.sync(run.Applied).Changes)
		o.uniqueEmails()
	})
}

func TestAContractorWhoWasHiredIsTheSamePerson(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = withStatus(5)
	o.sync(run.Applied)
	hired := worker(2)
	hired["Employee_ID"], hired["City"], hired["Status"] = "E77", "Rome", "Active"
	for _, ended := range []string{"Inactive", "Terminated"} {
		o.source.users[2]["Status"] = ended
		o.source.users = append(o.source.users[:5:5], hired)
		result, err := o.round("Sync")
		require.NoError(t, err)
		require.Equal(t, run.RowCounts{Accepted: 5, Warnings: result.Rows.Warnings, Merged: 1}, result.Rows, ended)
		member := o.members()[email(2)]
		require.Equal(t, []string{"E77", "Rome", roster.Active},
			[]string{member.ExternalID, member.Values[roster.City], member.Values[roster.Status]})
	}
	require.Len(t, o.members(), 5)
}

func TestTheNextOwnerOfAMailboxIsSomebodyElse(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*harness){
		"of a leaver":                         func(o *harness) { o.source.users = append(o.source.users[:2], o.source.users[3:]...) },
		"of somebody whose row says departed": func(o *harness) { o.source.users[2]["Status"] = "Terminated" },
		"of somebody who went on leave":       func(o *harness) { o.source.users[2]["Status"] = "On leave" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.users = withStatus(6)
			o.sync(run.Applied)
			old := o.members()[email(2)].ID
			leave(o)
			newcomer := heir(2)
			newcomer["Status"] = "Active"
			o.source.users = append(o.source.users, newcomer)
			result := o.sync(run.Applied)
			require.Equal(t, 1, result.Changes.Added)
			require.Equal(t, 1, result.Changes.Departed+result.Changes.Deactivated)
			o.uniqueEmails()
			require.Equal(t, "added appeared", o.whys(1)[0], "after the old member's change")
			require.NotEqual(t, old, o.members()[email(2)].ID)
			require.Equal(t, old, o.members()[""].ID)
			result, err := o.round("Sync")
			require.NoError(t, err)
			require.Zero(t, result.Changes.Total(), "%+v", result)
		})
	}
}

func TestTheNextOwnerOfALeaversMailboxComesLater(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	o.sync(run.Applied)
	o.source.users = o.source.users[:5]
	o.sync(run.Applied)
	o.source.users = append(o.source.users, heir(5))
	require.Equal(t, run.ChangeCounts{Added: 1, Updated: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, []string{"updated email_taken", "added appeared"}, o.whys(2))
	o.uniqueEmails()
	o.sync(run.Unchanged)
	back := worker(5)
	back["Work_Email"] = "another@acme.example"
	o.source.users = append(o.source.users, back)
	require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes, "the leaver is found by the id")
}

func TestANewcomerWaitsForTheRemovalThatFreesTheEmail(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(30)
	o.sync(run.Applied)
	o.origin = run.Scheduled
	o.source.users = append(people(15), heir(20), worker(50))
	held := o.sync(run.Held)
	require.Equal(t, run.ChangeCounts{Added: 1}, held.Changes)
	require.Equal(t, 15, held.Held.Removals)
	o.uniqueEmails()
	require.Equal(t, "First20", o.members()[email(20)].Values[roster.FirstName])
	o.approve(held)
	result := o.sync(run.Applied)
	require.Equal(t, run.ChangeCounts{Added: 1, Departed: 15}, result.Changes)
	require.Equal(t, run.ApprovedPlan{Plan: held.Held.Plan, Removals: 15}, *result.Approved)
	require.Equal(t, "Heir", o.members()[email(20)].Values[roster.FirstName])
	o.uniqueEmails()
}

func TestANewcomerStaysOutWithARejectedRemoval(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(30)
	o.sync(run.Applied)
	o.origin = run.Scheduled
	o.source.users = append(people(15), heir(20))
	o.reject(o.sync(run.Held))
	o.uniqueEmails()
	result := o.sync(run.Unchanged)
	require.Equal(t, 15, result.Withheld)
	o.uniqueEmails()
	o.origin = run.Manual
	require.Equal(t, 15, o.sync(run.Held).Held.Removals, "a resync by hand plans them again")
}

func TestAnUnclearIdentityChangesNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(6)
	for _, row := range o.source.users {
		row["Country"] = "Canada"
	}
	o.sync(run.Applied)
	leaver := o.source.users[5]
	o.source.users = o.source.users[:5]
	o.sync(run.Applied)
	back := person{}
	for column, value := range leaver {
		back[column] = value
	}
	back["Employee_ID"], back["Country"] = "N5", "France"
	o.source.users = append(o.source.users, back)
	result := o.sync(run.Unchanged)
	require.Equal(t, 1, result.Rows.Rejected)
	require.Equal(t, roster.CodeRelinkUnclear, o.issues(result)[0].Code)
	back["Country"] = "Canada"
	require.Equal(t, run.ChangeCounts{Returned: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, "returned relinked", o.whys(1)[0])
}

func TestMembershipsFollowANewcomerWhoWaits(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.from = workos.Source()
	directoryOf := func(rows []person) {
		o.source.users, o.source.memberships = rows, nil
		for _, row := range rows {
			row["idp_id"] = row["Employee_ID"]
			o.source.memberships = append(o.source.memberships, directory.Membership{
				Group: "g1", User: row["idp_id"].(string), Email: row["Work_Email"].(string),
			})
		}
	}
	o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Tea"}}
	directoryOf(people(30))
	o.sync(run.Applied)
	o.origin = run.Scheduled
	directoryOf(append(people(15), heir(20), worker(50)))
	held := o.sync(run.Held)
	require.Equal(t, run.ChangeCounts{Added: 1, MembershipsAdded: 1}, held.Changes)
	o.approve(held)
	result := o.sync(run.Applied)
	require.Equal(t, 1, result.Changes.Added)
	require.Equal(t, 1, result.Changes.MembershipsAdded)
	o.uniqueEmails()
}

func TestAReturnWaitsForTheRejectedChangeThatWouldFreeTheEmail(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.rules.Limits.Changes = &guard.Limit{}
	o.origin = run.Scheduled
	o.source.users = people(4)
	o.sync(run.Applied)
	swapped := with(with(people(4), 1, "Work_Email", email(3)), 3, "Work_Email", email(1))
	o.source.users = swapped
	held := o.sync(run.Held)
	require.Equal(t, 2, held.Held.Changes)
	o.reject(held)
	o.source.users = swapped[:3]
	require.Equal(t, run.ChangeCounts{Departed: 1}, o.sync(run.Applied).Changes)
	o.source.users = swapped
	require.Zero(t, o.sync(run.Unchanged).Changes, "the change of the member who has the email stays withheld")
	o.uniqueEmails()
	o.origin = run.Manual
	held = o.sync(run.Held)
	require.Equal(t, 2, held.Held.Changes)
	o.approve(held)
	require.Equal(t, run.ChangeCounts{Updated: 1, Returned: 1}, o.sync(run.Applied).Changes)
	o.uniqueEmails()
}
