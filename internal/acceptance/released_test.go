package acceptance_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// Each folder is what one release kept: a database, the Temporal server's own, and what the starter said of them. A later
// release must read all of it, and finish what was under way. With ROLLCALL_RECORD_RELEASED set this code first records
// a folder: only for a release.
func TestWhatAReleaseKeptIsReadAndFinishedByThisCode(t *testing.T) {
	t.Parallel()
	if release := os.Getenv(recordReleased); release != "" {
		recordReleases(t, release)
	}
	for _, folder := range releasedFolders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			u := newUpgrade(t, folder)
			u.showsWhatWasKept()
			u.readsEveryRow()
			u.finishesWhatWasUnderWay()
		})
	}
}

// A profile field is one row of the field table and one migration. What was kept without the field is read by a program
// that has it, and the next sync fills it.
func TestWhatAReleaseKeptIsReadByAProgramWithOneFieldMore(t *testing.T) {
	t.Parallel()
	programs := buildWithOneFieldMore(t)
	for _, folder := range releasedFolders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			u := newUpgrade(t, folder)
			u.binaries = programs
			u.showsWhatWasKept()
			u.finishesWhatWasUnderWay()
			var report struct {
				Rows []json.RawMessage `json:"Report_Entry"`
			}
			require.NoError(t, json.Unmarshal(u.kept("users.json"), &report))
			u.resync(3, holdingTenant) // the undo took the values back
			filled := 0
			for _, member := range u.lines("members", holdingTenant) {
				require.Contains(t, member, "cost_center")
				if member["cost_center"] != nil {
					filled++
				}
			}
			require.Equal(t, len(report.Rows), filled, "everybody in the report has a cost center")
		})
	}
}

// releasedFolders are the recordings, by release and database.
func releasedFolders(t *testing.T) []string {
	folders, err := filepath.Glob(filepath.Join(releasedFolder, "*", "*"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(folders), 2)
	return folders
}

// buildWithOneFieldMore builds worker and starter with a copy of the field table that has one more row, and its migrations.
func buildWithOneFieldMore(t *testing.T) (folder string) {
	folder = t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	table := string(read(t, filepath.Join(root, "internal/roster/field_table.go")))
	for _, change := range [][2]string{
		{"\tExternalID // identifies", "\tCostCenter\n\tExternalID // identifies"},
		{"\tExternalID: {\n", "\tCostCenter: {\n\t\tname: \"cost_center\", number: 32, demand: Additional, kind: asText, " +
			"limit: textLimit, policy: workersPolicy,\n\t\tcolumns: []string{\"costcenter\"},\n\t},\n\tExternalID: {\n"},
	} {
		require.Contains(t, table, change[0])
		table = strings.Replace(table, change[0], change[1], 1)
	}
	const migration = "-- +goose Up\nALTER TABLE members ADD COLUMN cost_center TEXT NOT NULL DEFAULT '';\n"
	overlay := map[string]string{}
	for path, text := range map[string]string{
		"internal/roster/field_table.go":                           table,
		"internal/store/sqlite/migrations/99999_cost_center.sql":   migration,
		"internal/store/postgres/migrations/99999_cost_center.sql": migration,
	} {
		copied := filepath.Join(folder, strings.ReplaceAll(path, "/", "_"))
		require.NoError(t, os.WriteFile(copied, []byte(text), 0o600))
		overlay[filepath.Join(root, path)] = copied
	}
	replaced, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	list := filepath.Join(folder, "overlay.json")
	require.NoError(t, os.WriteFile(list, replaced, 0o600))
	out, err := exec.Command("go", "build", "-overlay", list, "-o", folder+"/", "../../worker", "../../starter").CombinedOutput()
	require.NoError(t, err, string(out))
	return folder
}

// upgrade is a world that starts where a recording ended.
type upgrade struct {
	*world
	folder, database string
	reports          *httptest.Server
}

func newUpgrade(t *testing.T, folder string) *upgrade {
	t.Helper()
	u := &upgrade{world: newWorld(t, simulator.Tenant{ID: "released", Kind: simulator.Workday}), folder: folder}
	temporal := filepath.Join(u.home, "temporal.db")
	require.NoError(t, os.WriteFile(temporal, u.kept("temporal.db"), 0o600))
	u.server, u.queue = temporaltest.Start(t, "--db-filename", temporal), releasedQueue
	require.NoError(t, os.WriteFile(filepath.Join(u.home, "secrets.key"), u.kept("secrets.key"), 0o600))
	u.database = "sqlite://" + filepath.Join(u.home, "rollcall.db")
	if filepath.Base(folder) == "postgres" {
		u.database = postgrestest.Start(t).Database(t)
		conn, err := pgx.Connect(t.Context(), u.database)
		require.NoError(t, err)
		_, err = conn.PgConn().Exec(t.Context(), string(u.kept("rollcall.sql"))).ReadAll()
		require.NoError(t, err)
		require.NoError(t, conn.Close(t.Context()))
	} else {
		require.NoError(t, os.WriteFile(filepath.Join(u.home, "rollcall.db"), u.kept("rollcall.db"), 0o600))
	}
	u.reports = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(u.kept(filepath.Base(r.URL.Path) + ".json"))
	}))
	t.Cleanup(u.reports.Close)
	u.settings = append(u.settings, "ROLLCALL_DATABASE_URL="+u.database)
	return u
}

