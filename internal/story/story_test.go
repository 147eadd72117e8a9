package story_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/story"
)

// ada is a member, added by run 1.
func ada() roster.Member {
	m := roster.Member{
		ID: id(1), Version: 1, ExternalID: "E1", ExternalKind: "workday:Employee_ID", CreatedAt: noon,
		UpdatedAt: noon,
	}
	m.Values[roster.FirstName], m.Values[roster.Email] = "Ada", "ada@example.com"
	m.Values[roster.Status] = roster.Active
	return m
}

// withAda returns a store with Ada and the run that added her.
func withAda(t *testing.T) *fake {
	t.Helper()
	f := newFake(t)
	f.members = []roster.Member{ada()}
	f.audit = []ledger.AuditRow{{
		Seq: 1, Run: id(101), At: noon.Add(time.Minute), Op: plan.Add.Op(), Member: id(1), Why: string(plan.Appeared),
		Fields: map[string][2]any{"email": {nil, "ada@example.com"}, "external_id": {nil, "E1"}},
	}}
	f.run(1, run.Applied)
	return f
}

// judged adds a run with a roster.
func (f *fake) judged(n int, outcome run.Outcome, roster *stage.RosterChunk, issues ...roster.Issue) run.Run {
	f.Helper()
	r := f.run(n, outcome)
	f.put(r, "roster", object{}, roster)
	if issues != nil {
		f.put(r, "issues", object{}, issues)
	}
	return r
}

// user is Ada's row in a roster.
func user(row int) roster.User {
	m := ada()
	return roster.User{Row: row, Member: m.ID, ExternalID: m.ExternalID, ExternalKind: m.ExternalKind, Values: m.Values}
}

func TestEachRunSaysHowThePersonWasInItsSnapshot(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	f.judged(2, run.Applied, &stage.RosterChunk{Users: []roster.User{user(7)}})
	f.judged(3, run.Unchanged, &stage.RosterChunk{})
	f.judged(4, run.Applied, &stage.RosterChunk{Kept: []uuid.UUID{id(1)}},
		roster.CodeRequiredEmpty.Issue(roster.Identity{Row: 4, Email: "ada@example.com"}, roster.LastName))
	f.judged(5, run.Applied, &stage.RosterChunk{Kept: []uuid.UUID{id(1)}},
		roster.Issue{Code: roster.CodeProtected, ExternalID: "E1"})
	f.judged(6, run.Held, &stage.RosterChunk{Absent: []uuid.UUID{id(1), id(2)}})
	f.run(7, run.Failed)
	f.run(8, run.Unchanged, func(r *run.Run) { r.SameAs = id(103) })
	f.run(9, run.Held, func(r *run.Run) { r.Origin = run.Undo })
	f.drop(f.judged(10, run.Applied, &stage.RosterChunk{Absent: []uuid.UUID{id(1)}}))
	f.audit = append(f.audit, ledger.AuditRow{
		Seq: 2, Run: id(111), At: noon.Add(11 * time.Minute),
		Op: plan.Depart.Op(), Member: id(1),
	})
	f.judged(11, run.Applied, &stage.RosterChunk{Absent: []uuid.UUID{id(1)}})
	f.judged(12, run.Unchanged, &stage.RosterChunk{})

	var got []story.Presence
	for _, r := range f.of("ada@example.com").Runs {
		got = append(got, r.State)
	}
	assert.Equal(t, []story.Presence{
		story.NotJudged, story.RowRead, story.SameRow, story.RowUnused, story.Protected, story.Absent, story.NotJudged,
		story.SameRow,
		story.NotRead, story.NotKept, story.Absent, story.Departed,
	}, got)
}

func TestARejectedRowWithoutAMemberIsFoundByItsIssues(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.judged(1, run.Applied, &stage.RosterChunk{},
		roster.CodeRequiredEmpty.Issue(roster.Identity{Row: 4, ExternalID: "E9"}, roster.LastName))
	s := f.of("E9")
	assert.Empty(t, s.Members)
	assert.Equal(t, story.RowOfUnknown, s.Runs[0].State)
	assert.Equal(t, "rejected", s.Runs[0].Rows[0].Verdict)
}

