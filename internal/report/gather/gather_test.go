package gather_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/report/gather"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/internal/wire"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "rollcall.db"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	_, err = s.PutTenant(t.Context(), store.Tenant{ID: "acme", Name: "Acme", Settings: []byte(`{"id":"acme"}`)})
	require.NoError(t, err)
	return s
}

func added(n byte, email string) plan.Change {
	m := roster.Member{ID: uuid.UUID{15: n}, Version: 1}
	m.Values[roster.Email], m.Values[roster.Status] = email, roster.Active
	return plan.Change{Verb: plan.Add, Member: m.ID, After: &m, Why: plan.Appeared}
}

func group(n byte, name string) plan.Change {
	g := roster.Group{ID: uuid.UUID{14: 1, 15: n}, Key: name, Name: name}
	return plan.Change{Verb: plan.AddGroup, Group: g.ID, AfterGroup: &g, Why: plan.GroupAppeared}
}

func joined(member, g plan.Change) plan.Change {
	return plan.Change{Verb: plan.AddMembership, Member: member.Member, Group: g.Group, Why: plan.Listed}
}

// preview adds a preview whose plan has these additions.
func preview(t *testing.T, s *store.Store, changes ...plan.Change) run.Run {
	t.Helper()
	id, err := uuid.NewV7()
	require.NoError(t, err)
	_, err = storetest.BeginRun(t.Context(), s, run.Run{
		ID: id, Tenant: "acme", Workflow: "preview-acme", Execution: id.String(), Preview: true, Started: noon,
	})
	require.NoError(t, err)
	_, err = s.ClaimStage(t.Context(), id, string(plan.PartAdditions), 1, false, time.Time{})
	require.NoError(t, err)
	data, err := wire.Encode(&plan.Batch{Part: plan.PartAdditions, Changes: changes})
	require.NoError(t, err)
	require.NoError(t, s.PutChunk(t.Context(),
		ledger.Chunk{Run: id, Stage: string(plan.PartAdditions), Attempt: 1, Data: data}, ledger.Progress{}))
	require.NoError(t, storetest.FinishRun(t.Context(), s, id,
		run.Result{Tenant: "acme", Run: id.String(), Outcome: run.Previewed, Started: noon, Finished: noon}, nil))
	r, err := s.Run(t.Context(), "acme", id)
	require.NoError(t, err)
	return r
}

func write(t *testing.T, s *store.Store, r run.Run, format report.Format, earlier *run.Run) (string, bool) {
	t.Helper()
	g := gather.New(s, r, format)
	in, err := g.Input(t.Context(), earlier)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, report.Write(&text, format, in))
	return text.String(), g.Dropped()
}

func TestPlannedPeopleAndGroupsAreNamedExceptInJSON(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, tea := added(1, "ada@example.com"), group(1, "Tea")
	r := preview(t, s, ada, tea, joined(ada, tea))
	text, dropped := write(t, s, r, report.Text, nil)
	assert.Contains(t, text, "membership_added, planned  (1)\n    ada@example.com  group Tea  (listed)\n")
	assert.False(t, dropped)
	programs, _ := write(t, s, r, report.JSON, nil)
	var got struct{ Changes []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(programs), &got))
	require.Len(t, got.Changes, 3)
	assert.NotContains(t, got.Changes[2], "email")
}

func TestChangesAreNamedInBatches(t *testing.T) {
	t.Parallel()
	s := open(t)
	tea := group(1, "Tea")
	changes := []plan.Change{tea}
	for n := range 200 {
		ada := added(byte(n), "m@example.com")
		for range 6 {
			changes = append(changes, joined(ada, tea))
		}
	}
	sheet, _ := write(t, s, preview(t, s, changes...), report.CSV, nil)
	named := 0
	for line := range strings.Lines(sheet) {
		if strings.Contains(line, "membership_added") && strings.Contains(line, ",Tea,") {
			named++
		}
	}
	assert.Equal(t, 1200, named)
}

func TestAComparisonNamesThePeopleOfBothPreviews(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, bo, tea := added(1, "ada@example.com"), added(2, "bo@example.com"), group(1, "Tea")
	earlier := preview(t, s, ada, tea, joined(ada, tea))
	now := preview(t, s, bo, tea, joined(bo, tea))
	text, _ := write(t, s, now, report.Text, &earlier)
	assert.Contains(t, text, "new: membership_added, planned  (1)\n    bo@example.com  group Tea")
	assert.Contains(t, text, "gone: membership_added, planned  (1)\n    ada@example.com  group Tea")
	programs, _ := write(t, s, now, report.JSON, &earlier)
	var got struct {
		Compared struct {
			Totals struct {
				Changes struct{ New, Gone, Changed int }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(programs), &got))
	assert.Equal(t, struct{ New, Gone, Changed int }{2, 2, 0}, got.Compared.Totals.Changes)
}

func TestAReportKnowsThatAPartWasDropped(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := preview(t, s, added(1, "ada@example.com"))
	_, err := s.DropChunks(t.Context(), "acme", time.Now())
	require.NoError(t, err)
	_, dropped := write(t, s, r, report.Text, nil)
	assert.True(t, dropped)
}
