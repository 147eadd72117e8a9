package acceptance_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

// recordReleased is set to the name of a release to record what its code keeps.
const recordReleased = "ROLLCALL_RECORD_RELEASED"

// Where what a release kept lies, by release and database. Files are never edited: a later release adds a folder.
const releasedFolder = "testdata/released"

// The tenants of a recording. One holds removals; the other is in the middle of an erasure.
const (
	holdingTenant = "acme"
	erasingTenant = "globex"
	releasedQueue = "released"
)

// recordReleases records what this code keeps, on both databases. `make released RELEASE=name` asks for it.
func recordReleases(t *testing.T, release string) {
	t.Helper()
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			folder := filepath.Join(releasedFolder, release, database)
			require.NoDirExists(t, folder, "what a release kept is never edited")
			recordRelease(t, folder, database)
		})
	}
}

func recordRelease(t *testing.T, folder, database string) {
	w := newWorld(t,
		simulator.Tenant{ID: holdingTenant, Kind: simulator.Workday, People: 60, Seed: 8, Churn: -1},
		simulator.Tenant{ID: erasingTenant, Kind: simulator.Workday, People: 20, Seed: 9, Churn: -1})
	temporalFile := filepath.Join(t.TempDir(), "temporal.db")
	temporal := temporaltest.Start(t, "--db-filename", temporalFile)
	w.server, w.queue = temporal, releasedQueue
	url := "sqlite://" + filepath.Join(w.home, "rollcall.db")
	if database == "postgres" {
		url = postgrestest.Start(t).Database(t)
		w.settings = append(w.settings, "ROLLCALL_DATABASE_URL="+url)
	}
	w.apply(holdingTenant, "")
	w.apply(erasingTenant, "")
	holdForTenYears(t, url)
	w.start()
	w.history(holdingTenant)
	require.Equal(t, run.Applied, w.resync(0, erasingTenant).Outcome)
	for _, tenant := range []string{holdingTenant, erasingTenant} {
		require.NoError(t, w.client().ScheduleClient().GetHandle(t.Context(), workflows.ScheduleID(tenant)).Delete(t.Context()))
	}
	w.stop(syscall.SIGTERM)
	w.eraseHalf(url)
	keepOutputs(w, folder)
	for _, report := range []string{"users", "groups"} {
		keepReport(w, folder, report)
	}
	temporal.Stop()
	keep(t, folder, "temporal.db", read(t, temporalFile))
	keep(t, folder, "secrets.key", read(t, filepath.Join(w.home, "secrets.key")))
	if database == "postgres" {
		keep(t, folder, "rollcall.sql", dump(t, url))
	} else {
		keep(t, folder, "rollcall.db", read(t, filepath.Join(w.home, "rollcall.db")))
	}
}

// history gives a tenant two applied syncs, rejected rows, a preview, removals that somebody rejected, and held ones.
func (w *world) history(tenant string) {
	w.Helper()
	value := func(person int, column, value string) {
		w.simulator.Inject(simulator.Fault{
			Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: person, Column: column,
			Value: json.RawMessage(`"` + value + `"`),
		})
	}
	value(3, "Email_-_Work", "broken@@")
	require.Equal(w, 1, w.resync(0, tenant).Rows.Rejected)
	w.simulator.Clear(tenant)
	value(3, "Email_-_Work", "broken@@")
	value(5, "Town", "Wabern bei Köln")
	value(7, "businessTitle", "Gärtner 'n' \\\"Co\\\"")
	require.Equal(w, run.Applied, w.resync(0, tenant).Outcome)
	w.starter(0, "preview", tenant)
	w.starter(0, "preview", tenant, "--levels", w.yaml("levels.yaml", "levels: {Director: Chief}\n"))
	w.removePeople(tenant, 20)
	rejected := w.resync(3, tenant)
	w.starter(0, "reject", tenant, rejected.Held.Plan, "--by", "jo")
	w.eventually(func() bool { return !w.status(tenant).Open }, "the rejected sync ends")
	w.tick(tenant, func() bool { s := w.status(tenant); return !s.Open && s.Result.Withheld > 0 })
	w.removePeople(tenant, 60)
	w.tick(tenant, func() bool { return w.status(tenant).Step == "holding" })
}