func TestARowMatchesByExternalIDUnlessThisRunAddedIt(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	without := ada()
	without.ExternalID, without.ExternalKind = "", ""
	learns := ada()
	r := f.judged(2, run.Applied, &stage.RosterChunk{Users: []roster.User{user(7)}})
	f.put(r, "additions", object{}, plan.Batch{Part: plan.PartAdditions, Changes: []plan.Change{
		{Verb: plan.Update, Member: id(1), Before: &without, After: &learns, Why: plan.RowChanged},
	}})
	f.judged(3, run.Applied, &stage.RosterChunk{Users: []roster.User{user(7)}})
	runs := f.of("E1", revealed).Runs
	assert.Equal(t, &story.Match{By: "email", Key: new("ada@example.com")}, runs[1].Rows[0].Match)
	assert.Equal(t, &story.Match{By: "external_id", Key: new("E1")}, runs[2].Rows[0].Match)
}

func TestEachDecisionHasItsState(t *testing.T) {
	t.Parallel()
	before, after := ada(), ada()
	after.Values[roster.Status] = roster.Departed
	change := plan.Change{Verb: plan.Depart, Member: id(1), Before: &before, After: &after, Why: plan.Absent}
	for name, c := range map[string]struct {
		part    plan.Part
		outcome run.Outcome
		undo    bool
		want    string
	}{
		"a removal in a preview":           {plan.PartRemovals, run.Previewed, false, "planned"},
		"a removal that is held":           {plan.PartRemovals, run.Held, false, "held"},
		"a removal that was rejected":      {plan.PartRemovals, run.Rejected, false, "rejected"},
		"a removal that nobody decided":    {plan.PartRemovals, run.Expired, false, "expired"},
		"a removal of a run that failed":   {plan.PartRemovals, run.Failed, false, "not_applied"},
		"an addition that is held":         {plan.PartNewcomers, run.Held, false, "held"},
		"an update that was rejected":      {plan.PartUpdates, run.Rejected, false, "rejected"},
		"a membership beyond the limit":    {plan.PartWithheld, run.Applied, false, "withheld"},
		"an update that wasn't applied":    {plan.PartAdditions, run.Failed, false, "not_applied"},
		"a change of a held undo":          {plan.PartAdditions, run.Held, true, "held"},
		"a change that an undo left alone": {plan.PartLeft, run.Held, true, "not_undone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withAda(t)
			r := f.run(2, c.outcome, func(r *run.Run) {
				if c.undo {
					r.Origin, r.Result.Undoes, r.Result.Held = run.Undo, &run.Undoing{Run: id(101).String()},
						&run.HeldPlan{}
				}
			})
			f.put(r, "roster", object{}, &stage.RosterChunk{})
			f.put(r, string(c.part), object{}, plan.Batch{Part: c.part, Changes: []plan.Change{change}})
			decisions := f.of("E1").Runs[1].Decisions
			require.Len(t, decisions, 1)
			assert.Equal(t, c.want, decisions[0].State)
			assert.Equal(t, plan.Absent.Meaning(), decisions[0].Rule)
		})
	}
}

func TestAnAppliedChangeIsNotRepeatedAsPlanned(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	member := ada()
	r := f.judged(2, run.Applied, &stage.RosterChunk{Users: []roster.User{user(7)}})
	f.put(r, "additions", object{}, plan.Batch{Part: plan.PartAdditions, Changes: []plan.Change{
		{Verb: plan.Update, Member: id(1), Before: &member, After: &member, Why: plan.RowChanged},
	}})
	f.audit = append(f.audit, ledger.AuditRow{
		Seq: 2, Run: r.ID, At: noon, Op: plan.Update.Op(), Member: id(1),
		Fields: map[string][2]any{},
	})
	decisions := f.of("E1").Runs[1].Decisions
	require.Len(t, decisions, 1)
	assert.Equal(t, "applied", decisions[0].State)
}

