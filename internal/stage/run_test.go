package stage_test

import (
	"encoding/json"
	"errors"
	"iter"
	"path/filepath"
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
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/internal/wire"
)

// object is the content of a chunk or a summary under its own names.
type object map[string]any

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "rollcall.db"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	_, err = s.PutTenant(t.Context(), store.Tenant{ID: "acme", Name: "Acme", Settings: []byte(`{"id":"acme"}`)})
	require.NoError(t, err)
	return s
}

func begin(t *testing.T, s *store.Store) run.Run {
	t.Helper()
	id := uuid.New()
	r, err := storetest.BeginRun(
		t.Context(),
		s,
		run.Run{ID: id, Tenant: "acme", Workflow: "w", Execution: id.String(), Started: time.Now()},
	)
	require.NoError(t, err)
	return r
}

// put seals a stage with one chunk, or none if content is nil.
func put(t *testing.T, s *store.Store, r run.Run, name string, summary, content any) {
	t.Helper()
	_, err := s.ClaimStage(t.Context(), r.ID, name, 1, false, time.Time{})
	require.NoError(t, err)
	if content != nil {
		data, err := wire.Encode(content)
		require.NoError(t, err)
		require.NoError(
			t,
			s.PutChunk(t.Context(), ledger.Chunk{Run: r.ID, Stage: name, Attempt: 1, Data: data}, ledger.Progress{}),
		)
	}
	text, err := json.Marshal(summary)
	require.NoError(t, err)
	require.NoError(t, s.SealStage(t.Context(), r.ID, name, 1, text))
}

func all[T any](values iter.Seq2[T, error]) (list []T, err error) {
	for value, err := range values {
		if err != nil {
			return list, err
		}
		list = append(list, value)
	}
	return list, nil
}

func member(n byte) roster.Member {
	m := roster.Member{ID: uuid.UUID{15: n}, Version: 1}
	m.Values[roster.Email], m.Values[roster.Status] = string('a'+rune(n))+"@example.com", roster.Active
	return m
}

// write writes the stages of a simulation with one change and one issue.
func write(t *testing.T, s *store.Store, r run.Run) plan.Change {
	t.Helper()
	before, after := member(1), member(1)
	after.Values[roster.Role] = "VP"
	change := plan.Change{Verb: plan.Update, Member: before.ID, Before: &before, After: &after, Why: plan.RowChanged}
	attempt := stage.Attempt{Store: s, Run: r.ID, Number: 1, Now: time.Now}
	parts, err := attempt.ClaimPlan(t.Context(), plan.Parts()...)
	require.NoError(t, err)
	builder := parts.Builder(t.Context(), func(int) {})
	require.NoError(t, builder.Add(change))
	planned, err := builder.Close(func(uuid.UUID, int) bool { return false })
	require.NoError(t, err)
	require.NoError(t, parts.Wait())
	require.NoError(t, attempt.Write(t.Context(), ledger.StageIssues, []roster.Issue{roster.UnmappedLevelIssue("P1")}))
	require.NoError(t, attempt.Seal(t.Context(), ledger.StageReplay, object{"members": 4}))
	require.NoError(t, attempt.Seal(t.Context(), ledger.StagePlan, planned))
	return change
}

func TestWhatAWriterWroteIsRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := begin(t, s)
	change := write(t, s, r)
	stages := stage.NewRun(s, r)
	require.NoError(t, stages.CheckComplete(t.Context()))
	changes, err := all(stages.Part(t.Context(), plan.PartAdditions))
	require.NoError(t, err)
	require.Len(t, changes, 1)
	assert.Equal(t, change.Fields(), changes[0].Fields())
	issues, err := all(stages.Issues(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []roster.Issue{roster.UnmappedLevelIssue("P1")}, issues)
	var result struct{ Members int }
	found, err := stages.Simulation(t.Context(), &result)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, 4, result.Members)
}

func TestAStageThatTheRunNeverReachedIsEmpty(t *testing.T) {
	t.Parallel()
	s := open(t)
	stages := stage.NewRun(s, begin(t, s))
	changes, err := all(stages.Part(t.Context(), plan.PartAdditions))
	require.NoError(t, err)
	assert.Empty(t, changes)
	parts, err := all(stages.Roster(t.Context()))
	require.NoError(t, err)
	assert.Empty(t, parts)
	judged, err := stages.Judged(t.Context())
	require.NoError(t, err)
	assert.False(t, judged)
	assert.EqualError(t, stages.CheckComplete(t.Context()), "it ended before it had a plan")
}