// kept is the content of one of the recording's files.
func (u *upgrade) kept(name string) []byte {
	u.Helper()
	file, err := os.Open(filepath.Join(u.folder, name+".gz"))
	require.NoError(u, err)
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	require.NoError(u, err)
	data, err := io.ReadAll(unpacked)
	require.NoError(u, err)
	return data
}

// showsWhatWasKept holds the starter's words against those of the recording: more may be said, nothing else.
func (u *upgrade) showsWhatWasKept() {
	u.Helper()
	for _, tenant := range []string{holdingTenant, erasingTenant} {
		for _, command := range []string{"members", "groups", "changes", "runs"} {
			now := u.lines(command, tenant)
			recorded := bufio.NewScanner(bytes.NewReader(u.kept(tenant + "-" + command + ".jsonl")))
			recorded.Buffer(nil, 1<<20)
			n := 0
			for ; recorded.Scan(); n++ {
				var was map[string]any
				require.NoError(u, json.Unmarshal(recorded.Bytes(), &was))
				require.Empty(u, missing(was, now[n], command), "of line %d of %s of %s", n, command, tenant)
			}
			require.NoError(u, recorded.Err())
			require.Len(u, now, n)
		}
		for _, r := range u.lines("runs", tenant) {
			u.starter(0, "report", tenant, r["run"].(string), "-o", "json")
			u.starter(0, "report", tenant, r["run"].(string))
		}
		for n, member := range u.lines("members", tenant) {
			if n%7 == 0 {
				require.Contains(u, u.starter(0, "why", tenant, member["id"].(string), "--reveal"), member["email"])
			}
		}
	}
	rejected := u.starter(0, "why", holdingTenant, "100004", "--reveal")
	require.Contains(u, rejected, "email_invalid")
}

// missing says where now lacks or contradicts what was said.
func missing(was, now any, path string) string {
	fields, ok := was.(map[string]any)
	if !ok {
		if !reflect.DeepEqual(was, now) {
			return fmt.Sprintf("%s: %v became %v", path, was, now)
		}
		return ""
	}
	present, _ := now.(map[string]any)
	for name, value := range fields {
		if found := missing(value, present[name], path+"."+name); found != "" {
			return found
		}
	}
	return ""
}