func TestValuesAreMaskedUnlessRevealed(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	f.settings = `{"id":"acme","protected":[{"email":"ada@example.com","reason":"on leave","until":"2027-01-31"}]}`
	masked, err := json.Marshal(f.of("ada@example.com"))
	require.NoError(t, err)
	for _, secret := range []string{"Ada", "on leave", `"E1"`} {
		assert.NotContains(t, string(masked), secret)
	}
	s := f.of("ada@example.com", revealed)
	assert.Equal(t, "Ada", s.Members[0].Fields["first_name"])
	assert.Equal(t, []story.Mention{{Entry: "protected[0]", Until: new("2027-01-31"), Reason: new("on leave")}},
		s.Mentions)
	assert.Equal(t, [2]any{nil, "E1"}, s.Runs[0].Decisions[0].Fields["external_id"])
}

func TestChangesOfOlderRunsComeFirst(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	f.judged(2, run.Unchanged, &stage.RosterChunk{})
	s := f.of("E1", func(q *story.Question) { q.Runs = 1 })
	require.Len(t, s.Before, 1)
	assert.Equal(t, int64(1), *s.Before[0].Seq)
	require.Len(t, s.Runs, 1)
	assert.Empty(t, s.Runs[0].Decisions)
}

func TestConsecutiveQuietRunsShareALine(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	for n := 2; n < 5; n++ {
		f.judged(n, run.Unchanged, &stage.RosterChunk{})
	}
	f.run(5, run.Failed, func(r *run.Run) { r.Result.Error = &run.ResultError{Kind: "not_found"} })
	var text bytes.Buffer
	require.NoError(t, f.of("E1").WriteText(&text))
	assert.Contains(t, text.String(), "  3 runs: in the directory with the same row\n")
	assert.Contains(t, text.String(), "run "+id(105).String()+": the run ended before it checked rows: not_found\n")
	assert.True(t, strings.HasSuffix(text.String(), "\nValues are masked. Use --reveal to show them.\n"))
}

func TestAPersonWithoutATraceIsAnError(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	_, err := story.Collect(t.Context(), f, story.Question{Tenant: "acme", Person: "dee@example.com", Runs: 5})
	assert.EqualError(t, err, "no match in the members, the audit and the last 1 run of acme")
}

func TestAnErrorOfTheStoreIsReturned(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	f.judged(2, run.Applied, &stage.RosterChunk{})
	f.err = errors.New("the disk is gone")
	_, err := story.Collect(t.Context(), f, story.Question{Tenant: "acme", Person: "E1", Runs: 5})
	assert.ErrorIs(t, err, f.err)
	assert.ErrorContains(t, err, "run "+id(102).String())
}

func TestARowHasItsCellsWithTheirFields(t *testing.T) {
	t.Parallel()
	f := withAda(t)
	r := f.judged(2, run.Applied, &stage.RosterChunk{Users: []roster.User{user(7)}})
	f.put(r, "users", object{"columns": object{"names": []string{"Email", "Shoe_Size"}}, "filled": []int{1, 1}},
		&stage.UsersChunk{
			Rows: []roster.Row{
				{Number: 6, Cells: []roster.Cell{{Column: 0, Values: []string{"bo@example.com"}}}},
				{Number: 7, Cells: []roster.Cell{
					{Column: 0, Values: []string{"ada@example.com"}},
					{Column: 1, Values: []string{"39", "40"}},
				}},
			},
		})
	assert.Equal(t, []story.Cell{
		{Column: "Email", Fields: []string{"email"}, Value: "ada@example.com"},
		{Column: "Shoe_Size", Fields: []string{}, Value: "39; 40"},
	}, f.of("E1", revealed).Runs[1].Rows[0].Cells)
}