func TestWhatTheRetentionHasDroppedIsSaid(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := begin(t, s)
	write(t, s, r)
	require.NoError(
		t,
		storetest.FinishRun(t.Context(), s, r.ID, run.Result{Outcome: run.Previewed, Finished: time.Now()}, nil),
	)
	_, err := s.DropChunks(t.Context(), "acme", time.Now().Add(time.Hour))
	require.NoError(t, err)
	stages := stage.NewRun(s, r)
	_, err = all(stages.Issues(t.Context()))
	require.ErrorIs(t, err, stage.ErrDropped)
	_, err = all(stages.Part(t.Context(), plan.PartAdditions))
	require.ErrorIs(t, err, stage.ErrDropped)
	removals, err := all(stages.Part(t.Context(), plan.PartRemovals))
	require.NoError(t, err, "there were none")
	assert.Empty(t, removals)
	assert.EqualError(t, stages.CheckComplete(t.Context()), "its plan has been deleted (retention in tenants.yaml)")
}

func TestARunThatRepeatsAVerdictHasItsColumnsIssues(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := begin(t, s)
	absent := roster.CodeColumnAbsent.Issue(roster.Identity{}, roster.Office)
	put(t, s, first, "roster", object{"columns": []roster.Issue{absent}}, nil)
	r := begin(t, s)
	r.SameAs = first.ID
	stages := stage.NewRun(s, r)
	issues, err := all(stages.Issues(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []roster.Issue{absent}, issues)
	judged, err := stages.Judged(t.Context())
	require.NoError(t, err)
	assert.True(t, judged)
	assert.NoError(t, stages.CheckComplete(t.Context()))
}

func TestARunThatFoundNothingChangedHasAnEmptyPlan(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := begin(t, s)
	put(t, s, r, "roster", object{"unchanged": true}, nil)
	assert.NoError(t, stage.NewRun(s, r).CheckComplete(t.Context()))
}

func TestHeldPartsAreThoseThatTheHeldPlanNames(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := begin(t, s)
	assert.Empty(t, stage.NewRun(s, r).HeldParts(t.Context()))
	summary := plan.Summary{Removals: plan.PartSummary{ID: "aa"}, Withheld: plan.PartSummary{ID: "bb"}}
	put(t, s, r, "plan", summary, nil)
	for held, want := range map[string][]plan.Part{
		summary.HeldID(plan.Kinds{Removals: true}): {plan.PartRemovals, plan.PartWithheld},
		summary.HeldID(plan.Kinds{}):               {plan.PartWithheld},
		"another":                                  nil,
	} {
		r.Result = &run.Result{Held: &run.HeldPlan{Plan: held}}
		assert.Equal(t, want, stage.NewRun(s, r).HeldParts(t.Context()))
	}
}

func TestRowsAreThoseThatTheRunDidNotKnowBefore(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := uuid.New()
	r, _, err := s.BeginRun(
		t.Context(),
		run.Run{ID: id, Tenant: "acme", Workflow: "w", Execution: id.String(), Started: time.Now()},
		nil,
		func(run.Run, ledger.State) ([]byte, error) { return json.Marshal(object{"settings": object{}}) },
	)
	require.NoError(t, err)
	rows, err := stage.NewRun(s, r).Rows(t.Context())
	require.NoError(t, err)
	none, err := all(rows.All)
	require.NoError(t, err)
	assert.Empty(t, none, "it knew all of them")

	columns := object{"names": []string{"Email"}}
	put(t, s, r, "users", object{"again": true, "columns": columns}, &stage.UsersChunk{})
	put(
		t,
		s,
		r,
		"users_again",
		object{"columns": columns, "filled": []int{1}},
		&stage.UsersChunk{Rows: []roster.Row{{Number: 7}}},
	)
	rows, err = stage.NewRun(s, r).Rows(t.Context())
	require.NoError(t, err)
	list, err := all(rows.All)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, 7, list[0].Number)
	assert.Equal(t, []string{"Email"}, rows.Columns.Names)
}

func TestAnErrorNamesWhatWasRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := begin(t, s)
	put(t, s, r, "issues", object{}, "no list")
	put(t, s, r, "additions", object{}, "no batch")
	_, err := all(stage.NewRun(s, r).Issues(t.Context()))
	require.ErrorContains(t, err, "issues: ")
	_, err = all(stage.NewRun(s, r).Part(t.Context(), plan.PartAdditions))
	require.ErrorContains(t, err, "plan: ")
	require.False(t, errors.Is(err, stage.ErrDropped))
}
