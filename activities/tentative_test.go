package activities_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/check"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/workflows"
)

// drawDirectory is a report of a few people of whom any may be in another's way, or in their own.
func drawDirectory(t *rapid.T) []person {
	one := func(what string, of ...any) any { return rapid.SampledFrom(of).Draw(t, what) }
	number := rapid.IntRange(0, 9)
	var all []person
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 11), 4, 12, rapid.ID[int]).Draw(t, "people") {
		row := worker(i)
		row["Manager_Email"], row["Status"], row["Groups"] = email(number.Draw(t, "manager")), "active",
			one("groups", "Sales", "Sales; Ops", "", "Ops")
		for range rapid.IntRange(0, 2).Draw(t, "oddities") {
			switch rapid.IntRange(0, 13).Draw(t, "oddity") {
			case 0:
				row["Work_Email"] = email(number.Draw(t, "email of"))
			case 1:
				row["Employee_ID"] = fmt.Sprint(1000 + number.Draw(t, "id of"))
			case 2:
				row["Work_Email"] = one("email", "", "nobody", "jane doe@x.org")
			case 3:
				row["Status"] = one("status", "inactive", "on leave", "")
			case 4:
				row["Manager_Email"] = one("manager", "", "nobody@acme.example", row["Work_Email"], "none")
			case 5:
				row["First_Name"] = ""
			case 6:
				row["Management_Level"] = one("level", "", "Wizard", "Intern")
			case 7:
				row["City"] = one("city", "Paris", "Par\xc3is")
			case 8:
				delete(row, "Employee_ID")
			case 9:
				row["Groups"] = "Chess; Sales"
			case 10:
				all = append(all, row) // twice
			}
		}
		all = append(all, row)
	}
	return all
}

// twice returns the roster that results from judging all rows twice: before all rows were checked, and after.
type twice struct {
	users       []roster.User
	issues      []roster.Issue
	rows        run.RowCounts
	memberships int
}

// before is what is needed of the members before a round.
type before struct {
	index   *check.Index
	members map[uuid.UUID]roster.Member
}

func (o *harness) before() before {
	o.t.Helper()
	gone := time.Now().Add(-o.rules.Grace)
	protection := roster.NewProtection(o.rules.Protected, time.Now().Format(time.DateOnly))
	index, err := check.NewIndex(protection.Revive(o.do.Members.Index(o.t.Context(), acme, gone, false)))
	require.NoError(o.t, err)
	b := before{index: index, members: map[uuid.UUID]roster.Member{}}
	for _, m := range o.members() {
		b.members[m.ID] = m
	}
	return b
}

func (o *harness) judgeTwice(b before, id uuid.UUID) (have, want twice) {
	o.t.Helper()
	ctx := o.t.Context()
	r, err := o.kept.Run(ctx, acme, id)
	require.NoError(o.t, err)
	staged := stage.NewRun(o.kept, r)
	rows, err := staged.Rows(ctx)
	require.NoError(o.t, err)
	var units []roster.SourceGroup
	for _, group := range o.source.groups {
		units = append(units, roster.SourceGroup{Key: group.Name, Name: group.Name})
	}
	rules := roster.NewRules(roster.RulesSettings{Bindings: rows.Bindings, Source: o.source.from, Groups: units})
	census := check.New(b.index, id, check.Report{Kind: rows.Bindings.Kind(o.source.from)}, nil)
	var verdicts []roster.Verdict
	for row, err := range rows.All {
		require.NoError(o.t, err)
		v := rules.Judge(row)
		census.Add(v)
		verdicts = append(verdicts, v)
	}
	findings, err := census.Close(func(ids []uuid.UUID) (members []roster.Member, err error) {
		for _, id := range ids {
			members = append(members, b.members[id])
		}
		return members, nil
	})
	require.NoError(o.t, err)
	if findings.Unidentified() > 0 {
		for _, member := range slices.Collect(findings.Absent()) {
			findings.KeepNamed(b.members[member])
		}
	}
	findings.Protect(roster.NewProtection(o.rules.Protected, time.Now().Format(time.DateOnly)))
	for _, v := range verdicts {
		issues, used := v.Issues, false
		switch {
		case v.Departed:
			continue
		case v.Rejected:
			_, more := findings.Rejected(v.User)
			issues = append(issues, more...)
		default:
			var more []roster.Issue
			row := v.User.Row
			v.User, more, used = findings.Identify(v.User)
			if v.MembersOnly && findings.NotAdded(row) {
				issues = roster.RejectUnclear(issues)
			}
			issues = append(issues, more...)
		}
		for _, issue := range issues {
			want.issues = append(want.issues, o.source.Source().Advise(issue))
		}
		switch {
		case slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Severity == roster.Rejected }):
			want.rows.Rejected++
		case slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Severity == roster.Warning }):
			want.rows.Warnings++
		}
		if used {
			v.User.Recognised = false
			want.users, want.memberships = append(want.users, v.User), want.memberships+len(v.User.Groups)
		}
	}
	want.rows.Departed, want.rows.Merged = findings.Departed(), findings.Merged()
	want.rows.Accepted = len(verdicts) - want.rows.Rejected - want.rows.Departed - want.rows.Merged
	for chunk, err := range staged.Roster(ctx) {
		require.NoError(o.t, err)
		for _, user := range chunk.Users {
			user.Recognised = false
			have.users = append(have.users, user)
		}
	}
	return have, want
}

// A roster that is written tentatively and then corrected equals the one of the simple way. The simple way judges all
// rows, checks them against each other, and judges all of them again.
func TestTheTentativeRosterEqualsTheFinalOne(t *testing.T) {
	t.Parallel()
	directory := rapid.Custom(drawDirectory)
	for seed := range 6 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.rules.Compare = time.Nanosecond // every round stages all rows
			o.do.Rows = 1 + seed%3
			o.rules.Protected = []roster.Protected{{PersonRef: roster.PersonRef{Email: roster.Key(email(3))}}}
			for round := range 6 {
				o.source.users, o.source.groups = directory.Example(100*seed+round), namedGroups("Sales", "Ops")
				if round%2 == 1 { // gone, and a new one: who is in it tells whether it was renamed
					o.source.groups = namedGroups("Sales", "Chess")
				}
				was := o.before()
				result, err := o.round(workflows.SyncName)
				require.NoError(t, err)
				have, want := o.judgeTwice(was, mustID(t, result.Run))
				for _, issue := range o.issues(result) {
					if issue.Row > 0 {
						have.issues = append(have.issues, issue)
					}
				}
				have.rows, have.memberships = result.Rows, result.Snapshot.Memberships
				require.Equal(t, want, have, "round %d", round)
			}
		})
	}
}

func TestAGroupWithAnotherNameInTheRowsIsRenamed(t *testing.T) {
	t.Parallel()
	o := open(t)
	in := func(group string) []person {
		all := people(6)
		for i := range all {
			all[i]["Groups"] = group
		}
		return all
	}
	o.source.users, o.source.groups = in("Sales"), namedGroups("Sales")
	o.sync(run.Applied)
	o.source.users, o.source.groups = in("Vendors"), namedGroups("Vendors")
	result := o.sync(run.Applied)
	require.Contains(t, o.issues(result), roster.GroupRenamedIssue("Vendors"))
	require.Zero(t, result.Changes.GroupsRemoved)
}