// holdForTenYears has plans wait for longer than settings can say: they are released long after the recording.
func holdForTenYears(t *testing.T, url string) {
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	defer s.Close()
	for _, id := range []string{holdingTenant, erasingTenant} {
		kept, err := s.Tenant(t.Context(), id)
		require.NoError(t, err)
		long := regexp.MustCompile(`"hold":"[^"]*"`).ReplaceAll(kept.Settings, []byte(`"hold":"87600h0m0s"`))
		require.NotEqual(t, kept.Settings, long)
		kept.Settings = long
		_, err = s.PutTenant(t.Context(), kept)
		require.NoError(t, err)
	}
}

// eraseHalf begins an erasure with a worker that can take its first step only.
func (w *world) eraseHalf(url string) {
	w.Helper()
	s, err := store.Open(context.Background(), url)
	require.NoError(w, err)
	defer s.Close()
	half := sdkworker.New(w.client(), w.queue, sdkworker.Options{})
	workflows.Register(half)
	half.RegisterActivityWithOptions((&activities.Activities{Erasures: s}).EraseMember, activity.RegisterOptions{Name: workflows.EraseMemberName})
	require.NoError(w, half.Start())
	defer half.Stop()
	email := w.lines("members", erasingTenant)[0]["email"].(string)
	begun := exec.Command(filepath.Join(w.binaries, "starter"), "erase", erasingTenant, email, "--yes", "--by", "jo")
	begun.Env = w.environment()
	require.NoError(w, begun.Start())
	defer func() {
		_ = begun.Process.Kill() // it waits for the erasure to end
		_ = begun.Wait()
	}()
	w.eventually(func() bool { return len(w.lines("members", erasingTenant)) == 19 }, "the person is out of the members")
	time.Sleep(2 * time.Second) // the workflow schedules its next step, which this worker doesn't have
}

// keepOutputs keeps what the starter said of both tenants.
func keepOutputs(w *world, folder string) {
	for _, tenant := range []string{holdingTenant, erasingTenant} {
		for _, command := range []string{"members", "groups", "changes", "runs"} {
			keep(w.T, folder, tenant+"-"+command+".jsonl", []byte(w.starter(0, command, tenant, "-o", "json")))
		}
	}
}

// keepReport keeps what the holding tenant's directory answers.
func keepReport(w *world, folder, name string) {
	access := w.simulator.Access(holdingTenant)
	url := map[string]string{"users": access.Users, "groups": access.Groups}[name]
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	require.NoError(w, err)
	request.SetBasicAuth(access.Username, access.Password)
	response, err := http.DefaultClient.Do(request)
	require.NoError(w, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(w, err)
	keep(w.T, folder, name+".json", body)
}

// dump is a PostgreSQL database as statements that any client can execute.
func dump(t *testing.T, url string) []byte {
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	require.NoError(t, err)
	require.NotEmpty(t, programs, "no pg_dump: it comes with Debian's postgresql-client")
	command := exec.Command(programs[len(programs)-1], "--inserts", "--no-owner", "--no-privileges", url)
	command.Env = []string{"PATH=/usr/bin:/bin"}
	out, err := command.Output()
	require.NoError(t, err)
	var statements strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, `\`) { // psql's own
			statements.WriteString(line)
		}
	}
	return []byte(statements.String())
}

func read(t *testing.T, path string) []byte {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func keep(t *testing.T, folder, name string, data []byte) {
	require.NoError(t, os.MkdirAll(folder, 0o755))
	file, err := os.Create(filepath.Join(folder, name+".gz"))
	require.NoError(t, err)
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	require.NoError(t, err)
	_, err = packed.Write(data)
	require.NoError(t, err)
	require.NoError(t, packed.Close())
}
