package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/internal/story"
)

// ran adds a finished run with these stages. It begins n minutes after noon.
func addRun(t *testing.T, db *store.Store, n int, outcome round.Outcome, stages map[string]any) round.Run {
	t.Helper()
	started := noon.Add(time.Duration(n) * time.Minute)
	r, _, err := db.BeginRun(t.Context(), round.Run{
		ID: numbered(100 + n), Tenant: "acme", Origin: round.Scheduled, Workflow: "sync-acme",
		Execution: numbered(n).String(),
		Started:   started, Preview: outcome == round.Previewed,
	}, nil, func(round.Run, ledger.State) ([]byte, error) { return []byte("{}"), nil })
	require.NoError(t, err)
	for name, content := range stages {
		putStage(t, db, r.ID, name, content)
	}
	result := round.Result{
		Tenant: "acme", Run: r.ID.String(), Outcome: outcome, Started: started,
		Finished: started.Add(time.Second),
	}
	if outcome == round.Failed {
		result.Error = &round.ResultError{Kind: "not_found", Detail: "gone", Hint: "look"}
	}
	require.NoError(t, storetest.FinishRun(t.Context(), db, r.ID, result, nil))
	return r
}

// object is the content of a chunk.
type object map[string]any

func TestWhyShowsTheStoryOfAPerson(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme") // Ada and Bo are added at noon
	db := b.store()
	ada, bo, _ := people()
	addRun(t, db, 1, round.Unchanged, map[string]any{"roster": &stage.RosterChunk{}})
	addRun(t, db, 2, round.Unchanged, map[string]any{"roster": &stage.RosterChunk{}})
	addRun(t, db, 3, round.Failed, nil)
	departed := bo
	departed.Values[roster.Status] = roster.Departed
	depart := plan.Batch{
		Part:    plan.PartRemovals,
		Changes: []plan.Change{{Verb: plan.Depart, Member: bo.ID, Before: &bo, After: &departed, Why: plan.Absent}},
	}
	addRun(t, db, 4, round.Held, map[string]any{
		"roster":   &stage.RosterChunk{Absent: []uuid.UUID{bo.ID}},
		"removals": depart,
	})
	addRun(t, db, 5, round.Previewed, map[string]any{
		"roster":   &stage.RosterChunk{Absent: []uuid.UUID{bo.ID}},
		"removals": depart,
	})
	addRun(t, db, 6, round.Expired, map[string]any{
		"roster": &stage.RosterChunk{Kept: []uuid.UUID{bo.ID}},
		"issues": []roster.Issue{
			roster.CodeRequiredEmpty.Issue(roster.Identity{Row: 4, Email: "bo@example.com"}, roster.LastName),
		}, "users": &stage.UsersChunk{}, "removals": depart,
	})

	golden(t, "why/bo.txt", b.must("why", "acme", "BO@example.com"))
	golden(t, "why/bo_revealed.txt", b.must("why", "acme", bo.ID.String(), "--reveal", "--runs", "3"))
	golden(t, "why/ada.json", b.must("why", "acme", ada.ExternalID, "-o", "json"))

	_, err := db.DropChunks(t.Context(), "acme", noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Contains(t, b.must("why", "acme", "bo@example.com"),
		"3 runs: the retention dropped the rows and the plan on "+time.Now().UTC().Format("2006-01-02")+"\n")
}

func TestWhyOfAProtectedPerson(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	_, bo, _ := people()
	addRun(t, b.store(), 1, round.Unchanged, map[string]any{
		"roster": &stage.RosterChunk{Kept: []uuid.UUID{bo.ID}}, "users": &stage.UsersChunk{},
		"issues": []roster.Issue{roster.NewProtection(nil, "").ExclusionIssue(&bo, false)},
	})
	_, err := b.store().PutTenant(t.Context(), store.Tenant{ID: "acme", Name: "acme", Settings: []byte(`{"id":"acme",
		"protected":[{"external_id":"7","reason":"x"},{"email":"bo@example.com","reason":"on leave","until":"2027-01-31"}],
		"sentinels":[{"email":"bo@example.com"}]}`)})
	require.NoError(t, err)
	shown := b.must("why", "acme", "bo@example.com")
	assert.Contains(t, shown, "not in the directory, but protected: member unchanged\n")
	assert.Contains(t, shown, "named in tenants.yaml\n  protected[1]  until 2027-01-31\n  sentinels[0]\n")
	assert.NotContains(t, shown, "on leave")
	assert.Contains(t, b.must("why", "acme", "bo@example.com", "--reveal"), "until 2027-01-31: on leave\n")
}

func TestWhyOfAnUnknownPersonFails(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	status, out, errOut := b.run("why", "acme", "dee@example.com")
	assert.Equal(t, exitFailed, status)
	assert.Empty(t, out)
	assert.Equal(t, "Error: no match in the members, the audit and the last 1 run of acme\n", errOut)
}

func TestWhyOfAPersonWithOnlyRejectedRows(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	addRun(t, b.store(), 1, round.Unchanged, map[string]any{
		"roster": &stage.RosterChunk{}, "users": &stage.UsersChunk{},
		"issues": []roster.Issue{roster.CodeRequiredEmpty.Issue(roster.Identity{
			Row: 4, ExternalID: "E9",
			Email: "cy@example.com",
		}, roster.LastName)},
	})
	var got story.Story
	require.NoError(t, json.Unmarshal([]byte(b.must("why", "acme", "E9", "-o", "json")), &got))
	assert.Empty(t, got.Members)
	assert.Equal(t, story.RowOfUnknown, got.Runs[1].State)
	assert.Equal(t, "rejected", got.Runs[1].Rows[0].Verdict)
	assert.Equal(t, roster.CodeRequiredEmpty, got.Runs[1].Rows[0].Issues[0].Code)
	assert.Contains(t, b.must("why", "acme", "cy@example.com"), "no member of acme matches\n")
}

func TestWhyOfADeletedMemberHasNoValues(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	db := b.store()
	_, bo, _ := people()
	r, err := storetest.BeginRun(t.Context(), db,
		round.Run{ID: numbered(200), Tenant: "acme", Workflow: "w", Execution: "e", Started: noon.Add(time.Hour)})
	require.NoError(t, err)
	base, err := db.Claim(t.Context(),
		ledger.Claim{Tenant: "acme", Run: r.ID, Plan: "q", Generation: 1, Changes: 1, Batches: 1})
	require.NoError(t, err)
	_, err = db.ApplyBatch(t.Context(),
		ledger.Batch{Tenant: "acme", Run: r.ID, Base: base, At: noon.Add(time.Hour), Changes: []plan.Change{
			{Verb: plan.Delete, Member: bo.ID, Before: &bo, Why: plan.GraceOver},
		}})
	require.NoError(t, err)
	golden(t, "why/deleted.txt", b.must("why", "acme", bo.ID.String()))
	status, _, _ := b.run("why", "acme", "bo@example.com")
	assert.Equal(t, exitFailed, status, "the email is erased")
}
