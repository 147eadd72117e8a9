package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

// levelled returns a bench without Temporal, with a tenant whose levels map is {"M4": "Manager"} and that has a member of
// each level.
func newWithLevels(t *testing.T, levels ...string) *bench {
	t.Helper()
	b := newBench(t, nil)
	db := b.store()
	_, err := db.PutTenant(t.Context(), store.Tenant{
		ID: "acme", Name: "Acme Corporation", Settings: []byte(`{"id":"acme","levels":{"M4":"Manager"}}`),
		Sealed: []byte("sealed"),
	})
	require.NoError(t, err)
	r, err := storetest.BeginRun(t.Context(), db,
		round.Run{ID: numbered(0), Tenant: "acme", Workflow: "w", Execution: "e", Started: noon})
	require.NoError(t, err)
	role := roster.Levels{"M4": "Manager"}.Mapper()
	var changes []plan.Change
	for i, level := range levels {
		m := roster.Member{ID: numbered(i + 1), Version: 1}
		m.Values[roster.Email], m.Values[roster.Status] = fmt.Sprintf("m%d@example.com", i), roster.Active
		m.Values[roster.ManagementLevel] = level
		m.Values[roster.Role], _ = role(level)
		changes = append(changes, plan.Change{Verb: plan.Add, Member: m.ID, After: &m, Why: plan.Appeared})
	}
	base, err := db.Claim(t.Context(),
		ledger.Claim{Tenant: "acme", Run: r.ID, Plan: "p", Changes: len(changes), Batches: 1})
	require.NoError(t, err)
	_, err = db.ApplyBatch(t.Context(),
		ledger.Batch{Tenant: "acme", Run: r.ID, Base: base, At: noon, Changes: changes})
	require.NoError(t, err)
	return b
}