// readsEveryRow decodes all that the database has, by the code that the worker and the starter use.
func (u *upgrade) readsEveryRow() {
	u.Helper()
	s, err := store.Open(u.Context(), u.database)
	require.NoError(u, err)
	defer s.Close()
	seen := map[string]int{}
	for _, tenant := range []string{holdingTenant, erasingTenant} {
		runs, err := s.Runs(u.Context(), tenant, 100)
		require.NoError(u, err)
		for _, r := range runs {
			u.readsRun(s, r, seen)
		}
		for _, err := range s.KnownRows(u.Context(), tenant, false) {
			require.NoError(u, err)
			seen["known rows"]++
		}
		state, err := s.State(u.Context(), tenant)
		require.NoError(u, err)
		require.NotEmpty(u, state.Columns)
		for _, err := range s.Withheld(u.Context(), tenant) {
			require.NoError(u, err)
			seen["withheld"]++
		}
	}
	for _, noun := range []string{
		"opening", "roster", "issues", "rows", "simulation", "withheld", "known rows", string(plan.PartAdditions), string(plan.PartRemovals), string(plan.PartWithheld),
	} {
		require.NotZero(u, seen[noun], "the recording has nothing of %s: %v", noun, seen)
	}
}

func (u *upgrade) readsRun(s *store.Store, r run.Run, seen map[string]int) {
	u.Helper()
	staged := stage.NewRun(s, r)
	if _, err := staged.Opening(u.Context()); err == nil {
		seen["opening"]++
	} else {
		require.ErrorIs(u, err, ledger.ErrNotFound, "only a run that read nothing has none")
		require.True(u, r.Preview)
	}
	for _, err := range staged.Roster(u.Context()) {
		require.NoError(u, err)
		seen["roster"]++
	}
	for _, err := range staged.Issues(u.Context()) {
		require.NoError(u, err)
		seen["issues"]++
	}
	rows, err := staged.Rows(u.Context())
	require.NoError(u, err)
	for _, err := range rows.All {
		require.NoError(u, err)
		seen["rows"]++
	}
	for _, part := range plan.Parts() {
		for _, err := range staged.Part(u.Context(), part) {
			require.NoError(u, err)
			seen[string(part)]++
		}
	}
	var result any
	found, err := staged.Simulation(u.Context(), &result)
	require.NoError(u, err)
	if found {
		seen["simulation"]++
	}
	for _, err := range s.RunChanges(u.Context(), r.Tenant, r.ID) {
		require.NoError(u, err)
		seen["changes"]++
	}
}

// finishesWhatWasUnderWay has this code's worker end the erasure, release the held removals, and take them back.
func (u *upgrade) finishesWhatWasUnderWay() {
	u.Helper()
	t := u.T
	before := u.profiles(holdingTenant)
	u.start()
	held := u.status(holdingTenant)
	require.NotNil(t, held.Hold, "the recorded plan waits for a decision")
	u.starter(0, "apply", "-f", u.yaml("released.yaml", fmt.Sprintf(`tenants:
  - id: %s
    name: Acme
    schedule: {cron: "0 3 1 1 *", timezone: UTC}
    workday: {users: %[2]s/users, groups: %[2]s/groups, username: rollcall, password: "${PLANTED_PASSWORD}"}
`, holdingTenant, u.reports.URL)))
	u.eventually(func() bool { return u.erasureEnded() }, "the erasure ends")

	applied := u.approve(holdingTenant, run.Result{Held: &run.HeldPlan{Plan: held.Hold.Plan}})
	require.Equal(t, run.Applied, applied.Outcome)
	require.Positive(t, applied.Changes.Departed)
	u.requireAudit(holdingTenant)

	taken := u.undo(holdingTenant, applied.Run)
	require.Equal(t, run.Applied, u.approve(holdingTenant, taken).Outcome)
	after := u.profiles(holdingTenant)
	for id, profile := range before {
		require.Empty(t, missing(profile, after[id], id))
	}
	u.requireAudit(holdingTenant)
}

// erasureEnded tells whether the recorded erasure has completed.
func (u *upgrade) erasureEnded() bool {
	u.Helper()
	ctx, cancel := context.WithTimeout(u.Context(), 10*time.Second)
	defer cancel()
	c := u.client()
	listed, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = %q", workflows.EraseName),
	})
	if err != nil || len(listed.GetExecutions()) != 1 {
		return false
	}
	execution := listed.GetExecutions()[0].GetExecution()
	var erased workflows.EraseResult
	if err := c.GetWorkflow(ctx, execution.GetWorkflowId(), execution.GetRunId()).Get(ctx, &erased); err != nil {
		return false
	}
	require.Equal(u, 1, erased.Erased.Members)
	return true
}
