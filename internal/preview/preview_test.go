package preview_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/preview"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/internal/tenant"
)

// withMembers returns a store with a tenant that maps M4 to Manager and has a member of each level.
func withMembers(t *testing.T, levels ...string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "rollcall.db"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	_, err = s.PutTenant(t.Context(), store.Tenant{
		ID: "acme", Name: "Acme",
		Settings: []byte(`{"id":"acme","levels":{"M4":"Manager"}}`),
	})
	require.NoError(t, err)
	r, err := storetest.BeginRun(t.Context(), s,
		run.Run{ID: uuid.New(), Tenant: "acme", Workflow: "w", Execution: "e", Started: time.Now()})
	require.NoError(t, err)
	var changes []plan.Change
	for n, level := range levels {
		m := roster.Member{ID: uuid.UUID{15: byte(n + 1)}, Version: 1}
		m.Values[roster.ManagementLevel], m.Values[roster.Status] = level, roster.Active
		m.Values[roster.Email] = string(rune('a'+n)) + "@example.com"
		m.Values[roster.Role], _ = roster.Levels{"M4": "Manager"}.Mapper()(level)
		changes = append(changes, plan.Change{Verb: plan.Add, Member: m.ID, After: &m, Why: plan.Appeared})
	}
	base, err := s.Claim(t.Context(), ledger.Claim{
		Tenant: "acme", Run: r.ID, Plan: "p", Changes: len(changes),
		Batches: 1,
	})
	require.NoError(t, err)
	_, err = s.ApplyBatch(t.Context(), ledger.Batch{
		Tenant: "acme", Run: r.ID, Base: base, At: time.Now(),
		Changes: changes,
	})
	require.NoError(t, err)
	return s
}

var toVP = tenant.Trial{Levels: map[string]string{"M4": "VP"}}

func simulate(t *testing.T, s *store.Store, trial tenant.Trial) run.Run {
	t.Helper()
	r, err := preview.Simulate(t.Context(), s, request.Request{Tenant: "acme", By: "Jo"}, trial)
	require.NoError(t, err)
	return r
}

func TestASimulationIsStoredAsAPreviewWithItsRequest(t *testing.T) {
	t.Parallel()
	s := withMembers(t, "M4", "M4", "Director")
	r := simulate(t, s, toVP)
	assert.True(t, r.Simulated())
	assert.Equal(t, run.Previewed, r.Result.Outcome)
	assert.Equal(t, run.ChangeCounts{Updated: 2}, r.Result.Changes)
	req, err := request.ForRun(t.Context(), s, r)
	require.NoError(t, err)
	assert.Equal(t, []string{"preview", "Jo"}, []string{req.Verb, req.By})
	tried, err := request.Tried(req)
	require.NoError(t, err)
	assert.Equal(t, []string{"levels"}, tried)
}

func TestTheBaselineIsTheLastPreviewThatTriedTheSameKeys(t *testing.T) {
	t.Parallel()
	s := withMembers(t, "M4")
	none, err := preview.Baseline(t.Context(), s, "acme", toVP)
	require.NoError(t, err)
	assert.Nil(t, none)
	simulate(t, s, toVP)
	last := simulate(t, s, tenant.Trial{Levels: map[string]string{"M4": "SVP"}})
	found, err := preview.Baseline(t.Context(), s, "acme", toVP)
	require.NoError(t, err)
	require.NotNil(t, found)
	assert.Equal(t, last.ID, found.ID)
	none, err = preview.Baseline(t.Context(), s, "acme", tenant.Trial{})
	require.NoError(t, err)
	assert.Nil(t, none, "none was under the tenant's own settings")

	_, err = s.DropChunks(t.Context(), "acme", time.Now().Add(time.Hour))
	require.NoError(t, err)
	none, err = preview.Baseline(t.Context(), s, "acme", toVP)
	require.NoError(t, err)
	assert.Nil(t, none, "the retention has dropped their plans")
}

// read adds a preview under the tenant's settings that saw members of the generation.
func read(t *testing.T, s *store.Store, generation int64) run.Run {
	t.Helper()
	id := uuid.New()
	opening, err := json.Marshal(map[string]any{
		"settings": map[string]any{"levels": map[string]string{"M4": "Manager"}},
		"round":    map[string]any{"generation": generation},
	})
	require.NoError(t, err)
	r, _, err := s.BeginRun(t.Context(), run.Run{
		ID: id, Tenant: "acme", Workflow: "preview-acme", Execution: id.String(), Preview: true, Started: time.Now(),
	}, nil, func(run.Run, ledger.State) ([]byte, error) { return opening, nil })
	require.NoError(t, err)
	_, err = s.ClaimStage(t.Context(), id, "plan", 1, false, time.Time{})
	require.NoError(t, err)
	require.NoError(t, s.SealStage(t.Context(), id, "plan", 1, []byte(`{}`)))
	require.NoError(t, storetest.FinishRun(t.Context(), s, id, run.Result{Outcome: run.Previewed, Finished: time.Now()},
		nil))
	return r
}

func TestAFieldTrialIsComparedOnlyWithAPreviewOfTheCurrentMembers(t *testing.T) {
	t.Parallel()
	fields := tenant.Trial{Fields: roster.FieldMap{}}
	s := withMembers(t, "M4")
	state, err := s.State(t.Context(), "acme")
	require.NoError(t, err)
	baseline := func() *run.Run {
		found, err := preview.Baseline(t.Context(), s, "acme", fields)
		require.NoError(t, err)
		return found
	}
	assert.Nil(t, baseline())
	current := read(t, s, state.Generation)
	require.NotNil(t, baseline())
	assert.Equal(t, current.ID, baseline().ID)
	simulate(t, s, toVP)
	assert.Equal(t, current.ID, baseline().ID, "previews of other settings don't count")
	read(t, s, state.Generation-1)
	assert.Nil(t, baseline(), "the members have changed since the last one")
	current = read(t, s, state.Generation)
	assert.Equal(t, current.ID, baseline().ID)
	_, err = s.PutTenant(t.Context(), store.Tenant{
		ID: "acme", Name: "Acme",
		Settings: []byte(`{"id":"acme","levels":{"M4":"Lead"}}`),
	})
	require.NoError(t, err)
	assert.Nil(t, baseline(), "the settings have changed since")
}