// yaml writes a file with trial settings and returns its path.
func (b *bench) yaml(name, text string) string {
	b.Helper()
	path := filepath.Join(b.home, name)
	require.NoError(b, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// previewJSON is the JSON output of preview.
type previewJSON struct {
	Run     string
	Preview bool
	Tried   []string
	Changes []struct {
		Op, Member string
		Fields     map[string][2]any
	}
	Issues   []struct{ Code, Detail string }
	Replayed *struct {
		Members, Changed int
		Roles            []struct {
			Before, After string
			Members       int
		}
		Levels []struct{ Level string }
	}
	Compared *struct {
		Run     string
		Tried   []string
		Changes []struct{ Kind string }
		Issues  []struct{ Kind string }
		Totals  struct {
			Changes struct{ New, Gone, Changed int }
		}
	}
}

func (b *bench) preview(args ...string) (p previewJSON) {
	b.Helper()
	text := b.must(append([]string{"preview", "acme", "-o", "json"}, args...)...)
	require.NoError(b, json.Unmarshal([]byte(text), &p), text)
	return p
}

func TestALevelSimulationNeedsNoWorkerAndIsStored(t *testing.T) {
	t.Parallel()
	b := newWithLevels(t, "M4", "M4", "Director", "P1", "")
	before := b.must("members", "acme", "-o", "json") + b.must("changes", "acme", "-o", "json")
	state, err := b.store().State(t.Context(), "acme")
	require.NoError(t, err)

	first := b.preview("--levels", b.yaml("levels.yaml", "levels: {M4: Sr. Manager}\n"))
	assert.True(t, first.Preview)
	assert.Equal(t, []string{"levels"}, first.Tried)
	require.NotNil(t, first.Replayed)
	assert.Equal(t, 4, first.Replayed.Members)
	require.Len(t, first.Replayed.Roles, 1)
	assert.Equal(t, []any{"Manager", "Sr. Manager", 2},
		[]any{first.Replayed.Roles[0].Before, first.Replayed.Roles[0].After, first.Replayed.Roles[0].Members})
	require.Len(t, first.Changes, 2)
	assert.Equal(t, map[string][2]any{"role": {"Manager", "Sr. Manager"}}, first.Changes[0].Fields)
	require.Len(t, first.Issues, 1)
	assert.Contains(t, first.Issues[0].Detail, `"P1"`)
	assert.Nil(t, first.Compared)

	same := b.preview("--levels", b.yaml("bare.yaml", "M4: Sr. Manager\n"))
	require.NotNil(t, same.Compared)
	assert.Equal(t, first.Run, same.Compared.Run)
	assert.Empty(t, same.Compared.Changes)
	assert.Empty(t, same.Compared.Issues)

	other := b.preview("--levels", b.yaml("other.yaml", "P1: Analyst\nM4: VP\n"))
	assert.Equal(t, same.Run, other.Compared.Run)
	assert.Equal(t, 1, other.Compared.Totals.Changes.New)
	assert.Equal(t, 2, other.Compared.Totals.Changes.Changed)
	require.Len(t, other.Compared.Issues, 1)
	assert.Equal(t, "gone", other.Compared.Issues[0].Kind)
	assert.Equal(t, first.Run, b.preview("--levels", filepath.Join(b.home, "other.yaml"), "--against",
		first.Run).Compared.Run)

	assert.Equal(t, before, b.must("members", "acme", "-o", "json")+b.must("changes", "acme", "-o", "json"))
	after, err := b.store().State(t.Context(), "acme")
	require.NoError(t, err)
	assert.Equal(t, state, after)

	assert.Equal(t, 4, strings.Count(b.must("runs", "acme", "--previews", "-o", "json"), "\n"))
	assert.Equal(t, 5, strings.Count(b.must("runs", "acme", "-o", "json"), "\n"))
	assert.Contains(t, b.must("runs", "acme"), "preview levels")
	for _, format := range []string{"text", "html"} {
		again := b.must("report", "acme", other.Run, "-o", format)
		assert.Contains(t, again, "This preview shows", format)
		assert.Contains(t, again, "P1", format)
	}
	assert.Contains(t, b.must("report", "acme", other.Run, "-o", "csv"), ",updated,")
	assert.Contains(t, b.must("report", "acme", other.Run, "-o", "json"), `"replayed":{"members":4,`)
	assert.Contains(t, b.must("why", "acme", "m0@example.com", "--reveal"), "role: Manager → VP")
	status, _, errOut := b.run("report", "acme")
	assert.Equal(t, exitFailed, status, "a preview is no sync")
	assert.Contains(t, errOut, "no sync of acme has ended yet")
}

func TestTheTextOfALevelSimulationIsBounded(t *testing.T) {
	t.Parallel()
	levels := make([]string, 2500)
	for i := range levels {
		levels[i] = "M4"
	}
	b := newWithLevels(t, levels...)
	path := b.yaml("levels.yaml", "M4: VP\n")
	text := b.must("preview", "acme", "--levels", path)
	assert.Less(t, strings.Count(text, "\n"), 60)
	assert.Contains(t, text, "Acme Corporation, PREVIEW")
	assert.Contains(t, text, "Manager → VP  (2500 members)")
	assert.Contains(t, text, "M4  mapped differently: Manager → VP")
	assert.Contains(t, text, "... and 2480 more (-o json has all)")
	assert.Contains(t, text, "There is no earlier preview to compare with.")
	assert.Contains(t, b.must("preview", "acme", "--levels", path), "The same plan and the same issues.")
	assert.Len(t, b.preview("--levels", path).Changes, 2500)
}

func TestAnImpossiblePreviewSaysWhy(t *testing.T) {
	t.Parallel()
	b := newWithLevels(t, "M4")
	good := b.yaml("good.yaml", "M4: VP\n")
	db := b.store()
	failed, err := storetest.BeginRun(t.Context(), db, round.Run{
		ID: numbered(50), Tenant: "acme", Origin: round.Scheduled, Workflow: "sync-acme", Execution: "f",
		Started: noon.Add(time.Minute),
	})
	require.NoError(t, err)
	require.NoError(t, storetest.FinishRun(t.Context(), db, failed.ID, round.Result{Outcome: round.Failed}, nil))
	old := b.preview("--levels", good).Run
	_, err = db.DropChunks(t.Context(), "acme", time.Now().Add(time.Hour))
	require.NoError(t, err)
	wrong := b.yaml("wrong.yaml", "levels:\n  M4:\nlevel: {M5: VP}\n")
	for name, c := range map[string]struct {
		args   []string
		status int
		want   []string
	}{
		"a file with problems": {
			[]string{"--levels", wrong},
			exitFailed,
			[]string{
				wrong + ": 2 problems, nothing was previewed:\n", "line 2: levels.M4: is missing: write the role",
				"line 3: level: is not a key here: did you mean levels?",
			},
		},
		"an unknown field": {
			[]string{"--fields", b.yaml("f.yaml", "Mail: emial\n")},
			exitFailed,
			[]string{"did you mean email?"},
		},
		"a missing file": {
			[]string{"--levels", "nowhere.yaml"},
			exitFailed,
			[]string{"open nowhere.yaml: no such file or directory"},
		},
		"both from standard input": {
			[]string{"--levels", "-", "--fields", "-"},
			exitUsage,
			[]string{"only one of --levels and --fields can read the standard input"},
		},
		"against no id": {
			[]string{"--levels", good, "--against", "last"},
			exitUsage,
			[]string{"is not a run id"},
		},
		"against an unknown run": {
			[]string{"--levels", good, "--against", numbered(77).String()},
			exitUsage,
			[]string{"acme has no run"},
		},
		"against a run without plan": {
			[]string{"--levels", good, "--against", failed.ID.String()},
			exitFailed,
			[]string{"cannot compare with run " + failed.ID.String() + ": it ended before it had a plan"},
		},
		"against a dropped run": {
			[]string{"--levels", good, "--against", old},
			exitFailed,
			[]string{"its plan has been deleted (retention"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, errOut := b.run(append([]string{"preview", "acme"}, c.args...)...)
			assert.Equal(t, c.status, status, errOut)
			assert.Empty(t, out)
			for _, want := range c.want {
				assert.Contains(t, errOut, want)
			}
		})
	}
	assert.Nil(t, b.preview("--levels", good).Compared, "what is no longer kept isn't compared with")
}

func TestLevelsMayComeFromTheStandardInput(t *testing.T) {
	t.Parallel()
	b := newWithLevels(t, "M4")
	env := b.environment()
	env.stdin = strings.NewReader("M4: VP\n")
	var out, errOut syncBuffer
	require.Equal(t, exitDone, run(t.Context(), env, []string{"preview", "acme", "--levels", "-"}, &out, &errOut),
		errOut.String())
	assert.Contains(t, out.String(), "Manager → VP  (1 member)")
}

func TestALevelSimulationThatFailsIsRecorded(t *testing.T) {
	t.Parallel()
	b := newWithLevels(t, "M4")
	path := b.yaml("levels.yaml", "M4: VP\n")
	db, err := sql.Open("sqlite", filepath.Join(b.home, "rollcall.db"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "UPDATE members SET version = 'unreadable'")
	require.NoError(t, err)
	status, out, errOut := b.run("preview", "acme", "--levels", path)
	assert.Equal(t, exitFailed, status)
	assert.Empty(t, out)
	assert.Contains(t, errOut, "simulate the levels of acme: ")
	_, err = db.ExecContext(t.Context(), "UPDATE members SET version = 1")
	require.NoError(t, err)

	runs, err := b.store().Previews(t.Context(), "acme", 1)
	require.NoError(t, err)
	require.Equal(t, round.Failed, runs[0].Result.Outcome)
	assert.Contains(t, b.must("report", "acme", runs[0].ID.String()), "This preview failed")
	assert.Nil(t, b.preview("--levels", path).Compared, "there is nothing to compare with")
}
